"""Alpine orders numbers, a letter, suffixes, a commit and a revision, as apk-tools 3 does (`version.c`)."""

import re
from functools import lru_cache

from tidegate.domain.matching.orders.ordered import MAX_LENGTH, Ordered, refused

_SUFFIXES = ("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p")
_APK = re.compile(
    r"(?P<first>[0-9]+)(?P<numbers>(?:\.[0-9]+)*)(?P<letter>[a-z]?)"
    rf"(?P<suffixes>(?:_(?:{'|'.join(_SUFFIXES)})[0-9]*)*)(?P<commit>~[0-9a-f]+)?(?:-r(?P<revision>[0-9]+))?"
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")

# Where two versions go on differently, the kind of the next piece decides; a suffix before a release is less than
# the end, everything else is more.
_BEFORE, _END, _REVISION, _COMMIT, _COUNT, _AFTER, _LETTER, _NUMBER = range(8)
_Piece = tuple[int, int, str]


@lru_cache(maxsize=8192)
def alpine(text: str) -> Ordered:
    match = _APK.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise refused("Alpine", text)
    pieces: list[_Piece] = [(_NUMBER, int(match["first"]), "")]
    pieces += [_number(digits) for digits in match["numbers"].split(".")[1:]]
    if match["letter"]:
        pieces.append((_LETTER, 0, match["letter"]))
    for word, count in _SUFFIX.findall(match["suffixes"]):
        rank = _SUFFIXES.index(word)
        pieces.append((_BEFORE if rank < _SUFFIXES.index("cvs") else _AFTER, rank, ""))
        if count:
            pieces.append((_COUNT, int(count), ""))
    if match["commit"]:
        pieces.append((_COMMIT, 0, match["commit"]))
    if match["revision"]:
        pieces.append((_REVISION, int(match["revision"]), ""))
    return (*pieces, (_END, 0, ""))


def _number(digits: str) -> _Piece:
    """Behind the first point, a number with a leading zero is a decimal fraction and compared as text."""
    return (_NUMBER, 0, digits) if digits.startswith("0") else (_NUMBER, int(digits), "")
