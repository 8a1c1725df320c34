"""The files a lock records for one version of a package: each with its own digests, and what its name tells of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from tidegate.errors import FormatError
from tidegate.formats import urls
from tidegate.formats.sbom_model import Download
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, SourceKind

MAX_HASHES = 1000
MAX_FILES = 200
LISTING = "h1"
"""Go's digest of a module is one of a listing: no file has it, so it is told as a property."""
NAMELESS = "digests of files whose names the lock does not record"

# RFC 3986 "Path", and `%`, since what is escaped already stays as it is.
_IN_PATHS = "/%:@!$&'()*+,;=~"
_ARCHIVES = (
    ".whl",
    ".tar.gz",
    ".tgz",
    ".tar.bz2",
    ".tar.xz",
    ".zip",
    ".crate",
    ".gem",
    ".nupkg",
    ".jar",
    ".egg",
    ".apk",
)
_SOURCES = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz")
_PLAIN_ARCHIVES = (*_SOURCES, ".whl", ".tgz", ".crate", ".gem", ".nupkg")


@dataclass(frozen=True, slots=True)
class Files:
    """`hashes` are the component's own: only where the version has exactly one file. `omitted` counts what is left
    out, (digests, files)."""

    downloads: tuple[Download, ...]
    hashes: tuple[Digest, ...]
    properties: tuple[tuple[str, str], ...]
    omitted: tuple[int, int] = (0, 0)


def files(ref: str, packages: list[Locked]) -> Files:
    """The files of one version, merged over every lock that pins it."""
    named = _named(ref, packages)
    served = [package for package in packages if not package.hashes_of]
    recorded = {digest for package in served for digest in package.hashes if digest.algorithm != LISTING}
    rest = recorded - {digest for _, hashes in named.values() for digest in hashes}
    if len(named) == 1 or (not named and _of_one(rest)):
        url, (name, hashes) = next(iter(named.items()), (ref, ("", set())))
        own = tuple(sorted(hashes | rest))[:MAX_HASHES]
        downloads = (Download(url, own, name),) if own or named else ()
        return Files(downloads, own, _properties(name))
    listed = [Download(url, tuple(sorted(h))[:MAX_HASHES], name, _kind(name)) for url, (name, h) in named.items()]
    listed.sort(key=lambda each: (each.url, each.comment))
    loose = [Download(ref, tuple(sorted(rest))[:MAX_HASHES], NAMELESS)] if rest else []
    omitted = max(len(rest) - MAX_HASHES, 0), max(len(listed) - MAX_FILES, 0)
    return Files((*loose, *listed[:MAX_FILES]), (), _common([name for name, _ in named.values()]), omitted)


def _named(ref: str, packages: Iterable[Locked]) -> dict[str, tuple[str, set[Digest]]]:
    """Address of each file to its name and digests; where a lock gives no address, its purl with the file's name.

    One lock may give the address of a file that another knows by name alone.
    """
    known = [(file, bool(package.hashes_of)) for package in packages for file in package.files]
    addresses = {_name(file): url for file, _ in known if (url := address(file.url))}
    found: dict[str, tuple[str, set[Digest]]] = {}
    for file, other in known:
        name = _name(file)
        url = address(file.url) or addresses.get(name, "") or (_by_name(ref, name) if name else "")
        if url:
            _, hashes = found.setdefault(url, (name, set()))
            hashes.update(() if other else (each for each in file.hashes if each.algorithm != LISTING))
    return found


def _name(file: File) -> str:
    """Its name as recorded, else the last part of its address where that names an archive."""
    last = address(file.url).rpartition("/")[2]
    return file.name or (last if last.lower().endswith(_ARCHIVES) else "")


def _by_name(ref: str, name: str) -> str:
    """The purl of one file of a version (purl specification, qualifier `file_name`)."""
    return f"{ref}{'&' if '?' in ref else '?'}file_name={quote(name, safe='.-_~')}"


def _of_one(hashes: set[Digest]) -> bool:
    """Can these be digests of one file? Two of one algorithm cannot."""
    return len({digest.algorithm for digest in hashes}) == len(hashes)


def _kind(name: str) -> str:
    """Among several files of a version the archive of sources is where the others came from."""
    return "source-distribution" if name.endswith(_SOURCES) else "distribution"


def _properties(name: str) -> tuple[tuple[str, str], ...]:
    """What BSI TR-03183-2 asks of a file and its name can tell; of other files nothing is claimed."""
    return ((("bsi:component:filename", name),) if name else ()) + _common([name])


def _common(names: list[str]) -> tuple[tuple[str, str], ...]:
    """What is true of all files of a version."""
    lower = [name.lower() for name in names]
    found: list[tuple[str, str]] = []
    if lower and all(name.endswith(_ARCHIVES) for name in lower):
        found += [("bsi:component:archive", "archive"), ("bsi:component:structured", "structured")]
    if lower and all(name.endswith(_PLAIN_ARCHIVES) for name in lower):
        found.append(("bsi:component:executable", "non-executable"))
    return tuple(found)


def repositories(packages: Iterable[Locked]) -> Iterator[Download]:
    """Where a package is taken from a repository: its address, and the commit."""
    git = {(address(p.source.url), p.source.ref) for p in packages if p.source.kind is SourceKind.GIT}
    for url, commit in sorted(git):
        if url:
            yield Download(url, comment=commit, kind="vcs")


@lru_cache(maxsize=16384)
def address(text: str) -> str:
    """An address without user, password, query and fragment, since each of them may hold a secret; "" when unfit."""
    if not text:
        return ""
    try:
        url = urls.parse_git(text)
    except FormatError:
        return ""
    return url.origin + quote(url.path, safe=_IN_PATHS) if url.host else ""
