"""npm's version ranges, as far as telling a locked version that lies outside of what was asked for."""

import re

_VERSION = re.compile(r"[v=\s]*(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_PARTIAL = re.compile(
    r"(\^|~>?|>=|<=|>|<|=)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?",
    re.ASCII,
)
_HYPHEN = re.compile(r"\s*(\S+)\s+-\s+(\S+)\s*")

Key = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
_RELEASE: tuple[tuple[int, int, str], ...] = ((2, 0, ""),)


def outside(version: str, wanted: str) -> bool:
    """True when `version` certainly does not satisfy `wanted` (node-semver "Ranges"); False on everything else.

    Tags, addresses and what cannot be read are not ranges; prerelease exclusion is left to npm.
    """
    text = wanted.strip()
    if text.startswith("npm:"):
        text = text[4:].rpartition("@")[2] if "@" in text[5:] else "*"
    match = _VERSION.fullmatch(version)
    if match is None or len(text) > 1000:
        return False
    have = _key(match)
    verdicts = [_satisfies(have, part) for part in text.split("||")]
    return bool(verdicts) and all(verdict is False for verdict in verdicts)


def _key(match: re.Match[str]) -> Key:
    return int(match[1]), int(match[2]), int(match[3]), _pre(match[4])


def _pre(text: str | None) -> tuple[tuple[int, int, str], ...]:
    if not text:
        return _RELEASE
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in text.split("."))


def _satisfies(have: Key, part: str) -> bool | None:
    """None when the part is not understood."""
    hyphen = _HYPHEN.fullmatch(part)
    if hyphen:
        return _all(have, [f">={hyphen[1]}", f"<={hyphen[2]}"])
    joined = re.sub(r"(\^|~>?|>=|<=|>|<|=)\s+", r"\1", part.strip())
    return _all(have, joined.split())


def _all(have: Key, comparators: list[str]) -> bool | None:
    answers = [_one(have, comparator) for comparator in comparators]
    if any(answer is None for answer in answers):
        return None
    return all(answers)


def _one(have: Key, comparator: str) -> bool | None:
    match = _PARTIAL.fullmatch(comparator)
    if match is None or any(len(one or "") > 15 for one in match.groups()[1:4]):
        return None
    operator = (match[1] or "").replace("~>", "~")
    numbers = [int(one) for one in _until_wild(match.groups()[1:4])]
    low: Key = (*_padded(numbers), _pre(match[5]) if len(numbers) == 3 else _RELEASE)
    floor: Key = low if match[5] else (*low[:3], ((0, -1, ""),)) if len(numbers) < 3 else low
    if not numbers:
        return operator not in {">", "<"}
    match operator:
        case ">=":
            return have >= floor
        case "<":
            return have < floor
        case ">":
            return have > low if len(numbers) == 3 else have >= _next(numbers, len(numbers) - 1)
        case "<=":
            return have <= low if len(numbers) == 3 else have < _next(numbers, len(numbers) - 1)
        case "^":
            fixed = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
            return floor <= have < _next(numbers, fixed)
        case "~":
            return floor <= have < _next(numbers, min(1, len(numbers) - 1))
    return have == low if len(numbers) == 3 else floor <= have < _next(numbers, len(numbers) - 1)


def _until_wild(parts: tuple[str | None, ...]) -> list[str]:
    kept: list[str] = []
    for part in parts:
        if part is None or part in "xX*":
            break
        kept.append(part)
    return kept


def _padded(numbers: list[int]) -> tuple[int, int, int]:
    first, second, third = [*numbers, 0, 0, 0][:3]
    return first, second, third


def _next(numbers: list[int], at: int) -> Key:
    """The lowest version above all that share the numbers up to `at`."""
    return (*_padded([*numbers[:at], numbers[at] + 1]), ((0, -1, ""),))
