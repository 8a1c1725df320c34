"""dpkg's database: what is installed, at which version, and of which source package, since advisories name sources."""

import re
from collections.abc import Iterator, Mapping

from tidegate.errors import FormatError
from tidegate.formats.images.installed import Installed, installed

LIMIT = 64 << 20
MAX_PACKAGES = 20_000
MAX_LINES = 2_000_000
MAX_CONTINUED = 2_000
"""Lines of one field."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]{0,127}")
_VERSION = re.compile(r"[0-9A-Za-z.+~:-]{1,256}")
_SOURCE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9+.-]{0,127})(?:\s*\((?P<version>[0-9A-Za-z.+~:-]{1,256})\))?")
_WISH = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9+.-]*)")
_GONE = frozenset({"not-installed", "config-files"})
_WANTED = frozenset({"package", "version", "status", "source", "depends", "pre-depends"})


def parse(raw: bytes, ecosystem: str) -> tuple[Installed, ...]:
    """The packages of `status`, or of one file of `status.d`. Raises FormatError.

    Packages that were removed and left their configuration are not there; half installed ones are.
    """
    if len(raw) > LIMIT:
        raise FormatError("is larger than 64 MiB")
    found: dict[tuple[str, str], Installed] = {}
    for stanza in _stanzas(raw):
        status = stanza.get("status", "install ok installed").split()
        if len(status) != 3:
            raise FormatError("holds a package with a status that is none")
        if status[2] in _GONE:
            continue
        each = _package(stanza, ecosystem)
        found[each.package.name, each.package.version] = each
        if len(found) > MAX_PACKAGES:
            raise FormatError(f"lists more than {MAX_PACKAGES} packages")
    names = {name for name, _ in found}
    return tuple(each.with_requires(names) for each in found.values())


def _package(stanza: Mapping[str, str], ecosystem: str) -> Installed:
    name, version = stanza.get("package", ""), stanza.get("version", "")
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        raise FormatError("holds a package without a readable name or version")
    source = _SOURCE.fullmatch(stanza.get("source", name))
    if source is None:
        raise FormatError(f"`{name}` names a source package that is none")
    wishes = ",".join(stanza[key] for key in ("pre-depends", "depends") if key in stanza)
    requires = [match[1] for wish in re.split(r"[,|]", wishes) if (match := _WISH.match(wish))]
    return installed(ecosystem, name, version, source["name"], source["version"] or version, requires)


def _stanzas(raw: bytes) -> Iterator[dict[str, str]]:
    """Fields by lower-case name (deb822(5)); only the wanted ones, their continued lines joined."""
    if raw.count(b"\n") > MAX_LINES:
        raise FormatError(f"has more than {MAX_LINES} lines")
    stanza: dict[str, str] = {}
    key, any_line, continued = "", False, 0
    for line in raw.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            if any_line:
                yield stanza
            stanza, key, any_line = {}, "", False
        elif line[0] in " \t":
            if not any_line:
                raise FormatError("begins with a continued line")
            continued += 1
            if key in _WANTED and continued > MAX_CONTINUED:
                raise FormatError(f"holds a field of more than {MAX_CONTINUED} lines")
            if key in _WANTED:
                stanza[key] += " " + line.strip()
        else:
            name, colon, value = line.partition(":")
            key, any_line, continued = name.strip().lower(), True, 0
            if not colon:
                raise FormatError("holds a line that is no field")
            if key in _WANTED and key in stanza:
                raise FormatError(f"gives the field `{key}` of a package twice")
            if key in _WANTED:
                stanza[key] = value.strip()
    if any_line:
        yield stanza
