"""The tree as it is searched: what lies there, and what git holds of it where that is something else."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.secrets import rules
from tidegate.domain.secrets.apart import Apart
from tidegate.domain.secrets.slices import SLICE, Piece
from tidegate.errors import FormatError
from tidegate.model.inventory import TreeFile
from tidegate.ports import World
from tidegate.stages import secret_blobs

LINK = "120000"
SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One path of the tree. `oid` is what git says the file is, "" without git: where it is something else, that blob
    is searched, too, and so are `versions`."""

    path: str
    tracked: bool = False
    oid: str = ""
    versions: tuple[str, ...] = ()
    why: str = ""
    """Why it cannot be read, where that is known."""


def leaves(files: Sequence[TreeFile], world: World, commit: str) -> list[Leaf]:
    """The files of an inventory without its submodules."""
    files = [file for file in files if file.mode != SUBMODULE]
    staged = {entry.path: entry.oid for entry in world.git.tracked()} if any(file.tracked for file in files) else {}
    changed = {file.path for file in files if file.tracked and file.changed}
    held = {entry.path: entry.oid for entry in world.git.tree(commit)} if commit and changed else {}
    made = []
    for file in files:
        version = held.get(file.path) if file.path in changed else None
        oid = staged.get(file.path, "") if file.tracked else ""
        made.append(Leaf(file.path, file.tracked, oid, (version,) if version and version != oid else ()))
    return made


def below(world: World, paths: Sequence[str]) -> Iterator[Leaf]:
    """What lies at and below these paths, whatever git says of it; what does not, cannot be read."""
    for path in paths:
        try:
            yield from (Leaf(each, why=why) for each, why in world.files.everything(path))
        except FormatError as error:
            yield Leaf(path, why=error.message)


def here(world: World, paths: Sequence[str] = ()) -> tuple[list[Leaf], list[str]]:
    """The leaves of the working tree without an inventory, by path, and its submodules. Outside of git, `paths` are
    all that is looked at."""
    if not world.git.present():
        return list(dict.fromkeys(below(world, paths or ("",)))), []
    commit = world.git.resolve("HEAD")
    staged = {entry.path for entry in world.git.staged()} if commit else set[str]()
    held = {entry.path: entry.oid for entry in world.git.tree(commit)} if commit and staged else {}
    made, modules = [], []
    for entry in world.git.tracked():
        if entry.mode == SUBMODULE:
            modules.append(entry.path)
            continue
        version = held.get(entry.path) if entry.path in staged else None
        made.append(Leaf(entry.path, True, entry.oid, (version,) if version and version != entry.oid else ()))
    made += [Leaf(path) for path in world.git.untracked()]
    return sorted(made, key=lambda leaf: leaf.path), modules


def pieces(world: World, tree: Sequence[Leaf], span: range) -> Iterator[tuple[int, Piece]]:
    """What is in some leaves of a tree, with their numbers."""
    opener = Apart()
    more: list[tuple[int, str]] = []
    for number in span:
        leaf = tree[number]
        same = False
        try:
            head, parts = _lying(world, leaf, opener)
            same = bool(leaf.oid) and _is(head, leaf.oid)
            for piece in parts:
                yield number, piece
        except FormatError as error:
            # What git tracks and nobody has put there, or somebody has deleted, is searched as git holds it.
            if not leaf.oid or not _says(error, leaf.path, "is missing"):
                yield number, Piece(leaf.path, fault=rules.UNSCANNED.id, why=error.message, skip="unreadable")
        more += [(number, oid) for oid in leaf.versions]
        if leaf.oid and not same:
            more.append((number, leaf.oid))
    for at, piece in secret_blobs.pieces(world, [(oid, tree[number].path) for number, oid in more]):
        yield more[at][0], piece


def _lying(world: World, leaf: Leaf, opener: Apart) -> tuple[bytes, Iterator[Piece]]:
    """The beginning of a file, all of it up to `SLICE`, and its pieces. Of a link the text; it is not followed."""
    if leaf.why:
        raise FormatError(leaf.why)
    try:
        with world.files.open(leaf.path) as stream:
            head = stream.read(SLICE + 1)
    except FormatError as error:
        if not _says(error, leaf.path, "is a link"):
            raise
        text = world.files.link(leaf.path)
        linked = [Piece(leaf.path, text)]
        if not leaf.tracked:
            linked.append(Piece(leaf.path, fault=rules.LINK.id, why=error.message, skip="link"))
        return text, iter(linked)
    if len(head) > SLICE:
        return head, _large(world, leaf, opener)
    return head, (
        replace(piece, listed=leaf.tracked and piece.path == leaf.path) for piece in opener.file(leaf.path, head)
    )


def _large(world: World, leaf: Leaf, opener: Apart) -> Iterator[Piece]:
    with world.files.open(leaf.path) as stream:
        yield from opener.stream(leaf.path, stream)


def _says(error: FormatError, path: str, what: str) -> bool:
    """Is this what is said of the path, and no part of its name?"""
    return error.message.startswith(f"`{path}` {what}")


def _is(data: bytes, oid: str) -> bool:
    """Is this git's blob `oid`? CRLF for LF is no difference."""
    if len(data) > SLICE:
        return False
    return oid in (_oid(data, oid), _oid(data.replace(b"\r\n", b"\n"), oid))


def _oid(data: bytes, like: str) -> str:
    digest = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest()
