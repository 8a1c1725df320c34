"""Bytes cut into pieces small enough to be judged: lines, and overlapping windows of lines that are too long."""

import codecs
import re

WINDOW = 2048
STEP = WINDOW // 2
"""Windows of a long line begin this far apart, counted from its start; what is judged depends on nothing else."""
REACH = 1024
"""A token is found whole when it is no longer than this, wherever it lies in a long line."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096
_PLAIN = re.compile(rb"[\x09\x0a\x0d\x20-\x7e]{12,}")
_WIDE = re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e]\0){12,}")


def readable(data: bytes) -> bytes:
    """UTF-16 and UTF-32 become UTF-8, told by their mark or by where the NUL bytes lie; all else stays as it is.

    A mark is two bytes that anybody can write before anything: text that is not what it says comes behind the rest.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    encoding = _unmarked(data[:_SAMPLE])
    return _decoded(data, encoding) if encoding else data


def _decoded(data: bytes, encoding: str) -> bytes:
    other = _PLAIN.findall(data)
    if encoding.startswith("utf-16"):
        turn = encoding == "utf-16-be"
        other += [run[0][::2] for run in _WIDE.finditer(data) if run.start() % 2 != turn]
    return b"\n".join((data.decode(encoding, "replace").encode("utf-8", "replace"), *other))


def _unmarked(sample: bytes) -> str:
    half = len(sample) // 2
    if half < 4 or b"\0" not in sample:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.6 and odd < half * 0.05 else ""
