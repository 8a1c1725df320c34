"""A `.secrets.baseline` of detect-secrets as hashes by path; what it accepts by a token's mere prefix is told apart.

Two of its plugins hash the prefix of a token or the header of a key in the place of the value. Such a hash accepts
every token of that kind, so none is taken over.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache

from tidegate.errors import FormatError
from tidegate.formats import strict_json

MAX_BYTES = 32 << 20
MAX_ENTRIES = 50_000

_SHA1 = re.compile(r"[0-9a-f]{40}")
_GITHUB = ("ghp", "gho", "ghu", "ghs", "ghr")
_GITLAB = ("glpat", "gldt", "glft", "glsoat", "glrt", "GR1348941", "glcbt", "glimt", "glptt", "glagent", "gloas")
_HEADERS = (
    *(f"BEGIN {kind}PRIVATE KEY" for kind in ("", "DSA ", "EC ", "OPENSSH ", "RSA ", "ENCRYPTED ")),
    "BEGIN PGP PRIVATE KEY BLOCK",
    "BEGIN SSH2 ENCRYPTED PRIVATE KEY",
    "PuTTY-User-Key-File-2",
    "PuTTY-User-Key-File-3",
)


@dataclass(frozen=True, slots=True)
class Hashed:
    """One entry: the SHA-1 of a value in a file. `real` says that somebody audited it as a real credential."""

    path: str
    kind: str
    sha1: str
    real: bool = False

    @property
    def bare(self) -> str:
        """The prefix or header the hash is of, "" when it is of something else."""
        return _bare().get(self.sha1, "")


def parse(raw: bytes) -> tuple[Hashed, ...]:
    """Every entry once, in order of path. Raises FormatError for anything but `detect-secrets`' own format."""
    what = "the detect-secrets baseline"
    document = strict_json.loads(raw, limit=MAX_BYTES, what=what)
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, dict):
        raise FormatError(f"{what} has no `results`", hint="make one with `detect-secrets scan`")
    found: dict[Hashed, None] = {}
    for path, entries in results.items():
        if not isinstance(entries, list):
            raise FormatError(f"{what}: the results of a file are not a list")
        for plain in entries:
            found.setdefault(_hashed(path, plain, what))
            if len(found) > MAX_ENTRIES:
                raise FormatError(f"{what} has more than {MAX_ENTRIES} entries")
    return tuple(sorted(found, key=lambda each: (each.path, each.kind, each.sha1)))


def _hashed(path: str, plain: object, what: str) -> Hashed:
    if not isinstance(plain, dict):
        raise FormatError(f"{what}: an entry is no object")
    kind, sha1, real = plain.get("type"), plain.get("hashed_secret"), plain.get("is_secret", False)
    if not isinstance(kind, str) or not isinstance(sha1, str) or not _SHA1.fullmatch(sha1):
        raise FormatError(f"{what}: an entry lacks `type` or `hashed_secret`")
    return Hashed(path.replace("\\", "/").removeprefix("./"), kind[:100], sha1, real is True)


@cache
def _bare() -> dict[str, str]:
    prefixes = [*_GITHUB, *_GITLAB, *_HEADERS]
    prefixes += [f"{each}_" for each in _GITHUB] + [f"{each}-" for each in _GITLAB]
    prefixes += [f"-----{each}" for each in _HEADERS] + [f"-----{each}-----" for each in _HEADERS] + ["", "None"]
    # glcbt tokens may carry a partition (two hexadecimal digits), which is then what is hashed.
    prefixes += [f"{a}{b}_" for a in "0123456789abcdefABCDEF" for b in "0123456789abcdefABCDEF"]
    return {hashlib.sha1(each.encode(), usedforsecurity=False).hexdigest(): each or "nothing" for each in prefixes}
