"""Where the public package indexes answer, taken at run time from the libraries that talk to them."""

from collections.abc import Callable

from tidegate.errors import FormatError
from tidegate.formats import urls


def public(ecosystem: str) -> str:
    """The address of the ecosystem's public index, "" where no library names one."""
    if ecosystem == "PyPI":
        return _plain(_pip())
    if ecosystem == "npm":
        return _origin(_npm())
    return ""


def _pip() -> str:
    try:
        from pip._internal.models.index import PyPI  # heavy to import, needed once
    except ImportError:
        return ""
    return str(PyPI.simple_url)


def _npm() -> str:
    from packageurl.contrib import purl2url  # heavy to import, needed once

    ask: Callable[[str], object] = purl2url.get_download_url
    address = ask("pkg:npm/name@1.0.0")
    return address if isinstance(address, str) else ""


def _plain(address: str) -> str:
    return address.rstrip("/") if _origin(address) else ""


def _origin(address: str) -> str:
    try:
        url = urls.parse(address)
    except FormatError:
        return ""
    return "" if urls.faults(url) else url.origin
