"""What differs between ecosystems when a package is looked at: what one exact version is, and what an address must say.

A row an ecosystem in `_EXACT` and `_SAYS`. Without a row a version is exact when nothing about it looks like a range or
a moving name, and an address is not compared.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from packaging.version import InvalidVersion, Version

from tidegate.formats import filenames, registries, urls
from tidegate.formats.locks import composer_archives
from tidegate.model.package import Locked, SourceKind

_SEMVER = re.compile(
    r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
_MAVEN = re.compile(r"[0-9A-Za-z_][0-9A-Za-z._+~-]*", re.ASCII)
_NUGET = re.compile(r"[0-9]+(?:\.[0-9]+){0,3}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_PLAIN = re.compile(r"v?[0-9][0-9A-Za-z.+_~:-]*", re.ASCII)
_GO = re.compile(r"v(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?", re.ASCII)
_GEM = re.compile(r"\d+(?:\.[0-9A-Za-z]+)*", re.ASCII)
_COMPOSER = re.compile(
    r"v?\d+(?:\.\d+){0,3}(?:[.-]?(?:stable|beta|b|RC|alpha|a|patch|pl|p)(?:[.-]?\d+)?){0,4}", re.ASCII | re.IGNORECASE
)


@lru_cache(maxsize=16384)
def exact(ecosystem: str, version: str) -> bool:
    """Is this one version, not a range, a tag or nothing?"""
    return 0 < len(version) <= 256 and _EXACT.get(ecosystem, _plain)(version)


def says(package: Locked, url: urls.Url) -> bool:
    """Does the address name the package? One a manifest asked for by address need not, unless it names another."""
    compare = _SAYS.get(package.ecosystem)
    return compare is None or compare(package, url)


def unhashed(package: Locked) -> bool:
    """Is there nothing to hash, or has the reader told already that its format records no hash of such a package?"""
    if package.ecosystem == "npm":
        return bool(package.hashes_of and package.marker and not package.bad_hashes and not package.hashes)
    return package.ecosystem == "Packagist" and (
        composer_archives.of_commit(package) or composer_archives.is_empty(package)
    )


def _pep440(version: str) -> bool:
    try:
        Version(version)
    except InvalidVersion:
        return False
    return True


def _semver(version: str) -> bool:
    return _SEMVER.fullmatch(version) is not None


def _go(version: str) -> bool:
    return _GO.fullmatch(version) is not None


def _gem(version: str) -> bool:
    return _GEM.fullmatch(version) is not None


def _composer(version: str) -> bool:
    return _COMPOSER.fullmatch(version) is not None


def _plain(version: str) -> bool:
    return _PLAIN.fullmatch(version) is not None


def _maven(version: str) -> bool:
    """Anything but a range, a snapshot, and the words and prefixes Gradle and Maven take for "newest"."""
    plain = version.lower()
    moving = plain.endswith(("+", "-snapshot")) or plain.startswith("latest") or plain == "release"
    return _MAVEN.fullmatch(version) is not None and not moving


def _nuget(version: str) -> bool:
    return _NUGET.fullmatch(version) is not None


def _npm(package: Locked, url: urls.Url) -> bool:
    strict = registries.is_public("npm", url.host)
    return package.source.kind is SourceKind.URL or filenames.names_npm_package(
        url.path, package.name, package.version, exact=strict
    )


def _python(package: Locked, url: urls.Url) -> bool:
    if package.source.kind is SourceKind.REGISTRY:
        return filenames.names_python_package(url.file_name, package.name, package.version)
    public = registries.is_public("PyPI", url.host)
    said = filenames.python_file(url.file_name) if public or url.file_name.endswith(".whl") else None
    if said is None:
        return not public
    return filenames.names_python_package(url.file_name, package.name, package.version or said[1])


_EXACT: Mapping[str, Callable[[str], bool]] = {
    "PyPI": _pep440,
    "npm": _semver,
    "crates.io": _semver,
    "Go": _go,
    "RubyGems": _gem,
    "Packagist": _composer,
    "Maven": _maven,
    "NuGet": _nuget,
    "Hex": _semver,
}
_SAYS: Mapping[str, Callable[[Locked, urls.Url], bool]] = {"PyPI": _python, "npm": _npm}
