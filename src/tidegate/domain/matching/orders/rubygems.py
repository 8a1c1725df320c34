"""RubyGems orders segments, in which a word stands before every number and what is missing is 0."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from tidegate.domain.matching.orders.ordered import MAX_LENGTH, Ordered, refused

_GEM = re.compile(r"[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?")
_SEGMENT = re.compile(r"[0-9]+|[a-zA-Z]+")

_Segment = tuple[int, int, str]
_ZERO: _Segment = (1, 0, "")


@dataclass(frozen=True, slots=True)
class _Segments:
    """Segments without zeros at the end, compared as if zeros without end followed."""

    parts: tuple[_Segment, ...]

    def __lt__(self, other: "_Segments") -> bool:
        for mine, its in zip_longest(self.parts, other.parts, fillvalue=_ZERO):
            if mine != its:
                return mine < its
        return False


@lru_cache(maxsize=32768)
def rubygems(text: str) -> Ordered:
    """`Gem::Version#<=>`: `-` reads as `.pre.`; zeros before the first word and at the end do not count."""
    if len(text) > MAX_LENGTH or not _GEM.fullmatch(text):
        raise refused("RubyGems", text)
    segments = [_segment(word) for word in _SEGMENT.findall(text.replace("-", ".pre."))]
    first = next((place for place, segment in enumerate(segments) if segment[0] == 0), len(segments))
    return _Segments((*_trimmed(segments[:first]), *_trimmed(segments[first:])))


def _segment(word: str) -> _Segment:
    return (1, int(word), "") if word.isdigit() else (0, 0, word)


def _trimmed(segments: list[_Segment]) -> list[_Segment]:
    kept = list(segments)
    while kept and kept[-1] == _ZERO:
        kept.pop()
    return kept
