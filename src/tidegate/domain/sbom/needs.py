"""What an artifact's own metadata says it needs at run time, on whatever platform it may be installed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tidegate.model.inventory import Content

MAX_MARKER = 10_000
_TOKEN = re.compile(r"""\s*(?:("[^"]*"|'[^']*')|([()])|(===|[<>=!~]=|[<>])|([A-Za-z_][A-Za-z0-9_.]*))""")


@dataclass(frozen=True, slots=True)
class Need:
    """One runtime requirement. `name` is normalised for the ecosystem; `accepts` is None where ranges are not read."""

    text: str
    name: str
    accepts: SpecifierSet | None = None

    def met_by(self, version: str) -> bool:
        """Does a locked version satisfy it? A lock without a version (a folder, a commit) is taken at its word."""
        if self.accepts is None or not version:
            return True
        try:
            return self.accepts.contains(Version(version), prereleases=True)
        except InvalidVersion:
            return False


@dataclass(frozen=True, slots=True)
class Unread:
    """A requirement that is not one."""

    text: str


def needs(content: Content) -> Iterator[Need | Unread]:
    """Runtime requirements, those of extras left out; the package's own name (extras of itself) is no need."""
    for text in sorted(set(content.requires)):
        need = _npm(text) if content.ecosystem == "npm" else _pypi(text)
        if need is None or (isinstance(need, Need) and need.name == normal(content.ecosystem, content.name)):
            continue
        yield need


def normal(ecosystem: str, name: str) -> str:
    return canonicalize_name(name) if ecosystem == "PyPI" and name else name


def _npm(text: str) -> Need | Unread:
    name = text.rpartition("@")[0] if "@" in text[1:] else text
    return Need(text, name) if name else Unread(text)


def _pypi(text: str) -> Need | Unread | None:
    try:
        requirement = Requirement(text)
        if requirement.marker is not None and not outside_extras(str(requirement.marker)):
            return None
    except (InvalidRequirement, RecursionError, ValueError):
        return Unread(text)
    return Need(text, canonicalize_name(requirement.name), requirement.specifier)


def outside_extras(marker: str) -> bool:
    """Can a marker hold anywhere when no extra is asked for? ValueError when it cannot be read.

    Markers know `and`, `or` and parentheses but no `not`, so taking every comparison that is not about `extra` as true
    gives exactly the markers that hold somewhere or look as if they did: nothing hides behind an odd platform.
    """
    if len(marker) > MAX_MARKER:
        raise ValueError("a marker is too long")
    tokens = _tokens(marker)
    value, rest = _either(tokens, 0)
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


def _either(tokens: list[str], at: int) -> tuple[bool, int]:
    value, at = _both(tokens, at)
    while at < len(tokens) and tokens[at] == "or":
        other, at = _both(tokens, at + 1)
        value = value or other
    return value, at


def _both(tokens: list[str], at: int) -> tuple[bool, int]:
    value, at = _atom(tokens, at)
    while at < len(tokens) and tokens[at] == "and":
        other, at = _atom(tokens, at + 1)
        value = value and other
    return value, at


def _atom(tokens: list[str], at: int) -> tuple[bool, int]:
    if at < len(tokens) and tokens[at] == "(":
        value, at = _either(tokens, at + 1)
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
    named = about_extra and any(side[0] in "\"'" and side.strip("\"'") for side in (atom[0], atom[-1]))
    return not named, end
