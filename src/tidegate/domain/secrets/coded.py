"""Text that hides in an encoding: stretches of base64, hexadecimal and escapes, and what they decode to."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from tidegate.domain.secrets.needles import IDS, WIDTHS

DEPTH = 2
BACK = 192
"""So much before the first text of a run may hold the beginning of what is in it."""
AHEAD = 2048
SOLID = 24
"""So many letters of base64 are found without a break."""
BEFORE = 1024
AFTER = 3072
"""What is judged around an escape: a token that is no longer than `BEFORE` lies whole in one of the stretches."""
_LETTER = rb"[0-9A-Za-z+/_-]"
# The next line may be indented, quoted, a comment, or written as an escape.
_BREAK = rb"(?:[\"'\\, \t]{0,8}\r?\n[ \t\"'#>*|]{0,80}|\r|(?:\\[rn])+[\"' \t\\]{0,4}(?:\r?\n[ \t\"'#>*|]{0,80})?)"
_BASE64 = re.compile(rb"(?:" + _LETTER + rb"+|" + _BREAK + rb")*")
_BACKWARDS = re.compile(rb"[0-9A-Za-z+/_\r\n\-]*")
_ESCAPED = re.compile(rb"\\[rn]")
_NO_LETTERS = bytes(each for each in range(256) if not re.fullmatch(_LETTER, bytes((each,))))
_HEX = re.compile(rb"[0-9A-Fa-f\r\n]*")
_TWO = re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e]\0){12,}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_ESCAPE = re.compile(
    rb"\\u00([2-7][0-9A-Fa-f])|\\x([2-7][0-9A-Fa-f])|&#x([2-7][0-9A-Fa-f]);?|&#(3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6]);?"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the bytes from `start` to `end` say; `scale` bytes there are about one byte of `data`."""

    data: bytes
    start: int
    end: int
    scale: float

    def outer(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the decoded text lies in the encoded."""
        first = min(self.end - 1, self.start + int(start * self.scale))
        return first, max(first + 1, min(self.end, self.start + int(end * self.scale) + 1))


def decoded(data: bytes, places: list[int], first: int) -> Iterator[Decoded]:
    """Every stretch once, of the places whose numbers are `first` and the following, in the order of `CODES`."""
    ends = [0] * len(WIDTHS)
    run = _Run(data)
    for place in places:
        end, number = divmod(place, IDS)
        code = number - first
        if code < 0:
            continue
        start = end - WIDTHS[code]
        if code in {0, 4}:
            if run.is_new(start):
                yield from run.texts()
        elif start >= ends[code]:
            if code == 1:
                ends[1] = _end(_HEX, data, start)
                yield from _hex(data, start, ends[1])
            elif code == 3:
                ends[3] = _end(_TWO, data, start)
                # In the other order the last character has no NUL behind it.
                last = ends[3] + (start > 0 and data[start - 1] == 0)
                yield Decoded(data[start:last:2], start, ends[3], 2.0)
            else:
                begin, stop = _around(data, start)
                ends[code] = max(stop, end)
                piece = data[begin : ends[code]]
                said = unquote_to_bytes(piece) if code == 2 else _ESCAPE.sub(_character, piece)
                yield Decoded(said, begin, ends[code], 1.0)


class _Run:
    """The run of base64 that was come to last. Its text may begin at each of four letters: each is decoded once, from
    the first place where it makes sense."""

    __slots__ = ("_at", "_data", "_end", "_letters", "_turns")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = self._end = self._letters = 0
        self._turns: set[int] = set()

    def is_new(self, start: int) -> bool:
        """Go on to a place; is it the first of its kind?"""
        ahead = start - self._at
        if start >= self._end:
            self._end = _end(_BASE64, self._data, start)
            self._letters, self._turns = 0, set()
        else:
            # What counts is the number of letters: line breaks between them may be of any width, but none is within
            # what was found at the last place.
            self._letters += ahead if ahead < SOLID else len(_letters(self._data[self._at : start]))
        self._at = start
        turn = self._letters % 4
        if turn in self._turns:
            return False
        self._turns.add(turn)
        return True

    def texts(self) -> Iterator[Decoded]:
        start, data = self._at, self._data
        yield from _base64(_letters(data[start : self._end]), start, self._end)
        # A token may begin with letters that share their four with what is no text, or that end the line before.
        before = _letters(_before(data, start))
        before = before[len(before) % 4 :]
        if before:
            stop = min(self._end, start + AHEAD)
            yield from _base64(before + _letters(data[start:stop]), max(0, start - len(before)), stop)


def _before(data: bytes, start: int) -> bytes:
    match = _BACKWARDS.match(data[max(0, start - BACK) : start][::-1])
    return match[0][::-1] if match else b""


def _letters(text: bytes) -> bytes:
    if b"\\" in text:
        text = _ESCAPED.sub(b"", text)
    return text.translate(_URL_SAFE, _NO_LETTERS)


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    match = pattern.match(data, start)
    return match.end() if match else start


def _around(data: bytes, at: int) -> tuple[int, int]:
    """The line of a place, or what is near it in a longer one."""
    begin = max(0, at - BEFORE)
    stop = data.find(b"\n", at, at + AFTER)
    return max(begin, data.rfind(b"\n", begin, at) + 1), stop if stop >= 0 else min(len(data), at + AFTER)


def _character(match: re.Match[bytes]) -> bytes:
    code = match[1] or match[2] or match[3]
    return bytes((int(code, 16),)) if code else bytes((int(match[4]),))


def _base64(text: bytes, start: int, end: int) -> Iterator[Decoded]:
    text = text[: len(text) // 4 * 4] if len(text) % 4 == 1 else text + b"=" * (-len(text) % 4)
    try:
        yield Decoded(base64.b64decode(text), start, end, 4 / 3)
    except (binascii.Error, ValueError):
        return


def _hex(data: bytes, start: int, end: int) -> Iterator[Decoded]:
    text = data[start:end].translate(None, b"\r\n")
    yield Decoded(bytes.fromhex(text[: len(text) // 2 * 2].decode()), start, end, 2.0)
