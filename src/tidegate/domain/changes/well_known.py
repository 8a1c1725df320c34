"""The names everybody uses, an ecosystem's list each, and what another name looks like among them.

A list comes from the policy or from the package (`popular/ORIGIN.md`); an ecosystem without one is not known about.
Nothing is built for a search but a set: the few hundred names one slip away from a name are cheaper to spell out and
look up than an index of everybody's neighbours is to make.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import permutations

from tidegate.formats.python_names import canonicalize_name
from tidegate.model.package import PURL_TYPES

MIN_LENGTH = 4
"""Shorter names are all alike."""
_SHIPPED = ("PyPI", "npm", "Go", "RubyGems")
_CONFUSABLE = str.maketrans({"0": "o", "1": "l", "i": "l", "3": "e", "5": "s", **dict.fromkeys("-_.@/")})
_MAJOR = re.compile(r"/v[0-9]+$")
_AFFIXES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "PyPI": (
        ("python-", "python3-", "py-", "python", "py", "pip-"),
        ("-python", "-python3", "-py", "python", "py", "3", "s", "-lib", "lib", "-sdk", "-dev", "-pip"),
    ),
    "npm": (
        ("node-", "npm-", "js-", "node", "js"),
        (".js", "-js", "js", "-node", "node", "s", "-npm", "-lib", "lib", "-sdk", "-dev", "-cli", "-proxy"),
    ),
    "Go": (("go-", "golang-"), ("-go", "-golang", ".go")),
    "RubyGems": (("ruby-", "rb-", "ruby"), ("-ruby", "-rb", "ruby", "s", "-gem")),
}
"""What is put before or behind a well-known name to make another one that sounds as if it belonged to it."""
_MAX_PARTS = 4


@dataclass(frozen=True, slots=True)
class WellKnown:
    """One ecosystem's list. `rank` is a name's place in it, `likeness` maps what a name looks like to the first such
    name, `owners` are the scopes and accounts these names live under, which nobody else can publish to."""

    ecosystem: str
    rank: Mapping[str, int]
    likeness: Mapping[str, str]
    owners: frozenset[str]
    alphabet: str

    @classmethod
    def of(cls, ecosystem: str, names: Iterable[str]) -> "WellKnown":
        ordered = tuple(dict.fromkeys(names))
        alike: dict[str, str] = {}
        for look, name in zip(_look("\n".join(ordered)).split("\n"), ordered, strict=bool(ordered)):
            alike.setdefault(look, name)
        owners = frozenset(owner for name in ordered if "/" in name and (owner := _owner(ecosystem, name)))
        alphabet = "".join(sorted(set().union(*map(set, ordered))))
        return cls(ecosystem, {name: place for place, name in enumerate(ordered)}, alike, owners, alphabet)

    def holds(self, name: str) -> bool:
        """Is this a well-known name, or one only the owner of a well-known name can publish?"""
        plain = spelled(self.ecosystem, name)
        return plain in self.rank or _owner(self.ecosystem, plain) in self.owners

    def looks_like(self, name: str) -> str | None:
        """The well-known name a name can be taken for, None for a well-known name and for one like no other.

        One slip of the finger (optimal string alignment distance 1), look-alike characters and separators, parts in
        another order, and something put before or behind it.
        """
        plain = spelled(self.ecosystem, name)
        if len(plain) < MIN_LENGTH or self.holds(plain):
            return None
        for candidates in (_slips(plain, self.alphabet), self._alike(plain), self._affixed(plain)):
            near = {one for one in candidates if one in self.rank and len(one) >= MIN_LENGTH and one != plain}
            if near:
                return min(near, key=self.rank.__getitem__)
        return None

    def _alike(self, name: str) -> Iterator[str]:
        parts = re.split(r"[-_.]", name)
        mixed = 2 <= len(parts) <= _MAX_PARTS and self.ecosystem != "Go"
        orders = permutations(parts) if mixed else iter((tuple(parts),))
        for order in orders:
            if other := self.likeness.get(_look("-".join(order))):
                yield other

    def _affixed(self, name: str) -> Iterator[str]:
        if self.ecosystem != "Go":
            yield from _dressed(name, *_AFFIXES.get(self.ecosystem, ((), ())))
            return
        parts = name.split("/")
        for place in range(1, len(parts)):
            for other in _dressed(parts[place], *_AFFIXES["Go"]):
                yield "/".join((*parts[:place], other, *parts[place + 1 :]))


@cache
def shipped(ecosystem: str) -> WellKnown | None:
    """The list that comes with tidegate, None for an ecosystem without one."""
    if ecosystem not in _SHIPPED:
        return None
    text = files("tidegate.domain.changes").joinpath("popular", f"{PURL_TYPES[ecosystem]}.txt").read_text("utf-8")
    names = text.splitlines()
    return WellKnown.of(ecosystem, (_MAJOR.sub("", name) for name in names) if ecosystem == "Go" else names)


def named(ecosystem: str, text: str) -> WellKnown:
    """The list of a policy: one name a line, `#` begins a comment. An empty list knows no name."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return WellKnown.of(ecosystem, (spelled(ecosystem, line) for line in lines if line))


def spelled(ecosystem: str, name: str) -> str:
    """A name as lists spell it."""
    if ecosystem == "PyPI":
        return canonicalize_name(name)
    return _MAJOR.sub("", name) if ecosystem == "Go" else name


def _owner(ecosystem: str, name: str) -> str:
    """The npm scope, or host and account of a Go module; "" where a name has no owner of its own."""
    parts = name.split("/")
    if ecosystem == "npm":
        return parts[0] if name.startswith("@") and len(parts) == 2 else ""
    return "/".join(parts[:2]) if ecosystem == "Go" and len(parts) > 2 else ""


def _look(text: str) -> str:
    """What is left when separators are dropped and characters that look alike become one."""
    return text.translate(_CONFUSABLE).replace("rn", "m").replace("vv", "w")


def _dressed(name: str, before: Iterable[str], behind: Iterable[str]) -> Iterator[str]:
    """The name with each of these put on or taken off."""
    for affix in before:
        yield affix + name
        if name.startswith(affix):
            yield name.removeprefix(affix)
    for affix in behind:
        yield name + affix
        if name.endswith(affix):
            yield name.removesuffix(affix)


def _slips(name: str, alphabet: str) -> Iterator[str]:
    """Every text at optimal string alignment distance 1: a character lost, added, changed, or two swapped."""
    for place, char in enumerate(name):
        head, rest = name[:place], name[place + 1 :]
        yield head + rest
        for other in alphabet:
            yield head + other + rest
            yield head + other + char + rest
        if rest:
            yield head + rest[0] + char + rest[1:]
    for other in alphabet:
        yield name + other
