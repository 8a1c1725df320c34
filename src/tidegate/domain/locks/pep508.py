"""Python requirements in one spelling, so that two ways of writing the same wish are one."""

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.version import InvalidVersion, Version

from tidegate.formats.python_names import canonicalize_name


def read(written: str) -> Requirement | None:
    """The requirement, None when it is none (PEP 508)."""
    try:
        return Requirement(written)
    except (InvalidRequirement, ValueError, RecursionError):
        return None


def keys(requirements: Iterable[str], own: str) -> set[str]:
    """`name [extras] specifier` in one spelling; `@` stands for any address. The project's own name is left out."""
    found = set()
    for written in requirements:
        one = read(written)
        if one is None:
            found.add(written)
        elif (name := canonicalize_name(one.name)) != own:
            extras = f"[{','.join(sorted(canonicalize_name(extra) for extra in one.extras))}]" if one.extras else ""
            found.add(f"{name} {extras}{' ' if extras else ''}{'@' if one.url else _spelled(one)}".rstrip())
    return found


def everywhere(written: str) -> bool:
    """Is this asked for on every platform?"""
    one = read(written)
    return one is not None and one.marker is None


def _spelled(requirement: Requirement) -> str:
    return ",".join(sorted(_one_spelling(one) for one in requirement.specifier))


def _one_spelling(specifier: Specifier) -> str:
    operator, version = specifier.operator, specifier.version
    if operator == "~=" or version.endswith(".*") or operator == "===":
        return f"{operator}{version}"
    try:
        return f"{operator}{_trimmed(Version(version))}"
    except InvalidVersion:
        return f"{operator}{version}"


def _trimmed(version: Version) -> str:
    """A version without trailing zeros, so that `1.0` and `1` are one."""
    release = list(version.release)
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    return str(version).replace(".".join(map(str, version.release)), ".".join(map(str, release)), 1)
