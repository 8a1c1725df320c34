"""Which distribution an image is of, in the words of advisories (`os-release(5)`)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.text import shown
from tidegate.model.inventory import Packed

LIMIT = 64 << 10

_LINE = re.compile(r"([A-Z][A-Z0-9_]*)=(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^\s\"']*))\s*")
_ID = re.compile(r"[a-z0-9._-]{1,64}")
_NUMBERS = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,5}){0,3}")
_ALPINE = frozenset({("apk", "alpine-release"), ("apk", "alpine-base")})
_ROLLING = {"wolfi": "Wolfi", "chainguard": "Chainguard"}


@dataclass(frozen=True, slots=True)
class System:
    """`ident` and `version` are ID and VERSION_ID, "" where the file does not say. `like` are the words of ID_LIKE."""

    ident: str = ""
    version: str = ""
    like: tuple[str, ...] = ()
    long_term: bool = False
    """Ubuntu's advisories are filed under another name for a release with long-term support."""

    @property
    def ecosystem(self) -> str:
        """OSV's name of this release (`Debian:12`, `Alpine:v3.20`, `Ubuntu:22.04:LTS`), "" where it has none."""
        if self.ident in _ROLLING:
            return _ROLLING[self.ident]
        if not _NUMBERS.fullmatch(self.version):
            return ""
        major, _, rest = self.version.partition(".")
        minor = rest.partition(".")[0]
        if self.ident == "debian":
            return f"Debian:{major}"
        if self.ident == "alpine":
            return f"Alpine:v{major}.{minor}" if minor else ""
        if self.ident == "ubuntu":
            return f"Ubuntu:{self.version}:LTS" if self.long_term else f"Ubuntu:{self.version}"
        return ""

    def called(self, manager: str) -> str:
        """The ecosystem of its packages: OSV's, else `dpkg:kali`, which no advisory names."""
        return self.ecosystem or f"{manager}:{self.ident or 'unknown'}"

    @property
    def shown(self) -> str:
        return " ".join(word for word in (self.ident, self.version) if word) or "an unnamed system"


def contradicted(system: System, packages: Iterable[Packed]) -> str:
    """What its own packages say against the release, "" for nothing.

    A release nobody knows has no advisories, and so has nothing against it. Debian's `base-files` and Alpine's
    `alpine-release` carry the number of theirs.
    """
    for packed in packages:
        name, version = packed.package.name, packed.package.version
        match = _NUMBERS.match(version)
        if match is None:
            continue
        if system.ident == "debian" and (packed.how, name) == ("dpkg", "base-files"):
            same = match[0].partition(".")[0] == system.version.partition(".")[0] and "ubuntu" not in version
        elif system.ident == "ubuntu" and (packed.how, name) == ("dpkg", "base-files"):
            same = "ubuntu" in version
        elif system.ident == "alpine" and (packed.how, name) in _ALPINE:
            same = match[0].split(".")[:2] == system.version.split(".")[:2]
        else:
            continue
        if not same:
            return f"the image says it is {system.shown}, and its `{name}` has the version {shown(version, 80)}"
    return ""


def parse(raw: bytes) -> System:
    """Read `os-release`. Raises FormatError where it is no such file; unknown keys do not matter."""
    if len(raw) > LIMIT or b"\0" in raw:
        raise FormatError("is no `os-release`")
    values: dict[str, str] = {}
    for line in raw.decode("utf-8", "replace").splitlines():
        match = _LINE.fullmatch(line)
        if match:
            values[match[1]] = next((text for text in match.groups()[1:] if text is not None), "")
    ident = values.get("ID", "linux").lower()
    if not _ID.fullmatch(ident):
        raise FormatError("holds an `ID` that is none")
    version = values.get("VERSION_ID", "")
    return System(
        ident,
        version if re.fullmatch(r"[A-Za-z0-9._~+-]{1,64}", version) else "",
        tuple(word for word in values.get("ID_LIKE", "").lower().split() if _ID.fullmatch(word))[:10],
        "LTS" in values.get("VERSION", "").split(),
    )
