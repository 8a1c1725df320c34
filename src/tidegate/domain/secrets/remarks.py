"""The comment that asks to let a credential pass: from its line or the one before, and never with a value in it."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

_REACH = 4096
_OURS = b"tidegate:allow"
_WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]")
_THEIRS = re.compile(rb"pragma: ?allowlist[ -](?:nextline[ -])?secret")


def remark(data: bytes, at: int, spans: Sequence[tuple[int, int]]) -> str:
    """What `pragmas.comment` says of the line of `at`, else of the line before where that holds nothing else; or "".

    `spans` are where all values lie, in order; none of them is repeated.
    """
    begin, last = line(data, at)
    lines = [(begin, last)]
    if begin and data[begin - 1] == 0x0A:
        lines.append(line(data, begin - 1))
    for begin, stop in lines:
        found = data.find(_OURS, begin, stop)
        if found < 0 or (stop < at and _WORD.search(data, begin, found)):
            continue
        from tidegate.domain.secrets.pragmas import comment  # needed by few

        values = [data[a:b].decode("utf-8", "replace") for a, b in _within(spans, begin, last)]
        said = comment(data[begin:stop].decode("utf-8", "replace"), values)
        if said:
            return said
    return ""


def asks(data: bytes, at: int) -> bool:
    """Does a comment on the line of `at` ask, here or as detect-secrets has it, to let it pass?"""
    begin, stop = line(data, at)
    return data.find(_OURS, begin, stop) >= 0 or _THEIRS.search(data, begin, stop) is not None


def line(data: bytes, at: int) -> tuple[int, int]:
    """Start and end of the line of a place, or of the 4 kB around it of a longer one."""
    begin = data.rfind(b"\n", max(0, at - _REACH), at) + 1 or max(0, at - _REACH)
    end = data.find(b"\n", at, at + _REACH)
    return begin, end if end >= 0 else min(len(data), at + _REACH)


def _within(spans: Sequence[tuple[int, int]], begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """Those that touch a stretch; as they do not overlap, at most one begins before it."""
    at = bisect_left(spans, (begin, begin))
    for span in spans[max(0, at - 1) :]:
        if span[0] >= stop:
            return
        if span[1] > begin:
            yield span
