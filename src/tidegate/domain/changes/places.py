"""Where a package comes from, as far as a switch of it would matter: the same place has the same words."""

from functools import lru_cache

from tidegate.formats import registries
from tidegate.formats.text import shown
from tidegate.model.package import Locked, Source, SourceKind

PUBLIC = "the public registry"


def place(package: Locked) -> str:
    """The kind of source and who controls it; versions, commits and file names do not count."""
    return _place(package.source)


def hosts(package: Locked) -> frozenset[str]:
    """Who serves the files a lock names; the public registry's hosts are one."""
    return frozenset(_host(package.ecosystem, url) for url in package.urls)


@lru_cache(maxsize=16384)
def _place(source: Source) -> str:
    match source.kind:
        case SourceKind.REGISTRY:
            if source.public or not (source.host or source.url):
                return PUBLIC
            return f"the registry `{shown(source.host or source.url, 200)}`"
        case SourceKind.GIT:
            return f"the repository `{shown(_repository(source.url), 300)}`"
        case SourceKind.URL:
            return PUBLIC if source.public else f"an address at `{shown(source.host or source.url, 200)}`"
        case SourceKind.PATH:
            return f"the path `{shown(source.url, 200)}`"
        case SourceKind.WORKSPACE:
            return "this repository"
        case SourceKind.BUNDLED:
            return "inside another package"
    return "a place the lock does not name"


def _repository(url: str) -> str:
    bare = url.removeprefix("git+").partition("#")[0].partition("?")[0]
    return bare.rstrip("/").removesuffix(".git")


def _host(ecosystem: str, url: str) -> str:
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2].lower() if rest else scheme
    bare = host.partition(":")[0]
    return PUBLIC if scheme == "https" and bare == host and registries.is_public(ecosystem, bare) else host
