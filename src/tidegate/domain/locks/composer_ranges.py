"""Composer's version constraints, told in npm's terms where these can say the same."""

import re

from tidegate.domain.locks import npm_ranges

MAX_VERSION = 256
_FLAG = re.compile(r"@(?:dev|alpha|beta|RC|stable)$", re.IGNORECASE)
_TERM = re.compile(r"(\^|~|>=|<=|>|<|==?|)\s*v?(\d+(?:\.\d+){0,3})(-[0-9A-Za-z.-]+)?", re.ASCII)
_STARRED = re.compile(r"v?(\d+(?:\.\d+)?)\.\*", re.ASCII)
_HYPHEN = re.compile(r"\s*\S+\s+-\s+\S+\s*")
_VERSION = re.compile(r"v?(\d+(?:\.\d+){0,3})(?:[.-]?(.+))?", re.ASCII)


def outside(version: str, wanted: str) -> bool:
    """True when `version` certainly does not satisfy `wanted` (Composer, "Versions and constraints").

    Branches, aliases and versions of four numbers are left to Composer.
    """
    have = _version(version)
    if not have or len(have) > MAX_VERSION or len(wanted) > 1000:
        return False
    choices = [_choice(part) for part in re.split(r"\|\|?", wanted)]
    return None not in choices and all(npm_ranges.outside(have, part) for part in choices if part is not None)


def _version(written: str) -> str:
    """`1.2.3` or `1.2.3-RC1` with three numbers, "" for what cannot be said so."""
    match = _VERSION.fullmatch(written)
    numbers = match[1].split(".") if match else []
    while len(numbers) > 3 and numbers[-1] == "0":
        numbers.pop()
    if match is None or len(numbers) > 3:
        return ""
    suffix = match[2] or ""
    if re.match(r"(?:p|pl|patch|stable)\b|(?:p|pl|patch)\d", suffix, re.IGNORECASE) or "+" in suffix:
        return ""
    return ".".join([*numbers, "0", "0"][:3]) + (f"-{suffix}" if suffix else "")


def _choice(written: str) -> str | None:
    """One side of an `||`; None when it cannot be told."""
    if _HYPHEN.fullmatch(written):
        return None
    joined = re.sub(r"(\^|~|>=|<=|>|<|==?)\s+", r"\1", written.replace(",", " ").strip())
    terms = [_term(_FLAG.sub("", term)) for term in joined.split()]
    return None if None in terms or not terms else " ".join(term for term in terms if term is not None)


def _term(written: str) -> str | None:
    if written in ("*", ""):
        return "*"
    starred = _STARRED.fullmatch(written)
    if starred:
        return f"{starred[1]}.x"
    match = _TERM.fullmatch(written)
    if match is None:
        return None
    operator, numbers, suffix = match[1], match[2].split("."), match[3] or ""
    if len(numbers) > 3:
        return None
    low = ".".join([*numbers, "0", "0"][:3]) + (suffix or "-0")
    if operator == "~" and len(numbers) < 3:
        return f">={low} <{int(numbers[0]) + 1}.0.0-0"
    match operator:
        case "^" | "~":
            return f"{operator}{low}"
        case ">=" | "<":
            return f"{operator}{low}"
    exact = ".".join([*numbers, "0", "0"][:3]) + suffix
    return f"{operator or '='}{exact}".replace("==", "=")
