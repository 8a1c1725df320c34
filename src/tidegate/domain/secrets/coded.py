"""Text that hides in an encoding: stretches of base64, hexadecimal and percent escapes, and what they decode to."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from tidegate.domain.secrets.needles import IDS, WIDTHS
from tidegate.domain.secrets.windows import window

DEPTH = 2
_BASE64 = re.compile(rb"[0-9A-Za-z+/_\r\n-]*")
_HEX = re.compile(rb"[0-9A-Fa-f\r\n]*")
_TWO = re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e]\0){12,}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


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
    ends = [0, 0, 0, 0]
    turns: set[int] = set()
    for place in places:
        end, number = divmod(place, IDS)
        code = number - first
        if code < 0:
            continue
        start = end - WIDTHS[code]
        if code == 0:
            if start >= ends[0]:
                ends[0], turns = _run(_BASE64, data, start), set()
            if start % 4 not in turns:
                turns.add(start % 4)
                yield from _base64(data, start, ends[0])
        elif start >= ends[code]:
            if code == 1:
                ends[1] = _run(_HEX, data, start)
                yield from _hex(data, start, ends[1])
            elif code == 3:
                ends[3] = _run(_TWO, data, start)
                # In the other order the last character has no NUL behind it.
                last = ends[3] + (start > 0 and data[start - 1] == 0)
                yield Decoded(data[start:last:2], start, ends[3], 2.0)
            else:
                begin, ends[2], _ = window(data, start)
                ends[2] = max(ends[2], end)
                yield Decoded(unquote_to_bytes(data[begin : ends[2]]), begin, ends[2], 1.0)


def _run(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    match = pattern.match(data, start)
    return match.end() if match else start


def _base64(data: bytes, start: int, end: int) -> Iterator[Decoded]:
    text = data[start:end].translate(_URL_SAFE, b"\r\n")
    text = text[: len(text) // 4 * 4] if len(text) % 4 == 1 else text + b"=" * (-len(text) % 4)
    try:
        yield Decoded(base64.b64decode(text), start, end, 4 / 3)
    except (binascii.Error, ValueError):
        return


def _hex(data: bytes, start: int, end: int) -> Iterator[Decoded]:
    text = data[start:end].translate(None, b"\r\n")
    yield Decoded(bytes.fromhex(text[: len(text) // 2 * 2].decode()), start, end, 2.0)
