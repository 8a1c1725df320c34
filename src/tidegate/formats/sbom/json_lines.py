"""JSON laid out for people who compare two documents: each entry of a top-level list is a line, in one quick pass."""

import json
from collections.abc import Iterator

from tidegate.formats.sbom.fields import Json

# Made once: `json.dumps` makes an encoder for every call with a switch of its own.
_compact = json.JSONEncoder(ensure_ascii=False).encode


def lines(members: Json) -> str:
    """The members of an object without its braces; an iterator is a list of at least one.

    Python's own indented form takes three times as long.
    """
    return ",\n".join([f"{_compact(key)}: {_laid_out(value)}" for key, value in members.items()])


def document(*members: str) -> str:
    """An object of what `lines` gave, ending in a newline."""
    return "{\n" + ",\n".join(filter(None, members)) + "\n}\n"


def _laid_out(value: object) -> str:
    if not isinstance(value, Iterator) and (not isinstance(value, list) or not value):
        return _compact(value)
    return "[\n" + ",\n".join(map(_compact, value)) + "\n]"
