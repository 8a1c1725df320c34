"""A fleet as JSON (`schemas/fleet-table-v1.json`): the counts, and every result, the worst first."""

from collections.abc import Sequence
from importlib.resources import files

from tidegate.formats.records import to_plain
from tidegate.model.fleet import Examined, Fleet, weight, worst
from tidegate.reporters.fleet import words
from tidegate.reporters.json_report import dumps

SCHEMA = "https://tidegate.dev/schemas/fleet-table-v1.json"


def schema() -> str:
    """The published JSON Schema (draft 2020-12) of what `render` writes."""
    return (files("tidegate.reporters") / "schemas" / "fleet-table-v1.json").read_text("utf-8")


def render(fleet: Fleet, results: Sequence[Examined]) -> str:
    return dumps(
        {
            "schema": SCHEMA,
            "tool": fleet.tool,
            "policy": {"path": fleet.policy_path, "digest": fleet.policy},
            "rows": to_plain(fleet.rows),
            "exit_code": worst(tuple(results)).value,
            "counts": {name.value: number for name, number in words.counts(results).items()},
            "repositories": [{"verdict": weight(each).value, **to_plain(each)} for each in results],
        }
    )
