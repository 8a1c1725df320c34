"""What the repository says about itself is true: generated pages, tables, commands, and no trace of a machine."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

import tidegate
from tidegate.all_rules import RULES
from tidegate.all_stages import ROWS
from tidegate.cli.commands import COMMANDS
from tidegate.formats import registries
from tidegate.model.control import Control
from tidegate.policy.controls import Controls

ROOT = Path(__file__).parents[1]


def test_the_rules_page_is_what_the_rules_say() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert (ROOT / "docs" / "rules.md").read_text() == generate.render(), "run `make docs`"


def test_every_row_has_a_control_a_stage_a_section_of_the_policy_and_rules() -> None:
    assert [row.control for row in ROWS] == list(Control)
    sections = {field.alias or name for name, field in Controls.model_fields.items()}
    assert sections == {control.value for control in Control}
    for control in Control:
        assert (ROOT / "src/tidegate/stages" / f"{control.value.replace('-', '_')}.py").is_file()
        assert any(rule.control is control for rule in RULES.values()), control


def test_every_rule_says_what_why_and_how_to_mend_it() -> None:
    for name, rule in RULES.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name), name
        for text in (rule.says, rule.why, rule.fix):
            assert text, name
            assert not text.endswith("."), name
            assert not re.match(r"[A-Z]([a-z]|[^A-Za-z0-9-])", text), (name, text)


def test_the_import_contract_holds_every_module_of_the_command_line() -> None:
    """All but the composition root, which is what knows adapters."""
    held = set(re.findall(r"^    tidegate\.cli\.([a-z_]+)$", (ROOT / ".importlinter").read_text(), re.MULTILINE))
    places = (ROOT / "src/tidegate/cli").iterdir()
    there = {path.stem for path in places if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert there - held == {"__init__", "wire"}


def test_every_command_the_readme_shows_exists() -> None:
    shown = set(re.findall(r"tidegate ([a-z]+)\b", (ROOT / "README.md").read_text()))
    assert shown <= set(COMMANDS) | {"is", "gate"}, shown - set(COMMANDS)


def test_the_public_face_is_there_and_nothing_else() -> None:
    for name in tidegate.__all__:
        assert getattr(tidegate, name) is not None
    with pytest.raises(AttributeError):
        tidegate.__getattr__("nothing")


def test_no_file_names_a_package_registry() -> None:
    """Registry hosts come from libraries at run time: the repository names nobody's mirror and nobody's registry."""
    hosts = {host for ecosystem in ("PyPI", "npm") for host in registries.public_hosts(ecosystem)}
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix != ".zip":
            text = path.read_bytes()
            assert not any(host.encode() in text for host in hosts), name
