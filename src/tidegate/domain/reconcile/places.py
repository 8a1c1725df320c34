"""Where in the commit a member of an artifact has its home, by its path alone."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tidegate.domain.reconcile.tree import Tree
from tidegate.model.inventory import Content, Member
from tidegate.model.release import ArtifactKind

_FOLDERED = frozenset({ArtifactKind.SDIST, ArtifactKind.NPM, ArtifactKind.TAR, ArtifactKind.ZIP})
LAYOUTS = ("", "src/", "lib/", "python/")
# `NAME-VERSION.data/KEY/…` is installed elsewhere, licences are copied beside the metadata (before PEP 639 flat).
_COPIED = re.compile(r"[^/]+\.dist-info/")
_SCRIPT = re.compile(r"[^/]+\.data/scripts/")
_SCRIPTS = ("bin/", "scripts/", "script/", "")
_MOVED = re.compile(r"[^/]+\.data/[a-z]+/|[^/]+\.dist-info/(?:licenses|license_files)/|[^/]+\.dist-info/")


@dataclass(frozen=True, slots=True)
class Places:
    """`top` is the folder all members of a source archive share, with its `/`. `prefixes` are what stands before a
    member's own path in the commit, by the member's first folder ("" in archives that mirror the tree)."""

    kind: ArtifactKind
    top: str
    common: tuple[str, ...]
    learnt: dict[str, tuple[str, ...]]

    def own(self, path: str) -> str:
        """A member's path without what packing put before it."""
        if self.kind is ArtifactKind.WHEEL:
            match = _MOVED.match(path)
            return path[match.end() :] if match else path
        return path.removeprefix(self.top)

    def homes(self, path: str) -> Iterator[str]:
        """Commit paths a member may have come from unchanged, likeliest first; whether they exist is another matter."""
        own = self.own(path)
        folders = _SCRIPTS if self.kind is ArtifactKind.WHEEL and _SCRIPT.match(path) else ("",)
        for prefix in self.learnt.get(self.group(own), self.common):
            yield from (prefix + folder + own for folder in folders)

    def copied(self, path: str) -> bool:
        """May a member have come from any of its homes? A wheel keeps licences of many places in one folder."""
        return self.kind is ArtifactKind.WHEEL and _COPIED.match(path) is not None

    def group(self, own: str) -> str:
        return own.partition("/")[0] if self.kind is ArtifactKind.WHEEL else ""


def learn(content: Content, tree: Tree, root: str) -> Places:
    """What most files of a folder, found in the commit by their content, have before their path holds for all of it.

    A file cannot choose its own home: a fixture of the commit that lies where a module should is altered.
    """
    top = _top(content) if content.kind in _FOLDERED else ""
    at = [""] if root == "." else [root.rstrip("/") + "/", ""]
    layouts = LAYOUTS if content.kind is ArtifactKind.WHEEL else ("",)
    places = Places(content.kind, top, tuple(base + layout for base in at for layout in layouts), {})
    votes: dict[str, Counter[str]] = {}
    voters: Counter[str] = Counter()
    for member in content.members:
        own = places.own(member.path)
        prefixes = set(_prefixes(member, own, tree))
        if prefixes:
            voters[places.group(own)] += 1
            votes.setdefault(places.group(own), Counter()).update(prefixes)
    for group, counted in votes.items():
        most = {p: count for p, count in counted.items() if count * 2 >= voters[group]}
        places.learnt[group] = _ranked(most, places.common)
    return places


def _ranked(votes: Mapping[str, int], common: tuple[str, ...]) -> tuple[str, ...]:
    """Prefixes by votes; the word of a single file makes no layout that is not a usual one."""
    usual = {prefix: votes.get(prefix, 0) for prefix in common}
    heard = usual | {prefix: count for prefix, count in votes.items() if count > 1}
    return tuple(sorted(heard, key=lambda p: (-heard[p], common.index(p) if p in usual else len(common), p)))


def _prefixes(member: Member, own: str, tree: Tree) -> Iterator[str]:
    if member.size and member.blob:
        for place in tree.places.get(member.blob, ()):
            if place == own or place.endswith("/" + own):
                yield place[: len(place) - len(own)]


def _top(content: Content) -> str:
    if content.kind is ArtifactKind.NPM:
        return "package/"
    tops = {member.path.partition("/")[0] if "/" in member.path else "" for member in content.members}
    return f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""


def paths(content: Content, places: Places) -> frozenset[str]:
    """Every member by its own path."""
    return frozenset(_own(places, content.members))


def _own(places: Places, members: Iterable[Member]) -> Iterator[str]:
    return (places.own(member.path) for member in members)
