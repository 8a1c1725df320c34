"""What has to be read of one artifact and of the commit before its files can be explained."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.domain.reconcile import build_scripts, conversions
from tidegate.domain.reconcile.places import Places, learn
from tidegate.domain.reconcile.shapes import MAX_SHAPED
from tidegate.domain.reconcile.tree import Tree
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content, Member

MAX_KEPT = 1 << 20
"""Longest file that is looked into; a longer one is explained by its digest alone or not at all."""
_LISTS = frozenset({"RECORD", "METADATA", "PKG-INFO", "SOURCES.txt"})
MAX_TEXTS = 256 << 20
"""Bytes of the commit's files that are kept at all."""
DESCRIPTIONS = ("pyproject.toml", "setup.cfg", "setup.py")


@dataclass(frozen=True, slots=True)
class Kept:
    """The bytes of a member no blob equals: `head` are the first of them, `raw` all, None where there are too many."""

    head: bytes = b""
    raw: bytes | None = None


@dataclass(slots=True)
class Blobs:
    """Contents of the commit as git gives them: the digest of each that was read, the bytes of small ones."""

    sums: dict[str, Digest] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)

    pointers: set[str] = field(default_factory=set)
    """Those that are Git LFS pointers."""
    room: int = MAX_TEXTS

    def take(self, oid: str, data: bytes, *, keep: bool = True) -> None:
        self.sums[oid] = Digest("sha256", hashlib.sha256(data).hexdigest())
        if conversions.is_pointer(data):
            self.pointers.add(oid)
        if keep and len(data) <= min(MAX_KEPT, self.room):
            self.texts[oid] = data
            self.room -= len(data)


@dataclass(frozen=True, slots=True)
class Plan:
    """`root` is the release's folder. `matched` are ids of blobs that members have, `left` members without one."""

    content: Content
    tree: Tree
    root: str
    places: Places
    matched: tuple[str, ...]
    left: frozenset[str]

    def homes(self, path: str) -> Iterator[tuple[str, str]]:
        """(path, blob) of the file of the commit that a member must be, or of each it may be."""
        for home in self.places.homes(path):
            oid = self.tree.file(home)
            if oid is not None:
                yield home, oid
                if not self.places.copied(path):
                    return

    def described(self) -> Iterator[str]:
        """Blobs of the files that describe a Python project."""
        at = "" if self.root == "." else self.root.rstrip("/") + "/"
        for name in DESCRIPTIONS:
            oid = self.tree.file(at + name)
            if oid is not None:
                yield oid


def plan(content: Content, tree: Tree, root: str) -> Plan:
    """Sort the members of one artifact into those the commit seems to hold and the rest."""
    made = Plan(content, tree, root, learn(content, tree, root), (), frozenset())
    matched = {member.blob for member in content.members if member.blob in tree.places}
    left = frozenset(member.path for member in content.members if not member.link and not _is_at_home(made, member))
    return Plan(content, tree, root, made.places, tuple(sorted(matched)), left)


def _is_at_home(made: Plan, member: Member) -> bool:
    homes = [oid for _, oid in made.homes(member.path)]
    if homes:
        return member.blob in homes
    moved = member.blob in made.tree.places
    return moved and not build_scripts.runs(made.content.kind, made.places.own(member.path), b"")


def compared(made: Plan, kept: Mapping[str, Kept]) -> tuple[str, ...]:
    """Further blobs whose content is needed, now that the rest of the members has been read."""
    wanted = set(made.described())
    for path in made.left:
        wanted.update(oid for _, oid in made.homes(path))
        raw = kept.get(path, Kept()).raw
        if raw is not None:
            wanted.update(oid for oid in ids_of_endings(raw, made.tree.algorithm) if oid in made.tree.places)
    return tuple(sorted(wanted))


def limit_of(path: str) -> int:
    """How much of a member to keep; lists of files, descriptions and SBOMs are long for a reason."""
    return MAX_SHAPED if path.rpartition("/")[2] in _LISTS or ".dist-info/sboms/" in path else MAX_KEPT


def ids_of_endings(raw: bytes, algorithm: str) -> tuple[str, ...]:
    """The ids git would give a text with either line ending."""
    return tuple(_id(text, algorithm) for text in conversions.endings(raw))


def _id(data: bytes, algorithm: str) -> str:
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
