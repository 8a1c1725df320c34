"""The rooms of the composition root are imported when they are used, and each name has one."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tidegate.cli import wire


def test_what_is_declared_is_what_is_found() -> None:
    tree = ast.parse(Path(wire.__file__).read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    declared = {
        alias.name: str(node.module).rpartition(".")[2]
        for node in imports
        if str(node.module).startswith(f"{wire.__name__}.")
        for alias in node.names
    }
    assert declared == wire._ROOM_OF
    for name in declared:
        assert getattr(wire, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        getattr(wire, "nothing")  # noqa: B009 - mypy knows that it is not there


def test_a_room_brings_no_other_room() -> None:
    code = "import sys; from tidegate.cli import wire; wire.clock; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert {each for each in modules if each.startswith("tidegate.cli.wire.")} == {"tidegate.cli.wire.machine"}
