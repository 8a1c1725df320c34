"""The file system an image runs with: layers laid over each other, so that what shows is told from what lies below."""

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.formats.images.layer import Layer

MAX_HOPS = 40
MAX_DEPTH = 256
MAX_FOLDERS = 1_000_000
"""Folders of all layers together; each costs memory, and a few bytes in an archive make a hundred of them."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file or link: the number of its layer, its name there, and where it leads as a symbolic link."""

    layer: int
    path: str
    link: str = ""


_Node = dict[str, "_Node | Leaf"]


class View:
    """Layers are laid lowest first. Links are followed inside the image alone, as its own root would.

    Where a layer names something behind a link of a layer below, runtimes differ: some follow the link, others put a
    folder in its place. Nothing is hidden that way: what lay there shows beside what was brought.
    """

    def __init__(self) -> None:
        self._root: _Node = {}
        self._count = 0
        self._folders = 0
        self._beside: set[tuple[int, str]] = set()

    @property
    def whole(self) -> bool:
        """False where there were too many folders, so that some files are missing."""
        return self._folders <= MAX_FOLDERS

    def lay(self, layer: Layer) -> None:
        """Apply one layer: first what it takes away from those below, then what it brings."""
        number, names = self._count, layer.names
        self._count += 1
        for path in sorted(names.removed):
            self._remove(path)
        for path in sorted(names.emptied):
            self._empty(path)
        for path in sorted(names.folders, key=lambda each: each.count("/")):
            self._folder(path)
        for path in sorted(names.files):
            self._place(path, Leaf(number, path, names.links.get(path, "")))

    def find(self, path: str) -> Leaf | None:
        """The file at a path, all links followed; None when there is none, or a folder."""
        node = self._at(_parts(path))
        return node if isinstance(node, Leaf) and not node.link else None

    def folder(self, path: str) -> str:
        """The name of a folder with all links followed, "" where there is none."""
        done: list[str] = []
        return "/".join(done) if isinstance(self._at(_parts(path), steps=done), dict) else ""

    def inside(self, path: str, ending: str = "") -> list[Leaf]:
        """The files of a folder itself with names that end so, in order of name; links are followed."""
        node = self._at(_parts(path))
        names = sorted(name for name in node if name.endswith(ending)) if isinstance(node, dict) else []
        found = (self.find(f"{path}/{name}") for name in names)
        return [leaf for leaf in found if leaf is not None]

    def shows(self, layer: int, path: str) -> bool:
        """Is this file of this layer the one that is seen?"""
        if (layer, path) in self._beside:
            return True
        node = self._at(_parts(path), last=False)
        return isinstance(node, Leaf) and (node.layer, node.path) == (layer, path)

    def leaves(self) -> Iterator[Leaf]:
        """Every file and link that shows."""
        waiting: list[_Node] = [self._root]
        while waiting:
            for node in waiting.pop().values():
                if isinstance(node, Leaf):
                    yield node
                else:
                    waiting.append(node)

    def _at(self, parts: list[str], *, last: bool = True, steps: list[str] | None = None) -> "_Node | Leaf | None":
        """What lies at a path; links on the way are followed, and with `last` the end as well.

        `steps` is given the way that was taken in the end.
        """
        hops, rest = 0, parts[:MAX_DEPTH]
        done: list[str] = steps if steps is not None else []
        node: _Node | Leaf = self._root
        while rest:
            if not isinstance(node, dict) or rest[0] not in node:
                return None
            step, rest = rest[0], rest[1:]
            node = node[step]
            if isinstance(node, Leaf) and node.link and (rest or last):
                hops += 1
                if hops > MAX_HOPS:
                    return None
                rest = (_joined(done, node.link) + rest)[:MAX_DEPTH]
                node = self._root
                done.clear()
            else:
                done.append(step)
        return node

    def _parent(self, path: str) -> tuple[_Node, str, bool] | None:
        """The folder a name lies in, reached through links to folders; made, in the place of files, where it is not.

        Last: was there such a link on the way?
        """
        parts, crossed = _parts(path), False
        if not parts or not self.whole:
            return None
        node = self._root
        for index, step in enumerate(parts[:-1]):
            inner = node.get(step)
            if isinstance(inner, Leaf) and inner.link:
                inner, crossed = self._at(parts[: index + 1]), True
            if not isinstance(inner, dict):
                self._folders += 1
                inner = node[step] = {}
            node = inner
        return node, parts[-1], crossed

    def _folder(self, path: str) -> None:
        found = self._parent(path)
        if found is not None and not isinstance(found[0].get(found[1]), dict):
            self._folders += 1
            found[0][found[1]] = {}

    def _place(self, path: str, leaf: Leaf) -> None:
        found = self._parent(path)
        if found is None:
            return
        node, name, crossed = found
        before = node.get(name)
        if crossed and isinstance(before, dict):
            self._beside.add((leaf.layer, leaf.path))
            return
        if crossed and isinstance(before, Leaf):
            self._beside.add((before.layer, before.path))
        node[name] = leaf

    def _remove(self, path: str) -> None:
        parts = _parts(path)
        node = self._direct(parts[:-1])
        if isinstance(node, dict) and parts:
            node.pop(parts[-1], None)

    def _empty(self, path: str) -> None:
        node = self._direct(_parts(path))
        if isinstance(node, dict):
            node.clear()

    def _direct(self, parts: list[str]) -> "_Node | Leaf | None":
        """What lies at a path, no link followed."""
        node: _Node | Leaf | None = self._root
        for step in parts:
            node = node.get(step) if isinstance(node, dict) else None
        return node


def _parts(path: str) -> list[str]:
    """Steps down from the root; no `..` leads out of it."""
    return _joined([], path)


def _joined(base: list[str], path: str) -> list[str]:
    parts = [] if path.startswith("/") else list(base)
    for step in path.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step not in ("", "."):
            parts.append(step)
    return parts[:MAX_DEPTH]
