"""Maven orders versions by its own specification, in which `1-alpha < 1 < 1-sp < 1-foo < 1-1 < 1.1`.

(Maven POM reference, "Version Order Specification")
"""

import re
from functools import lru_cache

from tidegate.domain.matching.orders.ordered import MAX_LENGTH, Ordered, refused

_TEXT = re.compile(r"[!-~]+")
_TOKEN = re.compile(r"([.-])?([0-9]+|[^0-9.-]+|(?=[.-]|$))")
_KNOWN = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4, "": 5, "final": 5, "ga": 5,
          "release": 5, "sp": 6}  # fmt: skip
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
_UNKNOWN = 7

# (class, number or rank, word); a qualifier stands before "-number", that before ".number".
_Token = tuple[int, int, str]
_QUALIFIER, _DASHED, _DOTTED = 0, 1, 2
_END: _Token = (_QUALIFIER, _KNOWN[""], "")
"""The padding of the shorter version. Against `.0` the padding is `.0`, but a `.0` that is not trimmed has a number
above 0 behind it, so the longer version is the greater one either way."""


@lru_cache(maxsize=32768)
def maven(text: str) -> Ordered:
    if len(text) > MAX_LENGTH or not _TEXT.fullmatch(text):
        raise refused("Maven", text)
    kept: list[_Token] = []
    for token in _tokens(text.lower()):
        if token[0] != _DOTTED:
            _trim(kept)
        kept.append(token)
    _trim(kept)
    return (*kept, _END)


def _tokens(text: str) -> list[_Token]:
    """Tokens with their separators; a change between digits and letters counts as `-`, nothing between two as 0."""
    found: list[_Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:  # pragma: no cover - the pattern matches at every place
            raise refused("Maven", text)
        separator, word = match.groups()
        place = match.end()
        if word.isdigit() or not word:
            dotted = separator == "." or not found
            found.append((_DOTTED if dotted else _DASHED, int(word or 0), ""))
        else:
            found.append(_qualifier(word, text[place : place + 1].isdigit()))
    return found


def _qualifier(word: str, numbered: bool) -> _Token:
    word = _SHORT.get(word, word) if numbered else word
    rank = _KNOWN.get(word, _UNKNOWN)
    return (_QUALIFIER, rank, word if rank == _UNKNOWN else "")


def _trim(tokens: list[_Token]) -> None:
    """Take "null" values off the end: 0, "", `final`, `ga`, `release`."""
    while tokens and (tokens[-1] == _END or (tokens[-1][0] != _QUALIFIER and tokens[-1][1] == 0)):
        tokens.pop()
