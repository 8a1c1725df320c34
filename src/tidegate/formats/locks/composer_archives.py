"""What a composer.lock says of an archive and its repository, read from their addresses alone."""

import re
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats import urls
from tidegate.formats.locks.shape import table, text
from tidegate.model.package import Locked, SourceKind

CODE_HOST = "api.github.com"
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

_ARCHIVE = re.compile(r"/repos/([^/]+/[^/]+)/zipball/([^/]+)")
_GITHUB = re.compile(r"/([^/]+/[^/]+?)(?:\.git)?/?")


@dataclass(frozen=True, slots=True)
class Place:
    """`dist` or `source` of an entry."""

    kind: str
    url: str
    reference: str
    shasum: str

    @classmethod
    def read(cls, entry: dict[str, object], key: str) -> "Place | None":
        if entry.get(key) is None:
            return None
        place = table(entry[key], f"`{key}`")
        kind, url, reference, shasum = (
            text(place.get(name), f"`{name}`") for name in ("type", "url", "reference", "shasum")
        )
        return cls(kind, url, reference, shasum)


def of_commit(package: Locked) -> bool:
    """Is it an archive of one full commit, made by a code host, whose address names that commit?"""
    ref = package.source.ref
    return bool(COMMIT.fullmatch(ref)) and any(archive_of(url)[1] == ref for url in package.urls[:1])


def is_empty(package: Locked) -> bool:
    """Is it a name without code, which nothing is downloaded for?"""
    return package.source.kind is SourceKind.REGISTRY and not package.files


def archive_of(address: str) -> tuple[str, str]:
    """(owner/repository, commit) of an archive of the code host most packages are taken from."""
    try:
        url = urls.parse(address)
    except FormatError:
        return "", ""
    match = _ARCHIVE.fullmatch(url.path) if url.host == CODE_HOST and not urls.faults(url) else None
    return (match[1], match[2]) if match else ("", "")


def repository_of(address: str) -> str:
    """owner/repository of a git address at that host."""
    try:
        url = urls.parse_git(address)
    except FormatError:
        return ""
    match = _GITHUB.fullmatch(url.path) if url.host == "github.com" else None
    return match[1] if match else ""


def host_of(address: str) -> str:
    try:
        return urls.parse_git(address).host
    except FormatError:
        return ""
