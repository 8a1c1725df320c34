"""What detect-secrets lists of a file, beside what our own engine found in it: named and placed as our own findings."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from tidegate.domain.secrets import naming, profile
from tidegate.domain.secrets.engine import Hit
from tidegate.domain.secrets.fingerprint import WEAK, Fingerprints, bits
from tidegate.domain.secrets.remarks import remark

TIER = "audit"
MAX_LISTED = 10_000
_QUOTED = re.compile(r'[\x00-\x1f"\\\x7f-\U0010ffff]')
_BREAK = re.compile(rb"\r\n?|\n")


def is_listed(path: str) -> bool:
    """Does detect-secrets see a file of that name? Of names that git quotes it looks for the quoted one."""
    return _QUOTED.search(path) is None


def beside(
    hits: Sequence[Hit], path: str, data: bytes, keys: Fingerprints, watch: Callable[[Hit, bytes], None] | None = None
) -> list[Hit]:
    """The findings of `detect-secrets scan` in a tracked file that `hits`, our own, do not lie on, in order.

    At most `MAX_LISTED`. `watch` is shown each and the bytes of its value, which it must not keep.
    """
    found = profile.scan(path, data)[:MAX_LISTED] if is_listed(path) else []
    if not found:
        return []
    lines, taken, names = _Lines(data), _Taken(hits), _Names(keys, path)
    placed = [(each, lines.at(each.line, each.value)) for each in found]
    spans = sorted(span for _, (_, span) in placed if span is not None)
    made = []
    for each, (column, span) in placed:
        name, key = names.of(each, lines.text(each.line), column)
        if column and taken.touches(each.line, column, column + len(each.value)):
            continue
        said = remark(data, span[0] if span else lines.start(each.line), spans)
        width = len(each.value) if column else 1
        hit = Hit(
            named(each.type), says(each.type), each.line, column or 1, width, name, tier=TIER, key=key, pragma=said
        )
        made.append(hit)
        if watch is not None:
            watch(hit, each.value.encode("utf-8", "surrogatepass"))
    return made


def named(kind: str) -> str:
    """What findings of one of its plugins are called: `ds-secret-keyword`."""
    return "ds-" + "-".join(re.findall(r"[a-z0-9]+", kind.lower()))


def says(kind: str) -> str:
    return f"what detect-secrets calls `{kind}`"


class _Names:
    """Names values: a strong one by itself, a weak one by what it is given to, with its number where that is one of
    several."""

    def __init__(self, keys: Fingerprints, place: str) -> None:
        self._keys, self._place = keys, place
        self._seen: dict[tuple[str, str], int] = {}

    def of(self, each: profile.Audited, line: str, column: int) -> tuple[str, str]:
        """(fingerprint, key)"""
        if bits(each.value) >= WEAK:
            return self._keys.of(named(each.type), each.value), ""
        before = naming.key_before(line, column - 1) if column else ""
        number = self._seen[each.type, before] = self._seen.get((each.type, before), 0) + 1
        several = f"{before} {number}" if number > 1 else before
        return self._keys.placed(self._place, named(each.type), several), naming.shown(before, each.value)


class _Taken:
    """Where our own findings lie; no two of them overlap."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._spans: dict[int, list[tuple[int, int]]] = {}
        for hit in sorted(hits, key=lambda hit: (hit.line, hit.column)):
            self._spans.setdefault(hit.line, []).append((hit.column, hit.column + hit.width))

    def touches(self, line: int, begin: int, end: int) -> bool:
        spans = self._spans.get(line, [])
        at = bisect_left(spans, (end, 0)) - 1
        return at >= 0 and spans[at][1] > begin


class _Lines:
    """The lines of a file as detect-secrets counts them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0, *(match.end() for match in _BREAK.finditer(data))]
        self._last = 0, ""

    def start(self, number: int) -> int:
        return self._starts[min(number, len(self._starts)) - 1]

    def text(self, number: int) -> str:
        """The text of a line, "" behind the last."""
        if number > len(self._starts):
            return ""
        if self._last[0] != number:
            end = self._starts[number] if number < len(self._starts) else len(self._data)
            text = self._data[self._starts[number - 1] : end].decode("utf-8", "replace")
            self._last = number, text.rstrip("\r\n")
        return self._last[1]

    def at(self, number: int, value: str) -> tuple[int, tuple[int, int] | None]:
        """The column of a value in its line, 0 where it is written otherwise there, and its bytes."""
        text = self.text(number)
        at = text.find(value) if value else -1
        if at < 0:
            return 0, None
        begin = self.start(number) + (at if text.isascii() else len(text[:at].encode()))
        return at + 1, (begin, begin + len(value.encode()))
