"""Needles found without a vector engine, everywhere: by the words of the data, each looked at once in a run."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from tidegate.domain.secrets.needles import CODES, IDS, WHOLE, WIDTHS, Needle, Needles, Places

MAX_KNOWN = 150_000
MAX_KNOWN_BYTES = 8 << 20

_MIN = 3
_MARKS = b"_-+/~:$."
_BLANK = bytes(each if (each < 128 and chr(each).isalnum()) or each in _MARKS else 32 for each in range(256))
_STARTS = tuple(re.compile(b"(?=" + code + b")") for code in CODES)
_BASE64, _HEX, _PERCENT, _WIDE, _BASE64_WIDE, _ESCAPE = range(6)


class _Text:
    """One text of a needle."""

    __slots__ = ("fold", "number", "tail", "text")

    def __init__(self, number: int, text: bytes, needle: Needle) -> None:
        self.number, self.text, self.fold = number, text, needle.fold
        flags = re.DOTALL | re.IGNORECASE if needle.fold else re.DOTALL
        self.tail = re.compile(needle.tail, flags) if needle.tail else None


class Plain:
    """Splits the data into words, and looks for a needle only where one of them holds the longest word of it.

    The same words come again and again, in all files: what each holds is remembered.
    """

    name = "plain"

    def __init__(self, needles: Needles) -> None:
        self._first = needles.first
        self._texts = [
            _Text(number, text, needle) for number, needle in enumerate(needles.every) for text in needle.texts
        ]
        self._always: set[int] = set()
        self._parts: dict[bytes, set[int]] = {}
        for at, each in enumerate(self._texts):
            part = max(each.text.translate(_BLANK).lower().split(), key=len, default=b"")
            if len(part) < _MIN:
                self._always.add(at)
            else:
                self._parts.setdefault(part, set()).add(at)
        self._known: set[bytes] = set()
        self._known_bytes = 0
        self._telling: dict[bytes, set[int]] = {}
        """The words that hold a part or a code, and which texts, or (numbers below 0) codes, to look for then."""

    def places(self, data: bytes) -> Places:
        words = set(data.translate(_BLANK).split())
        new = words - self._known
        if new:
            self._learn(b" ".join(new), new)
        wanted = self._always.union(*(self._telling[word] for word in words & self._telling.keys()))
        wanted |= {~_PERCENT, ~_ESCAPE}
        if 0 in data:
            wanted.add(~_WIDE)
        lowered = data.lower()
        found: Places = []
        for at in wanted:
            if at >= 0:
                number = self._texts[at].number
                found += [end * IDS + number for end in _ends(self._texts[at], data, lowered)]
            else:
                found += [end * IDS + self._first + ~at for end in _coded(~at, data)]
        found.sort()
        return found

    def _learn(self, text: bytes, words: set[bytes]) -> None:
        if len(self._known) > MAX_KNOWN or self._known_bytes > MAX_KNOWN_BYTES:
            self._known.clear()
            self._telling.clear()
            self._known_bytes = 0
        self._known |= words
        self._known_bytes += len(text)
        for found in self._any.finditer(text.lower()):
            part = found[1]
            for size in range(_MIN, len(part) + 1):
                # Of the parts that begin at one place the longest is found, and it may begin with others.
                if part[:size] in self._parts:
                    self._tell(text, found.start(), self._parts[part[:size]])
        for code in (_BASE64, _HEX, _BASE64_WIDE):
            at = 0
            while match := WHOLE[code].search(text, at):
                at = self._tell(text, match.start(), {~code})

    def _tell(self, text: bytes, at: int, numbers: set[int]) -> int:
        """Keep the numbers with the word around a place; where it ends."""
        end = text.find(b" ", at)
        end = end if end >= 0 else len(text)
        word = text[text.rfind(b" ", 0, at) + 1 : end]
        self._telling[word] = self._telling.get(word, set()) | numbers
        return end

    @cached_property
    def _any(self) -> re.Pattern[bytes]:
        return re.compile(b"(?=(" + _one_of(sorted(self._parts)) + b"))")


def _ends(text: _Text, data: bytes, lowered: bytes) -> Iterator[int]:
    where = lowered if text.fold else data
    at = where.find(text.text)
    while at >= 0:
        end = at + len(text.text)
        if text.tail is None or text.tail.match(data, end):
            yield end
        at = where.find(text.text, at + 1)


def _coded(code: int, data: bytes) -> Iterator[int]:
    starts = WHOLE[code] if code in (_PERCENT, _ESCAPE) else _STARTS[code]
    return (match.start() + WIDTHS[code] for match in starts.finditer(data))


def _one_of(texts: Sequence[bytes], at: int = 0) -> bytes:
    """A pattern for the longest of sorted texts, all the same before `at`: what they share is written once."""
    ended = len(texts[0]) == at
    branches = []
    for _, group in groupby(texts[ended:], key=lambda text: text[at]):
        same = list(group)
        if len(same) == 1:
            branches.append(re.escape(same[0][at:]))
        else:
            branches.append(re.escape(same[0][at : at + 1]) + _one_of(same, at + 1))
    whole = b"(?:" + b"|".join(branches) + b")"
    return (whole + b"?" if branches else b"") if ended else whole
