"""What a detector is: which members it wants to see, how much of them, and the packages it reads from one."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.python_names import canonicalize_name
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, Source, SourceKind

MAX_WORD = 512
MAX_REQUIRES = 5_000
_WORD = re.compile(r"[^\s\x00-\x20\x7f-\xa0\ud800-\udfff]+")


class NamelessError(FormatError):
    """A record that says neither name nor version, so that no package can be missed by not reading it."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of record.

    `how` is what `Packed.how` says. `wants(path, head)` is asked with a member's path and its first bytes (up to 64).
    `limit` bounds what is kept: a larger member is told as unreadable, or cut there where `head` says that the
    beginning is enough. `read(path, raw)` gives the packages and raises FormatError alone.
    """

    how: str
    wants: Callable[[str, bytes], bool]
    limit: int
    read: Callable[[str, bytes], Iterable[Locked]]
    head: bool = False
    beside: str = ""
    """Name of a file that must lie in the same folder for the record to mean a package."""
    strict: bool = False
    """True where a record that cannot be read is the fault of whoever built the artifact, and not a vendored oddity."""


def package(
    ecosystem: str,
    name: object,
    version: object,
    *,
    requires: Iterable[str] = (),
    licence: str = "",
    hashes: tuple[Digest, ...] = (),
    url: str = "",
) -> Locked:
    """A package found inside something. Raises FormatError for a name or version that is none.

    The name is normalised for its ecosystem, the version as its package manager reads it; that may be "".
    """
    if not isinstance(name, str) or not isinstance(version, str):
        raise FormatError("name or version is no text")
    version = _clean(ecosystem, version)
    if not _fits(name if ecosystem else name.replace(" ", "_")) or (version and not _fits(version.replace(" ", "_"))):
        raise FormatError("name or version is missing, too long, or holds spaces or control characters")
    wanted = tuple(dict.fromkeys(requires))
    if len(wanted) > MAX_REQUIRES:
        raise FormatError(f"it requires more than {MAX_REQUIRES} packages")
    normal = canonicalize_name(name) if ecosystem == "PyPI" else name
    return Locked(
        ecosystem,
        normal,
        name,
        version,
        Source(SourceKind.BUNDLED, url=url),
        hashes=hashes,
        requires=wanted,
        licence=" ".join(licence[:MAX_WORD].split()),
    )


def _clean(ecosystem: str, version: str) -> str:
    """Without blanks around it, and what npm (node-semver, `clean`) and Python (PEP 440) pass over before it."""
    bare = version.strip()
    before = {"npm": "=v \t", "PyPI": "vV"}.get(ecosystem, "")
    return bare.lstrip(before) if bare.lstrip(before)[:1].isdigit() else bare


def _fits(word: str) -> bool:
    return len(word) <= MAX_WORD and _WORD.fullmatch(word) is not None
