"""The files of a fleet's folder: one result a repository, and what all of them belong to."""

import json
import re
from typing import TypeVar

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.records import from_plain, to_plain
from tidegate.model.exit_code import ExitCode
from tidegate.model.fleet import Examined, Fleet
from tidegate.model.verdict import Outcome

RESULT = "https://tidegate.dev/schemas/fleet-result-v1.json"
FLEET = "https://tidegate.dev/schemas/fleet-v1.json"
MAX_BYTES = 8 << 20
_SURROGATE = re.compile("[\ud800-\udfff]")
_OPEN = frozenset({Outcome.PASS, Outcome.NOT_REQUIRED, Outcome.WOULD_SHUT})

T = TypeVar("T", Examined, Fleet)


def render(value: Examined | Fleet) -> str:
    """The same value always gives the same bytes."""
    schema = RESULT if isinstance(value, Examined) else FLEET
    return _dumps({"schema": schema, **to_plain(value)})


def _dumps(plain: object) -> str:
    return json.dumps(_paired(plain), indent=1, ensure_ascii=True) + "\n"


def _paired(value: object) -> object:
    """Half surrogate pairs, which JSON readers disagree about, become visible."""
    if isinstance(value, str):
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    if isinstance(value, list):
        return [_paired(item) for item in value]
    if isinstance(value, dict):
        return {key: _paired(item) for key, item in value.items()}
    return value


def read_result(raw: bytes) -> Examined:
    """Raises FormatError, also for a result whose rows do not give the exit code it states."""
    result = _read(raw, RESULT, Examined, "the result")
    if result.exit_code is not told(result):
        raise FormatError("the result states another exit code than its rows give", hint="remove it, and run again")
    return result


def read_fleet(raw: bytes) -> Fleet:
    return _read(raw, FLEET, Fleet, "`fleet.json`")


def told(result: Examined) -> ExitCode:
    """What the rows say, asked again."""
    outcomes = {cell.outcome for cell in result.cells} - {Outcome.LATER}
    if Outcome.FAIL in outcomes:
        return ExitCode.SHUT
    good = not result.why and outcomes <= _OPEN and Outcome.PASS in outcomes
    return ExitCode.OPEN if good and not any(c.count for c in result.cells if c.outcome is Outcome.PASS) else _DARK


_DARK = ExitCode.UNDECIDED


def _read(raw: bytes, schema: str, kind: type[T], what: str) -> T:
    plain = strict_json.loads(raw, limit=MAX_BYTES, what=what)
    if not isinstance(plain, dict) or plain.get("schema") != schema:
        raise FormatError(f"{what} is of another kind or version", hint="give a folder `tidegate fleet run` wrote")
    return from_plain(kind, {key: value for key, value in plain.items() if key != "schema"})
