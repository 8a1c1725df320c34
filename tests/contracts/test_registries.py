"""Which public registries the libraries name, and for which ecosystems none is known."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from tidegate.formats import registries, urls

COVERED = ("PyPI", "npm", "crates.io", "Go", "RubyGems", "Packagist")
NOT_COVERED = (
    "Maven",
    "NuGet",
    "Hex",
    "Pub",
    "ConanCenter",
    "CRAN",
    "SwiftURL",
    "GitHub Actions",
)


@pytest.mark.parametrize("ecosystem", COVERED)
def test_the_libraries_name_a_registry(ecosystem: str) -> None:
    hosts = registries.public_hosts(ecosystem)
    assert hosts
    assert all(urls.parse(f"https://{host}/").host == host for host in hosts)


@pytest.mark.parametrize("ecosystem", NOT_COVERED)
def test_an_ecosystem_that_is_not_read_has_no_public_registry(ecosystem: str) -> None:
    assert registries.public_hosts(ecosystem) == frozenset()


def test_the_index_and_its_file_host_are_two() -> None:
    from pip._internal.models.index import PyPI

    assert registries.public_hosts("PyPI") == {PyPI.netloc, PyPI.file_storage_domain}


def test_npm_downloads_come_from_its_host_or_from_the_name_yarn_gives_it() -> None:
    from packageurl.contrib import purl2url, url2purl

    assert len(registries.public_hosts("npm")) == 2
    for host in registries.public_hosts("npm"):
        read: Callable[[str], Any] = url2purl.get_purl
        assert read(f"https://{host}/name/-/name-1.0.0.tgz").type == "npm"
    ask: Callable[[str], object] = purl2url.get_download_url
    address = ask("pkg:npm/%40scope/name@1.0.0")
    assert registries.is_public("npm", urls.parse(str(address)).host)


@pytest.mark.parametrize("ecosystem", COVERED)
def test_only_the_exact_host_is_public(ecosystem: str) -> None:
    for host in registries.public_hosts(ecosystem):
        assert registries.is_public(ecosystem, host)
        for other in (f"x.{host}", f"{host}.evil.example", f"x{host}", host.upper(), f"{host}.", ""):
            assert not registries.is_public(ecosystem, other)


def test_without_pip_its_file_host_is_not_public(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = registries.public_hosts("PyPI")
    registries.public_hosts.cache_clear()
    monkeypatch.setitem(sys.modules, "pip._internal.models.index", None)
    try:
        assert registries.public_hosts("PyPI") < whole
    finally:
        registries.public_hosts.cache_clear()
