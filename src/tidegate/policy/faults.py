"""What pydantic says, in words a person can act on, at the line of the YAML it is about."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from tidegate.errors import Fault
from tidegate.policy import controls, schema, trust

Place = tuple[int, int]
Marks = Mapping[tuple[str | int, ...], Place]

_PLAIN = {
    "bool_type": "expected true or false",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "list_type": "expected a list",
    "model_type": "expected a mapping",
    "dict_type": "expected a mapping",
    "date_type": "expected a date such as 2027-02-01",
    "date_from_datetime_parsing": "expected a date such as 2027-02-01",
    "date_parsing": "expected a date such as 2027-02-01",
}


def explain(error: ValidationError, marks: Marks, path: str) -> Iterator[Fault]:
    """One Fault for each thing pydantic found."""
    for item in error.errors(include_url=False):
        loc = tuple(item["loc"])
        yield Fault(_message(item), path, line_of(loc, marks), _hint(item))


def line_of(loc: Sequence[str | int], marks: Marks) -> int | None:
    """The line of the deepest part of `loc` the document has; union tags in `loc` are passed over."""
    known: tuple[str | int, ...] = ()
    for part in loc:
        if (*known, part) in marks:
            known = (*known, part)
    place = marks.get(known)
    return place[0] if place else None


def _dotted(loc: Sequence[str | int]) -> str:
    text = ""
    for part in loc:
        if part in ("key", "identity") and text.endswith("]"):
            continue  # the union's tag, not a key of the document
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _message(item: Any) -> str:
    kind, loc = item["type"], tuple(item["loc"])
    name = _dotted(loc)
    if kind == "extra_forbidden":
        return f"unknown key `{loc[-1]}`" + (f" in `{_dotted(loc[:-1])}`" if len(loc) > 1 else "")
    if kind == "missing":
        return f"`{_dotted(loc[:-1])}` lacks `{loc[-1]}`"
    if kind in _PLAIN:
        return f"`{name}`: {_PLAIN[kind]}, found {_shown(item['input'])}"
    if kind == "value_error":
        return (f"`{name}`: " if name else "") + str(item["ctx"]["error"])
    return f"`{name}`: {item['msg'][0].lower()}{item['msg'][1:]}"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(value), repr(value)[:60])


def _hint(item: Any) -> str:
    loc = item["loc"]
    if item["type"] == "extra_forbidden":
        return did_you_mean(str(loc[-1]), _all_names())
    if item["type"] == "missing" and "identity" in loc:
        return "a trust entry is a `key`, or an `issuer` with `source_repository` and `signer_workflow`"
    if item["type"] == "bool_type" and isinstance(item["input"], str):
        return "write `true` or `false` without quotes"
    return ""


def did_you_mean(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


@cache
def _all_names() -> tuple[str, ...]:
    names: set[str] = set()
    for kind in (*vars(schema).values(), *vars(controls).values(), *vars(trust).values()):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= {field.alias or name for name, field in kind.model_fields.items()}
    return tuple(sorted(names))
