"""Cargo's version requirements, told in npm's terms, which mean the same once a bare version is a caret."""

import re

from tidegate.domain.locks import npm_ranges

_BARE = re.compile(r"\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
MAX_VERSION = 256
_OPERATOR = re.compile(r"(\^|~|>=|<=|>|<|=)\s+")


def outside(version: str, wanted: str) -> bool:
    """True when `version` certainly does not satisfy `wanted` (The Cargo Book, "Specifying Dependencies")."""
    parts = [_OPERATOR.sub(r"\1", part.strip()) for part in wanted.split(",")]
    if len(version) > MAX_VERSION:
        return False
    told = [f"^{part}" if _BARE.fullmatch(part) else part for part in parts if part]
    return not any(" " in part or "|" in part for part in told) and npm_ranges.outside(version, " ".join(told) or "*")
