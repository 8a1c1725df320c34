"""Package URLs as other tools write them, read into our names of ecosystems and packages."""

import re
from urllib.parse import parse_qsl, unquote

from tidegate.errors import FormatError
from tidegate.model.package import Locked
from tidegate.model.purl import TYPES

MAX_PURL = 4096
_SCHEME = re.compile(r"pkg:/*([A-Za-z][A-Za-z0-9.+-]*)/(.+)", re.DOTALL)
_ECOSYSTEMS = {kind: name for name, kind in TYPES.items() if name != "Docker"}
_DISTRO = re.compile(r"(debian|alpine)-v?([0-9]+)(?:\.([0-9]+))?(?:\.[0-9.]*)?", re.ASCII)


def parse(text: str) -> tuple[str, str, str]:
    """(ecosystem, name, version); the ecosystem is OSV's, "" where OSV has none or the purl does not say which.

    Raises FormatError for what is no purl (purl specification, "How to parse a purl string").
    """
    match = _SCHEME.fullmatch(text) if len(text) <= MAX_PURL else None
    if match is None:
        raise FormatError("a package URL is malformed")
    kind, rest = match[1].lower(), match[2].partition("#")[0]
    path, _, query = rest.partition("?")
    head, slash, last = path.rstrip("/").rpartition("/")
    last, _, version = last.partition("@")
    parts = [unquote(part) for part in head.split("/") if part] if slash else []
    name = unquote(last)
    if not name:
        raise FormatError("a package URL names no package")
    if kind in ("deb", "apk"):
        return _distribution(query), name, unquote(version)
    ecosystem = _ECOSYSTEMS.get(kind, "")
    return ecosystem, (":" if kind == "maven" else "/").join((*parts, name)), unquote(version)


def bare(url: str) -> str:
    """A package URL without qualifiers and subpath: `arch` and `distro` are said by some and not by others."""
    return url.partition("#")[0].partition("?")[0]


def reference(package: Locked) -> str:
    """A package's URL; as written by others where its ecosystem is none of ours."""
    return package.source.url if not package.ecosystem and package.source.url.startswith("pkg:") else package.purl


def _distribution(query: str) -> str:
    """`distro=debian-12` is `Debian:12`, `distro=alpine-3.20.1` is `Alpine:v3.20`."""
    try:
        values = dict(parse_qsl(query, max_num_fields=50))
    except ValueError:
        raise FormatError("a package URL has malformed qualifiers") from None
    match = _DISTRO.fullmatch(values.get("distro", ""))
    if match is None:
        return ""
    if match[1] == "debian":
        return f"Debian:{match[2]}"
    return f"Alpine:v{match[2]}.{match[3]}" if match[3] else ""
