"""Is one policy at least as tight as another, field by field? What cannot be compared is weaker."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tidegate.errors import Fault
from tidegate.policy.directions import DIRECTIONS, ORDERS, Way
from tidegate.policy.durations import duration
from tidegate.policy.schema import Policy

_SHOWN = 80


def weaker(policy: Policy, floor: Policy, levels: Mapping[str, str]) -> tuple[Fault, ...]:
    """Each field in which `policy` is weaker than `floor`; `levels` are the rules' own."""
    ours, theirs = _fields(policy), _fields(floor)
    told = []
    for name, way in DIRECTIONS.items():
        mine, wanted = ours[name], theirs[name]
        row = name.rpartition(".")[0]
        if row.startswith("controls.") and theirs.get(f"{row}.required") is False and not name.endswith(".required"):
            continue  # the other does not ask for this row at all
        if isinstance(way, str):
            good = _word(mine, wanted, way)
        elif way is Way.UNTIL:
            good = ours[f"{row}.enforce"] == "shut" or _until(ours, theirs, row)
        elif way is Way.LEVELS:
            good = _levels(mine, wanted, levels)
        else:
            good = _WAYS[way](mine, wanted)
        if not good:
            told.append(Fault(f"`{name}` is {_shown(mine)}, weaker than {_shown(wanted)}", policy.path))
    return tuple(told)


def names(model: type[Any], before: str = "") -> Iterator[str]:
    """The fields of a model, those of its sections by their dotted names."""
    for name, field in model.model_fields.items():
        full = f"{before}{field.alias or name}"
        if hasattr(field.annotation, "model_fields"):
            yield from names(field.annotation, f"{full}.")
        else:
            yield full


def _fields(policy: Policy) -> dict[str, Any]:
    """Every field's value as JSON has it, what names a file by that file's content."""
    plain = json.loads(policy.model.model_dump_json(by_alias=True))
    values = {}
    for name, way in DIRECTIONS.items():
        value = plain
        for part in name.split("."):
            value = value[part]
        if way in (Way.FILE, Way.NO_FILE) or name.endswith((".vex", ".popular")) or name.startswith("trust."):
            value = _by_content(value, policy.files)
        values[name] = value
    return values


def _by_content(value: Any, files: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return files.get(value, value)
    if isinstance(value, list):
        return [_by_content(item, files) for item in value]
    if isinstance(value, dict):
        return {key: _by_content(item, files) for key, item in value.items()}
    return value


def _word(mine: Any, wanted: Any, order: str) -> bool:
    words = ORDERS[order]
    return mine in words and wanted in words and words.index(mine) >= words.index(wanted)


def _until(ours: Mapping[str, Any], theirs: Mapping[str, Any], row: str) -> bool:
    """Both only report: is ours over no later? Where the other shuts, `enforce` itself is told."""
    if theirs[f"{row}.enforce"] == "shut":
        return True
    mine, wanted = ours[f"{row}.until"], theirs[f"{row}.until"]
    if mine is not None or wanted is not None:
        return mine is not None and wanted is not None and mine <= wanted
    days, allowed = ours[f"{row}.report_days"], theirs[f"{row}.report_days"]
    return days is not None and allowed is not None and days <= allowed


def _levels(mine: Mapping[str, str], wanted: Mapping[str, str], levels: Mapping[str, str]) -> bool:
    every = {*mine, *wanted}
    return all(mine.get(r, levels.get(r)) == "fail" or wanted.get(r, levels.get(r)) == "warn" for r in every)


def _size(value: Any, none: float) -> float:
    if value is None or value == "unlimited":
        return none
    return duration(value).total_seconds() if isinstance(value, str) else float(value)


def _within(mine: Any, wanted: Any) -> bool:
    return all(each in wanted for each in mine)


def _chosen(mine: Any, wanted: Any) -> bool:
    if not isinstance(wanted, list):
        return not wanted or mine == wanted
    return not wanted or (bool(mine) and _within(mine, wanted))


_WAYS: dict[Way, Callable[[Any, Any], bool]] = {
    Way.FREE: lambda _mine, _wanted: True,
    Way.SAME: lambda mine, wanted: bool(mine == wanted),
    Way.TRUE: lambda mine, wanted: bool(mine) or not wanted,
    Way.FALSE: lambda mine, wanted: not mine or bool(wanted),
    Way.MORE: lambda mine, wanted: _size(mine, 0.0) >= _size(wanted, 0.0),
    Way.LESS: lambda mine, wanted: _size(mine, float("inf")) <= _size(wanted, float("inf")),
    Way.HOLDS: lambda mine, wanted: _within(wanted, mine),
    Way.WITHIN: _within,
    Way.NARROWS: lambda mine, wanted: not wanted or _within(mine, wanted),
    Way.CHOSEN: _chosen,
    Way.FILE: lambda mine, wanted: wanted is None or bool(mine == wanted),
    Way.NO_FILE: lambda mine, wanted: mine is None or bool(mine == wanted),
}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
