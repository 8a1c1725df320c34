"""detect-secrets' filters of lines and values, with its answers and in a time linear in a line's length."""

import os
import re
from functools import cache
from typing import Any

_PRAGMA = re.compile(r"pragma: ?(?:allow|white)list[ -]secret")
_NEXT_WORDS = "pragma: ?allowlist[ -]nextline[ -]secret"
_NEXT, _XML_NEXT = re.compile(" *" + _NEXT_WORDS), re.compile(r"[# \t]*" + _NEXT_WORDS)
_XML = "<!--"
Comments = tuple[tuple[str, str], ...]
COMMENTS: Comments = (("#", ""), ("//", ""), ("/*", "*/"), ("'", ""), ("--", ""), (_XML, "-->"))
"""How the comments it knows begin and end; of a `.yaml` file only the first."""
_MAX_INDIRECT = 1000
_INDIRECT = re.compile(r"[:=!]\s*[\w.-]+[\[(][^\v]*[\])]")
_ID = re.compile(r"(^(id|myid|userid)|_id)s?[^a-z0-9]", re.IGNORECASE)


def is_indirect(line: str) -> bool:
    """Is something called or looked up in this line? `is_indirect_reference`."""
    return len(line) <= _MAX_INDIRECT and _INDIRECT.search(line) is not None


def is_allowed(path: str, line: str, previous: str) -> bool:
    """Does a comment on this line, or one that is the whole line before, allow it? `is_line_allowlisted`."""
    comments = COMMENTS[:1] if os.path.splitext(path)[1] == ".yaml" else COMMENTS
    return ("list" in line and _allows(line, comments)) or ("list" in previous and allows_next(previous, comments))


def _allows(line: str, comments: Comments) -> bool:
    rest = _Rest(line)
    for match in _PRAGMA.finditer(line):
        for begin, end in comments:
            at = _back(line, match.start(), "# \t" if begin == _XML else " ")
            if line.endswith(begin, 0, at) and rest.ends(match.end(), end):
                return True
    return False


def allows_next(line: str, comments: Comments = COMMENTS) -> bool:
    """Is this line a comment that allows the next?"""
    rest, first = _Rest(line), len(line) - len(line.lstrip(" \t"))
    for begin, end in comments:
        if line.startswith(begin, first):
            match = (_XML_NEXT if begin == _XML else _NEXT).match(line, first + len(begin))
            if match and rest.ends(match.end(), end):
                return True
    return False


def _back(line: str, at: int, blanks: str) -> int:
    while at and line[at - 1] in blanks:
        at -= 1
    return at


class _Rest:
    """Is the rest of a line one line, and what does it end with?"""

    __slots__ = ("_break", "_line", "_stop")

    def __init__(self, line: str) -> None:
        stop = len(line) - line.endswith("\n")
        self._line = line
        self._break = line.rfind("\n", 0, stop)
        self._stop = _back(line, stop, " \t")

    def ends(self, at: int, end: str) -> bool:
        return self._break < at and self._line.endswith(end, at, max(at, self._stop))


class Ids:
    """Is a value behind the name of an id in its line? `is_likely_id_string`, with one search a line."""

    __slots__ = ("_end", "_line")

    def __init__(self, line: str) -> None:
        self._line = line
        self._end: int | None = None

    def has(self, value: str) -> bool:
        if self._end is None:
            match = _ID.search(self._line)
            self._end = match.end() if match else len(self._line) + 1
        return self._end <= len(self._line) and self._line.find(value) >= self._end


def is_dropped(value: str) -> bool:
    """Is this value no secret wherever it lies?"""
    heuristic = _heuristic()
    return bool(
        heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
    )


def is_unread(path: str) -> bool:
    """Is a file of that name left out?"""
    heuristic = _heuristic()
    return bool(heuristic.is_non_text_file(path) or heuristic.is_lock_file(path) or heuristic.is_swagger_file(path))


@cache
def _heuristic() -> Any:
    from detect_secrets.filters import heuristic

    return heuristic
