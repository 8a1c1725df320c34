"""JSON as PHP's `json_encode` writes it when it is given no options and arrays for objects."""

import re

from tidegate.errors import FormatError

MAX_DEPTH = 100
_LARGEST = 2**63
_SPECIAL = re.compile(r'["\\/\x00-\x1f]|[^\x00-\x7f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def encode(value: object) -> str:
    """Raises FormatError for a number PHP would write in a way of its own."""
    parts: list[str] = []
    _write(value, parts, 0)
    return "".join(parts)


def _write(value: object, parts: list[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise FormatError("the document is nested too deeply")
    if isinstance(value, dict):
        if _is_list(value):
            _write(list(value.values()), parts, depth)
            return
        for number, (key, one) in enumerate(value.items()):
            parts.append(f"{',' if number else '{'}{_text(str(key))}:")
            _write(one, parts, depth + 1)
        parts.append("}")
    elif isinstance(value, list):
        parts.append("[")
        for number, one in enumerate(value):
            parts.append("," if number else "")
            _write(one, parts, depth + 1)
        parts.append("]")
    else:
        parts.append(_scalar(value))


def _is_list(value: dict[object, object]) -> bool:
    """PHP knows one kind of array: an object without members, or with members `0`, `1`, … in order, is a list."""
    return all(str(number) == key for number, key in enumerate(value))


def _scalar(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if -_LARGEST <= value < _LARGEST:
            return str(value)
        case float() if abs(value) < 1e15 and (value == 0 or abs(value) >= 1e-4):
            return ("-" if str(value).startswith("-") else "") + repr(abs(value)).removesuffix(".0")
        case str():
            return _text(value)
    raise FormatError("a number is too large to compare")


def _text(value: str) -> str:
    return f'"{_SPECIAL.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _SHORT:
        return _SHORT[character]
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
