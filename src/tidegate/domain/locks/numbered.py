"""Versions of up to four numbers with a prerelease, ordered as far as a range needs, and bounds around them."""

import re
from dataclasses import dataclass

_VERSION = re.compile(
    r"v?(\d{1,15})((?:\.\d{1,15}){0,3})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,200})?", re.ASCII
)

Part = tuple[int, int, str]
Key = tuple[tuple[int, int, int, int], tuple[Part, ...]]

_RELEASE: tuple[Part, ...] = ((2, 0, ""),)
LOWEST: tuple[Part, ...] = ()
"""Before every prerelease of the same numbers."""


@dataclass(frozen=True, slots=True)
class Version:
    """`numbers` are those written, one to four; `pre` is "" for a release."""

    numbers: tuple[int, ...]
    pre: str = ""

    @property
    def key(self) -> Key:
        """Ordered as Semantic Versioning 2.0.0 item 11 says, case aside, with a fourth number."""
        return padded(self.numbers), prerelease(self.pre)


def read(text: str) -> Version | None:
    match = _VERSION.fullmatch(text.strip()) if len(text) <= 300 else None
    if match is None:
        return None
    numbers = (int(match[1]), *(int(part) for part in match[2].split(".") if part))
    return Version(numbers, match[3] or "")


def padded(numbers: tuple[int, ...]) -> tuple[int, int, int, int]:
    first, second, third, fourth = (*numbers, 0, 0, 0, 0)[:4]
    return first, second, third, fourth


def prerelease(text: str) -> tuple[Part, ...]:
    if not text:
        return _RELEASE
    return tuple((0, int(part[:18]), "") if part.isdigit() else (1, 0, part.lower()) for part in text.split("."))


def fits(have: Key, operator: str, bound: Key) -> bool | None:
    """A plain comparison; None for an operator that is none."""
    match operator:
        case ">=":
            return have >= bound
        case "<=":
            return have <= bound
        case ">":
            return have > bound
        case "<":
            return have < bound
        case "!=":
            return have != bound
        case "=" | "==" | "":
            return have == bound
    return None


def above(numbers: tuple[int, ...], at: int) -> Key:
    """The lowest version above all that share the numbers before `at`, prereleases of it included."""
    return padded((*numbers[:at], numbers[at] + 1)), LOWEST
