"""What an artifact's own metadata says it needs at run time, on whatever platform it may be installed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.domain.sbom.files import address
from tidegate.formats.python_names import canonicalize_name
from tidegate.model.inventory import Content
from tidegate.model.package import Locked

if TYPE_CHECKING:  # heavy to import, and a source alone has no needs
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

MAX_MARKER = 10_000
MAX_STEPS = 10
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_TOKEN = re.compile(r"""\s*(?:("[^"]*"|'[^']*')|([()])|(===|[<>=!~]=|[<>])|([A-Za-z_][A-Za-z0-9_.]*))""")


@dataclass(frozen=True, slots=True)
class Need:
    """One runtime requirement. `name` is normalised for the ecosystem; `accepts` is None where ranges are not read.

    `url` is where the artifact says it has to come from (PEP 508, "URL"), "" for a package index.
    """

    text: str
    name: str
    accepts: "SpecifierSet | None" = None
    url: str = ""

    def met_by(self, package: Locked) -> bool:
        """Does a locked package satisfy it? A lock without a version (a folder, a commit) is taken at its word."""
        if self.url and not _comes_from(package, self.url):
            return False
        if self.accepts is None or not package.version:
            return True
        from packaging.version import InvalidVersion, Version

        try:
            return self.accepts.contains(Version(package.version), prereleases=True)
        except InvalidVersion:
            return False


@dataclass(frozen=True, slots=True)
class Unread:
    """A requirement that is not one."""

    text: str


def needs(content: Content) -> Iterator[Need | Unread]:
    """Runtime requirements. Those of an extra are left out unless the package asks for that extra of itself; its own
    name is no need, unless it has to come from an address."""
    texts = sorted(set(content.requires))
    own = normal(content.ecosystem, content.name)
    extras = frozenset[str]() if content.ecosystem == "npm" else _own_extras(texts, own)
    for text in texts:
        need = _npm(text) if content.ecosystem == "npm" else _pypi(text, extras)
        if need is None or (isinstance(need, Need) and need.name == own and not need.url):
            continue
        yield need


def _own_extras(texts: Sequence[str], own: str) -> frozenset[str]:
    """What a package asks of itself in any case, and what that asks for."""
    mine = [each for text in texts if _names(text, own) and (each := _parsed(text)) is not None]
    extras: frozenset[str] = frozenset()
    for _ in range(MAX_STEPS):
        more = {canonicalize_name(extra) for each in mine if _holds(each, extras) for extra in each.extras}
        if more <= extras:
            return extras
        extras |= more
    # Nobody chains so many; then all of them count as asked for.
    return extras | {canonicalize_name(extra) for each in mine for extra in each.extras}


def _names(text: str, own: str) -> bool:
    match = _NAME.match(text)
    return match is not None and canonicalize_name(match[1]) == own


def normal(ecosystem: str, name: str) -> str:
    return canonicalize_name(name) if ecosystem == "PyPI" and name else name


def _npm(text: str) -> Need | Unread:
    name = text.rpartition("@")[0] if "@" in text[1:] else text
    return Need(text, name) if name else Unread(text)


def _pypi(text: str, extras: frozenset[str]) -> Need | Unread | None:
    requirement = _parsed(text)
    if requirement is None:
        return Unread(text)
    if not _holds(requirement, extras):
        return None
    return Need(text, canonicalize_name(requirement.name), requirement.specifier, requirement.url or "")


def _parsed(text: str) -> "Requirement | None":
    """None for what cannot be read."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
        if requirement.marker is not None:
            outside_extras(str(requirement.marker))
    except (InvalidRequirement, RecursionError, ValueError):
        return None
    return requirement


def _holds(requirement: "Requirement", extras: frozenset[str]) -> bool:
    return requirement.marker is None or outside_extras(str(requirement.marker), extras)


def _comes_from(package: Locked, url: str) -> bool:
    """Is a package locked to this very address? A commit stands behind it (`…/x.git@0123abc`)."""
    told = address(url)
    base, _, ref = told.rpartition("@")
    listed = {address(package.source.url), *(address(file.url) for file in package.files)} - {""}
    return told in listed or (base in listed and ref == package.source.ref)


def outside_extras(marker: str, extras: frozenset[str] = frozenset()) -> bool:
    """Can a marker hold anywhere when no extra but these is asked for? ValueError when it cannot be read.

    Markers know `and`, `or` and parentheses but no `not`, so taking every comparison that is not about `extra` as true
    gives exactly the markers that hold somewhere or look as if they did: nothing hides behind an odd platform.
    """
    if len(marker) > MAX_MARKER:
        raise ValueError("a marker is too long")
    tokens = _tokens(marker)
    value, rest = _either(tokens, 0, extras)
    if rest != len(tokens):
        raise ValueError("a marker has more than an expression")
    return value


def _tokens(marker: str) -> list[str]:
    tokens, at = [], 0
    text = marker.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError("a marker holds something else")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


def _either(tokens: list[str], at: int, extras: frozenset[str]) -> tuple[bool, int]:
    value, at = _both(tokens, at, extras)
    while at < len(tokens) and tokens[at] == "or":
        other, at = _both(tokens, at + 1, extras)
        value = value or other
    return value, at


def _both(tokens: list[str], at: int, extras: frozenset[str]) -> tuple[bool, int]:
    value, at = _atom(tokens, at, extras)
    while at < len(tokens) and tokens[at] == "and":
        other, at = _atom(tokens, at + 1, extras)
        value = value and other
    return value, at


def _atom(tokens: list[str], at: int, extras: frozenset[str]) -> tuple[bool, int]:
    if at < len(tokens) and tokens[at] == "(":
        value, at = _either(tokens, at + 1, extras)
        if at >= len(tokens) or tokens[at] != ")":
            raise ValueError("a marker has an open parenthesis")
        return value, at + 1
    end = at
    while end < len(tokens) and tokens[end] not in ("and", "or", "(", ")"):
        end += 1
    atom = tokens[at:end]
    if len(atom) != 3 and atom[1:3] != ["not", "in"]:
        raise ValueError("a marker has a comparison that is none")
    # Without extras, `extra == "x"` never holds for a named extra; `!=` and anything unusual may.
    about_extra = "extra" in (atom[0], atom[-1]) and atom[1] == "=="
    named = {side.strip("\"'") for side in (atom[0], atom[-1]) if side[0] in "\"'"} - {""} if about_extra else set()
    return not named or bool(extras & {canonicalize_name(each) for each in named}), end
