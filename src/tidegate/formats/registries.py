"""Hosts of the public registries, taken at run time from the libraries that talk to them.

`packageurl` knows where an ecosystem's packages live, `pip` knows the host that serves an index's files. What neither
knows is not public here, so an unknown ecosystem has no public registry at all.
"""

from collections.abc import Callable
from functools import cache

from tidegate.errors import FormatError
from tidegate.formats import urls


@cache
def public_hosts(ecosystem: str) -> frozenset[str]:
    """Hosts, in lower case, that serve the public packages of an OSV ecosystem; empty when no library names one."""
    if ecosystem == "PyPI":
        return frozenset(_hosts(*_purl_urls("pypi"), *_pip_urls()))
    if ecosystem == "npm":
        return frozenset(_hosts(*_purl_urls("npm")))
    return frozenset()


def is_public(ecosystem: str, host: str) -> bool:
    """Exact comparison: a subdomain or a look-alike is not the registry."""
    return host in public_hosts(ecosystem)


def _purl_urls(kind: str) -> tuple[str, ...]:
    """The address npm's files are downloaded from, and PyPI's own."""
    from packageurl.contrib import purl2url  # heavy to import, needed once

    ask: Callable[[str], object] = purl2url.get_download_url if kind == "npm" else purl2url.get_repo_url
    address = ask(f"pkg:{kind}/name@1.0.0")
    return (address,) if isinstance(address, str) else ()


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
