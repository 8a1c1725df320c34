"""Why two contents of one file most likely differ, judged line by line: a guess for whoever mends the build."""

import re
from collections.abc import Iterator

from tidegate.formats.rebuild import Cause

_DAY, _MONTH = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = rb"\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?"
_TIMES = re.compile(
    rb"\d{4}-\d{2}-\d{2}(?:[T_ ]\d{2}[:.-]\d{2}(?:[:.-]\d{2}(?:[.,]\d{1,9})?)?)?(?:Z|[+-]\d{2}:?\d{2})?"
    rb"|" + _DAY + rb",? \d{1,2} " + _MONTH + rb" \d{4} " + _CLOCK + rb"(?: [+-]\d{4}| [A-Z]{3,4})?"
    rb"|" + _DAY + rb" " + _MONTH + rb" +\d{1,2} " + _CLOCK + rb"(?: [A-Z]{3,4})? \d{4}"
    rb"|" + _CLOCK + rb"|(?<!\d)20\d{6}(?:[T_.-]?\d{4,6})?(?!\d)"
    rb"|(?<!\d)1[5-9]\d{8}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?(?!\d)"
)
_ITEMS = re.compile(rb"[\s,;\[\](){}]+")
_PYC_HEADER = 16
_LONG_LINE = 1 << 16


def of_content(member: str, left: bytes | None, right: bytes | None, folder: bytes) -> tuple[Cause, ...]:
    """Causes of one difference. `left` was released, `right` built in `folder`; None is too large to look into."""
    if left is None or right is None:
        return (Cause.CONTENT,)
    if member.endswith(".pyc"):
        return tuple(_bytecode(left, right, folder))
    if left.replace(b"\r\n", b"\n") == right.replace(b"\r\n", b"\n"):
        return (Cause.LINE_ENDS,)
    lines = left.split(b"\n"), right.split(b"\n")
    if sorted(lines[0]) == sorted(lines[1]):
        return (Cause.ORDER,)
    if len(lines[0]) != len(lines[1]):
        return (Cause.BUILD_PATH, Cause.CONTENT) if folder in right else (Cause.CONTENT,)
    found = {cause for one, two in zip(*lines, strict=True) if one != two for cause in _line(one, two, folder)}
    return tuple(cause for cause in Cause if cause in found)


def _line(left: bytes, right: bytes, folder: bytes) -> Iterator[Cause]:
    if len(left) + len(right) > _LONG_LINE:
        yield Cause.CONTENT
    elif folder in right:
        yield Cause.BUILD_PATH
        # Around the path the released line must say the same, else there is more to it.
        before, _, rest = right.partition(folder)
        after = rest.rpartition(folder)[2]
        if not _same_start(left, before) or not _same_end(left, after):
            yield Cause.CONTENT
    elif _TIMES.sub(b"\0", left) == _TIMES.sub(b"\0", right):
        yield Cause.TIMESTAMP
    elif sorted(_ITEMS.split(left)) == sorted(_ITEMS.split(right)):
        yield Cause.ORDER
    else:
        yield Cause.CONTENT


def _same_start(left: bytes, before: bytes) -> bool:
    masked = _TIMES.sub(b"\0", before)
    return _TIMES.sub(b"\0", left).startswith(masked)


def _same_end(left: bytes, after: bytes) -> bool:
    masked = _TIMES.sub(b"\0", after)
    return _TIMES.sub(b"\0", left).endswith(masked)


def _bytecode(left: bytes, right: bytes, folder: bytes) -> Iterator[Cause]:
    """Compiled Python: its first 16 bytes hold the source's time (PEP 552), its code the path it was compiled at."""
    yield Cause.BYTECODE
    if left[_PYC_HEADER:] == right[_PYC_HEADER:]:
        yield Cause.TIMESTAMP
    elif folder in right:
        yield Cause.BUILD_PATH
