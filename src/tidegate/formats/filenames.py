"""Does the name of a distribution file say the package and version it is locked for?"""

import re
from functools import lru_cache
from urllib.parse import unquote

from packaging.version import InvalidVersion, Version

from tidegate.formats.python_names import canonicalize_name

_SDIST = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.z", ".tar")


def names_python_package(file_name: str, name: str, version: str) -> bool:
    """True when a wheel or sdist file name (binary distribution format; PEP 625 and older forms) carries both.

    `name` is normalised; the file name may be percent-encoded. Unknown endings name nothing.
    """
    plain = unquote(file_name)
    if plain.endswith(".whl"):
        parts = plain[:-4].split("-")
        return len(parts) in (5, 6) and _is(parts[0], name) and _same_version(parts[1], version)
    lower = plain.lower()
    ending = next((ending for ending in _SDIST if lower.endswith(ending)), None)
    if ending is None:
        return False
    pieces = plain[: -len(ending)].split("-")
    return any(
        _is("-".join(pieces[:cut]), name) and _same_version("-".join(pieces[cut:]), version)
        for cut in range(1, min(len(pieces), 40))
    )


def python_file(file_name: str) -> tuple[str, str] | None:
    """(name, version) as a wheel's or sdist's file name gives them, None when it does not."""
    plain = unquote(file_name)
    if plain.endswith(".whl"):
        parts = plain[:-4].split("-")
        return (parts[0], parts[1]) if len(parts) in (5, 6) and _valid(parts[1]) else None
    lower = plain.lower()
    ending = next((ending for ending in _SDIST if lower.endswith(ending)), None)
    name, _, version = plain[: -len(ending)].rpartition("-") if ending else ("", "", "")
    return (name, version) if name and _valid(version) else None


def names_npm_package(path: str, name: str, version: str, *, exact: bool = False) -> bool:
    """True when the path of a tarball's URL carries package and version.

    `…/name/-/bare-version.tgz` as registries serve it (a scope may be repeated before the file), or the segments
    `name/version` as some hosts do. `exact` allows nothing before the name, as on the public registry.
    """
    segments = [part for part in unquote(path).split("/") if part]
    wanted = name.split("/")
    if "-" not in segments:
        run = [*wanted, version]
        return not exact and any(
            segments[start : start + len(run)] == run and not _scoped(segments[:start])
            for start in range(len(segments))
        )
    cut = len(segments) - 1 - segments[::-1].index("-")
    before, after = segments[:cut], segments[cut + 1 :]
    prefix = before[: -len(wanted)]
    file = f"{wanted[-1]}-{version}.tgz"
    return (
        before[-len(wanted) :] == wanted
        and not (prefix if exact else _scoped(prefix))
        and after in ([file], [*wanted[:-1], file])
    )


def _scoped(prefix: list[str]) -> bool:
    """Does a scope stand right before the name, which makes it another package's?"""
    return bool(prefix) and prefix[-1].startswith("@")


@lru_cache(maxsize=4096)
def _is(written: str, name: str) -> bool:
    return bool(written) and canonicalize_name(written) == name


@lru_cache(maxsize=4096)
def _same_version(written: str, version: str) -> bool:
    if written == version:
        return bool(version)
    try:
        return Version(re.sub(r"_", "-", written)) == Version(version)
    except InvalidVersion:
        return False


def _valid(version: str) -> bool:
    try:
        Version(version)
    except InvalidVersion:
        return False
    return True
