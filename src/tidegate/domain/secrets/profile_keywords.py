"""detect-secrets' keyword patterns find in a line what the library's search finds, in a time linear in its length.

Its patterns begin with a keyword and `\\w*`, then go on with what cannot begin with a word character, so only where a
whole word ends counts, and every keyword in one word leads to the same end.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

_TICK, _QUOTES, _NO_LAST = "`", "'\"`", ",`"
_STOP = re.compile("['\"\v]")
_COMPARED = re.compile(r"""['"`]\s*[!=]{2,3}(?![!=])\s*(\w*)""")
_CLOSED = re.compile("['\"`];")
_BLANKS = re.compile(r"\s*")
_NEAR = re.compile(r"\S{0,51}")
REACH = 50
"""How far behind a keyword a quoted value before a semicolon may begin."""


def values(path: str, line: str) -> set[str]:
    """What `KeywordDetector` takes for a secret in one line of a file of that name."""
    text = _Line(line)
    return {value for form in _forms(_kind(path)) if (value := form(text)) is not None}


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A keyword with the rest of its word: in any case, and as it is written."""
    from detect_secrets.plugins import keyword

    words = f"(?:{'|'.join(keyword.DENYLIST)})"
    return re.compile(words + r"\w*", re.IGNORECASE), re.compile(words + r"\w*")


def _kind(path: str) -> str:
    from detect_secrets.util.filetype import determine_file_type

    return determine_file_type(path).name


@dataclass(slots=True)
class _Line:
    text: str
    _stop: tuple[int, int] = (0, -1)
    _ticks: dict[tuple[int, str], int] = field(default_factory=dict)

    def ends(self, folded: bool = True) -> Iterator[int]:
        """Where each word with a keyword ends."""
        for match in _words()[0 if folded else 1].finditer(self.text):
            yield match.end()

    def stop(self, at: int) -> int:
        """Where a value that begins at `at` ends at the latest: at a quote, a line break or the end."""
        begin, end = self._stop
        if not begin <= at <= end:
            match = _STOP.search(self.text, at)
            self._stop = at, match.start() if match else len(self.text)
        return self._stop[1]

    def is_word(self, at: int) -> bool:
        return self.text[at : at + 1].isalnum() or self.text[at : at + 1] == "_"

    def quoted(self, at: int, tail: str = "") -> str | None:
        """The value in the quotes opened at `at`, when `tail` follows them."""
        begin = at + 1
        if not self.is_word(begin):
            return None
        end = self.stop(begin)
        if self.text[at] == _TICK:
            end = self._last_tick(begin, end, tail)
            return self.text[begin:end] if end > begin else None
        is_closed = self.text.startswith(self.text[at] + tail, end) and self.text[end - 1] not in _NO_LAST
        return self.text[begin:end] if is_closed else None

    def _last_tick(self, begin: int, end: int, tail: str) -> int:
        """The last backtick before `end` that can close a value, or -1; it closes every value of that stretch."""
        found = self._ticks.get((end, tail))
        if found is None:
            found = self.text.rfind(_TICK + tail, begin, end)
            while found > begin and self.text[found - 1] in _NO_LAST:
                found = self.text.rfind(_TICK + tail, begin, found)
            self._ticks[end, tail] = found = found if found > begin else -1
        return found

    def bare(self, at: int) -> str | None:
        if not self.is_word(at):
            return None
        return self.text[at : self.stop(at)].rstrip(_NO_LAST)


_Form = Callable[[_Line], str | None]


@dataclass(frozen=True, slots=True)
class _After:
    """A keyword, then `head`, then a value: in one of `quotes`, or bare when it may be."""

    head: re.Pattern[str]
    quotes: str = _QUOTES
    may_be_bare: bool = False
    folded: bool = True

    def __call__(self, line: _Line) -> str | None:
        for end in line.ends(self.folded):
            match = self.head.match(line.text, end)
            if match is None:
                continue
            at = match.end()
            if line.text[at : at + 1] and line.text[at] in self.quotes:
                value = line.quoted(at)
            else:
                value = line.bare(at) if self.may_be_bare else None
            if value is not None:
                return value
        return None


def _before_semicolon(line: _Line) -> str | None:
    if _CLOSED.search(line.text) is None:
        return None
    for end in line.ends():
        for at in _openings(line.text, end):
            value = line.quoted(at, ";")
            if value is not None:
                return value
    return None


def _openings(text: str, end: int) -> Iterator[int]:
    """Where a quote may open: in the characters next to a keyword, or behind the blanks that follow those."""
    near = _NEAR.match(text, end)
    limit = near.end() if near else end
    for at in range(end, limit):
        if text[at] in _QUOTES:
            yield at
    if limit - end <= REACH:
        blanks = _BLANKS.match(text, limit)
        at = blanks.end() if blanks else limit
        if limit < at < len(text) and text[at] in _QUOTES:
            yield at


def _compared(line: _Line) -> str | None:
    """`"value" == password`: of the values the one that begins first, and of those the longest."""
    best: tuple[int, int] | None = None
    text, segments = line.text, _Segments(line)
    for match in _COMPARED.finditer(text):
        close = match.start()
        if _words()[1].search(match[1]) is None or text[close - 1 : close] in ("", ",", "`"):
            continue
        opened = segments.opening(close)
        if 0 <= opened < close - 1 and (best is None or (opened, -close) < (best[0], -best[1])):
            best = opened, close
    return None if best is None else text[best[0] + 1 : best[1]]


@dataclass(slots=True)
class _Segments:
    line: _Line
    _before: int = -1
    _seen: int = 0
    _ticks: dict[int, int] = field(default_factory=dict)

    def opening(self, close: int) -> int:
        """Where a value that closes at `close` begins at the earliest, or -1. Ask from left to right."""
        text = self.line.text
        for match in _STOP.finditer(text, self._seen, close):
            self._before = match.start()
        self._seen = close
        before = self._before
        if text[close] != _TICK:
            is_open = before >= 0 and text[before] == text[close] and self.line.is_word(before + 1)
            return before if is_open else -1
        if before not in self._ticks:
            at = text.find(_TICK, before + 1)
            while at >= 0 and not self.line.is_word(at + 1):
                at = text.find(_TICK, at + 1)
            self._ticks[before] = at
        return self._ticks[before]


_CLOSING = r"""[]'"]{0,2}"""
FORMS: dict[str, _Form] = {
    "FOLLOWED_BY_COLON_EQUAL_SIGNS_REGEX": _After(re.compile(_CLOSING + r"\s*:=\s*"), may_be_bare=True),
    "FOLLOWED_BY_COLON_REGEX": _After(re.compile(_CLOSING + r":\s*"), may_be_bare=True),
    "FOLLOWED_BY_COLON_QUOTES_REQUIRED_REGEX": _After(re.compile(_CLOSING + r":\s*")),
    "FOLLOWED_BY_EQUAL_SIGNS_OPTIONAL_BRACKETS_OPTIONAL_AT_SIGN_QUOTES_REQUIRED_REGEX": _After(
        re.compile(r"(?:\[[0-9]*\])?\s*[!=]{1,2}\s*@?"), '"'
    ),
    "FOLLOWED_BY_OPTIONAL_ASSIGN_QUOTES_REQUIRED_REGEX": _After(re.compile(r"(?:.assign)?\("), '"', folded=False),
    "FOLLOWED_BY_EQUAL_SIGNS_REGEX": _After(re.compile(_CLOSING + r"\s*(?:={1,3}|!==?)\s*"), may_be_bare=True),
    "FOLLOWED_BY_EQUAL_SIGNS_QUOTES_REQUIRED_REGEX": _After(re.compile(_CLOSING + r"\s*(?:={1,3}|!==?)\s*")),
    "PRECEDED_BY_EQUAL_COMPARISON_SIGNS_QUOTES_REQUIRED_REGEX": _compared,
    "FOLLOWED_BY_QUOTES_AND_SEMICOLON_REGEX": _before_semicolon,
    "FOLLOWED_BY_ARROW_FUNCTION_SIGN_QUOTES_REQUIRED_REGEX": _After(re.compile(_CLOSING + r"\s*=>?\s*")),
}
"""What is done here for each of the library's patterns, by its name there."""


@cache
def _forms(kind: str) -> tuple[_Form, ...]:
    from detect_secrets.plugins import keyword

    asked = {
        kind.name: groups for kind, groups in keyword.REGEX_BY_FILETYPE.items()
    }.get(kind, keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP)  # fmt: skip
    named = {getattr(keyword, name): form for name, form in FORMS.items()}
    return tuple(named[pattern] for pattern in asked)
