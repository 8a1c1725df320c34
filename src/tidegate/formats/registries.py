"""Hosts of the public registries, taken at run time from the libraries that talk to them.

`packageurl` knows where an ecosystem's packages live, `pip` knows the host that serves an index's files. What neither
knows is not public here, so an unknown ecosystem has no public registry at all.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache

from tidegate.errors import FormatError
from tidegate.formats import urls

_SAMPLES = {
    "crates.io": "pkg:cargo/name@1.0.0",
    "Go": "pkg:golang/host.example/name@v1.0.0",
    "RubyGems": "pkg:gem/name@1.0.0",
    "Packagist": "pkg:composer/vendor/name@1.0.0",
}
"""A package of each further ecosystem, whose address the library makes."""
_WEBSITES = frozenset({"Packagist"})
"""Ecosystems the library knows no download address for: its registry is where its website is."""
_PREFIXES = {"crates.io": ("index", "static"), "RubyGems": ("index",), "Packagist": ("repo",)}
"""Hosts of one registry beside its own name, as its clients use them."""
_CODE_HOSTS = {"Packagist": frozenset({"api.github.com"})}
"""Where a registry that holds no files has them served from."""
_INDEXES = {"crates.io": ("https://github.com/rust-lang/crates.io-index",)}
"""Repositories that stand for a registry in a lockfile."""
_ROUTE = re.compile(r"https\?://registry\.[a-z0-9-]+\.[a-z]+/(?=\.\*$)")


def is_index(ecosystem: str, address: str) -> bool:
    """Is this exactly the address of the public registry's index, in either of its forms?"""
    sparse = (f"https://{prefix}.{host}/" for host in _hosts(*_downloads(ecosystem)) for prefix in ("index",))
    return address in _INDEXES.get(ecosystem, ()) or address in sparse


@cache
def public_hosts(ecosystem: str) -> frozenset[str]:
    """Hosts, in lower case, that serve the public packages of an OSV ecosystem; empty when no library names one."""
    if ecosystem == "PyPI":
        return frozenset(_hosts(*_purl_urls("pypi"), *_pip_urls()))
    if ecosystem == "npm":
        return frozenset(_hosts(*_purl_urls("npm"), *_routed_urls("build_npm_purl")))
    found = _hosts(*_downloads(ecosystem))
    prefixes = _PREFIXES.get(ecosystem, ())
    return (
        frozenset(found)
        | {f"{prefix}.{host}" for host in found for prefix in prefixes}
        | _CODE_HOSTS.get(ecosystem, frozenset())
    )


def is_public(ecosystem: str, host: str) -> bool:
    """Exact comparison: a subdomain or a look-alike is not the registry."""
    return host in public_hosts(ecosystem)


def _purl_urls(kind: str) -> tuple[str, ...]:
    """The address npm's files are downloaded from, and PyPI's own."""
    from packageurl.contrib import purl2url  # heavy to import, needed once

    ask: Callable[[str], object] = purl2url.get_download_url if kind == "npm" else purl2url.get_repo_url
    address = ask(f"pkg:{kind}/name@1.0.0")
    return (address,) if isinstance(address, str) else ()


@cache
def _downloads(ecosystem: str) -> tuple[str, ...]:
    """Where the library says the files of an ecosystem lie, () where it does not say."""
    from packageurl.contrib import purl2url  # heavy to import, needed once

    sample = _SAMPLES.get(ecosystem)
    if sample is None:
        return ()
    ask: Callable[[str], object] = purl2url.get_repo_url if ecosystem in _WEBSITES else purl2url.get_download_url
    address = ask(sample)
    return (address.partition("#")[0],) if isinstance(address, str) else ()


def _routed_urls(builder: str) -> tuple[str, ...]:
    """Registries the library turns addresses of into purls by this function, beside the one it makes addresses for.

    Its routes are patterns; those of one whole host spell it out (Yarn's name for npm's registry).
    """
    from packageurl.contrib import url2purl  # heavy to import, needed once

    routes: Iterable[tuple[str, object]] = url2purl.purl_router
    named = [pattern for pattern, rule in routes if getattr(getattr(rule, "endpoint", None), "__name__", "") == builder]
    return tuple(match[0].replace("https?", "https") for one in named if (match := _ROUTE.match(one)))


def _pip_urls() -> tuple[str, ...]:
    try:
        from pip._internal.models.index import PyPI  # heavy to import, needed once
    except ImportError:
        return ()
    return (str(PyPI.url), f"https://{PyPI.file_storage_domain}/")


def _hosts(*addresses: str) -> list[str]:
    hosts = []
    for address in addresses:
        try:
            url = urls.parse(address)
        except FormatError:
            continue
        if not urls.faults(url):
            hosts.append(url.host)
    return hosts


@cache
def python_sources() -> list[dict[str, object]]:
    """The `[[source]]` a Pipfile without any has, as Pipenv fills it in; empty when no library names the index."""
    try:
        from pip._internal.models.index import PyPI  # heavy to import, needed once
    except ImportError:
        return []
    return [{"name": "pypi", "url": str(PyPI.simple_url), "verify_ssl": True}]
