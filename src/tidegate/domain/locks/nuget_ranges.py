"""NuGet's version ranges: in one spelling, and as far as telling a locked version that lies outside of one."""

import re

from tidegate.domain.locks import numbered

_INTERVAL = re.compile(r"([\[(])\s*([^,\[\]()\s]*)\s*(?:(,)\s*([^,\[\]()\s]*)\s*)?([\])])")


def spelled(written: str) -> str:
    """`1.0`, `1.0.0` and `[1.0.0, )` as one; what is no range comes back as it is."""
    text = written.strip()
    match = _INTERVAL.fullmatch(text)
    if match is None:
        return f"[{_plain(text)}, )" if text and not re.search(r"[\s\[\](),$@%]", text) else text
    low = _plain(match[2])
    high = _plain(match[4] or "") if match[3] else low
    return f"{match[1]}{low}, {high}{match[5]}"


def outside(version: str, wanted: str) -> bool:
    """True when `version` certainly lies outside (NuGet "Version ranges"); False for what cannot be read."""
    have, match = numbered.read(version), _INTERVAL.fullmatch(spelled(wanted))
    if have is None or match is None:
        return False
    low, high = _floor(match[2]), numbered.read(match[4] or "")
    if low is not None and (have.key < low or (have.key == low and match[1] == "(")):
        return True
    return high is not None and (have.key > high.key or (have.key == high.key and match[5] == ")"))


def _floor(text: str) -> numbered.Key | None:
    """The least a bound allows; a floating one (`1.2.*`, `1.0.0-*`) allows all its prereleases."""
    if "*" not in text:
        version = numbered.read(text)
        return version.key if version else None
    fixed = numbered.read(re.split(r"[.-]?[^.-]*\*", text, maxsplit=1)[0] or "0")
    return (numbered.padded(fixed.numbers), numbered.LOWEST) if fixed else None


def _plain(text: str) -> str:
    """A version of three numbers, or four where the last is not zero (NuGet "Normalized version numbers")."""
    version = numbered.read(text)
    if version is None or text.lower().startswith("v"):
        return text.lower()
    numbers = numbered.padded(version.numbers)
    kept = numbers if numbers[3] else numbers[:3]
    return ".".join(map(str, kept)) + (f"-{version.pre.lower()}" if version.pre else "")
