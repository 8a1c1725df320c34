"""A name of the team's own never comes from a public registry, where anybody may have registered it."""

from collections.abc import Iterator

from tidegate.domain.locks import rules
from tidegate.formats import registries, urls
from tidegate.formats.own_names import OwnNames
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked, LockFile, SourceKind

_FETCHED = (SourceKind.REGISTRY, SourceKind.URL, SourceKind.UNKNOWN, SourceKind.BUNDLED)


def check_internal(lock: LockFile, own: OwnNames) -> Iterator[Finding]:
    """Both names count where a package is installed under another one; the subject is `path#purl`."""
    if not own.patterns:
        return
    for package in lock.packages:
        name = own.name_of(package)
        if name and package.source.kind in _FETCHED and _public(package):
            message = f"`{shown(name)}` is a name of your own and comes from the public registry"
            about = f"{lock.path}#{package.purl}"
            yield found(rules.NAME_INTERNAL, about, message, place=Place(lock.path, package.line))


def _public(package: Locked) -> bool:
    """Also where only a file's address says so."""
    hosts = (package.source.host, *(urls.host_of(url) for url in package.urls))
    return package.source.public or any(registries.is_public(package.ecosystem, host) for host in hosts if host)
