"""JSON read so that two readers cannot see two documents: no duplicate keys, no NaN, bounded in size and depth."""

import json
import math
import re
from collections.abc import Collection, Mapping
from typing import NoReturn

from tidegate.errors import FormatError
from tidegate.formats.text import utf8

MAX_DEPTH = 100
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(raw: bytes, *, limit: int, what: str) -> object:
    """Read one JSON document (RFC 8259, UTF-8 without byte order mark) of at most `limit` bytes.

    `what` names the document in messages. Raises FormatError for anything else: duplicate keys, NaN and infinities,
    lone surrogates, more than `MAX_DEPTH` levels, trailing text.
    """
    text = utf8(raw, limit=limit, what=what)
    try:
        value: object = json.loads(text, object_pairs_hook=_once, parse_constant=_constant, parse_float=_finite)
    except _Refused as error:
        raise FormatError(f"{what} {error.message}", line=_second(text, error.key)) from None
    except json.JSONDecodeError as error:
        raise FormatError(f"{what} is not JSON: {error.msg.lower()}", line=error.lineno) from None
    except RecursionError:
        raise FormatError(f"{what} is nested too deeply") from None
    except ValueError:
        raise FormatError(f"{what} holds a number too large to read") from None
    if _depth_beyond(value, MAX_DEPTH):
        raise FormatError(f"{what} is nested too deeply")
    if _SURROGATE.search(raw):
        _refuse_surrogates(value, what)
    return value


def spelt_otherwise(plain: Mapping[str, object], known: Collection[str]) -> str:
    """A key that is one of `known` in another spelling, "" for none: readers written in Go take it for that one, and
    of two the last."""
    folded = {key.casefold(): key for key in known}
    return next((key for key in plain if folded.get(key.casefold(), key) != key), "")


class _Refused(Exception):
    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.key = key


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused(f"has the key {key[:80]!a} twice in one object", key)
            seen.add(key)
    return members


def _constant(word: str) -> NoReturn:
    raise _Refused(f"holds {word}, which is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused("holds a number too large to read")
    return number


def _second(text: str, key: str) -> int | None:
    """The line of a duplicate key, where the document has exactly two members of that name."""
    if not key:
        return None
    places = [match.start() for match in re.finditer(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:", text)]
    return text.count("\n", 0, places[1]) + 1 if len(places) == 2 else None


def _depth_beyond(value: object, limit: int) -> bool:
    # The types are exact, since `json` makes no others, and asking for them this way takes half the time.
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if type(node) is dict or type(node) is list
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _refuse_surrogates(value: object, what: str) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise FormatError(f"{what} holds half a surrogate pair") from None
