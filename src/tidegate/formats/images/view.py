"""The file system an image runs with: layers laid over each other, so that what shows is told from what lies below."""

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.formats.images.layer import Layer

MAX_HOPS = 40
MAX_DEPTH = 256


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file or link: the number of its layer, its name there, and where it leads as a symbolic link."""

    layer: int
    path: str
    link: str = ""


_Node = dict[str, "_Node | Leaf"]


class View:
    """Layers are laid lowest first. Links are followed inside the image alone, as its own root would."""

    def __init__(self) -> None:
        self._root: _Node = {}
        self._count = 0

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

    def inside(self, path: str) -> list[Leaf]:
        """The files of a folder itself, in order of name; links are followed."""
        node = self._at(_parts(path))
        names = sorted(node) if isinstance(node, dict) else []
        found = (self.find(f"{path}/{name}") for name in names)
        return [leaf for leaf in found if leaf is not None]

    def shows(self, layer: int, path: str) -> bool:
        """Is this file of this layer the one that is seen?"""
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

    def _at(self, parts: list[str], *, last: bool = True) -> "_Node | Leaf | None":
        """What lies at a path; links on the way are followed, and with `last` the end as well."""
        hops, done, rest = 0, list[str](), parts[:MAX_DEPTH]
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
                node, done = self._root, []
            else:
                done.append(step)
        return node

    def _parent(self, path: str, *, make: bool = True) -> tuple[_Node, str] | None:
        """The folder a name lies in, reached through links to folders; made, in the place of files, where it is not."""
        parts = _parts(path)
        if not parts:
            return None
        node = self._root
        for index, step in enumerate(parts[:-1]):
            inner = node.get(step)
            if isinstance(inner, Leaf) and inner.link:
                inner = self._at(parts[: index + 1])
            if not isinstance(inner, dict):
                if not make:
                    return None
                inner = node[step] = {}
            node = inner
        return node, parts[-1]

    def _folder(self, path: str) -> None:
        found = self._parent(path)
        if found is not None and not isinstance(found[0].get(found[1]), dict):
            found[0][found[1]] = {}

    def _place(self, path: str, leaf: Leaf) -> None:
        found = self._parent(path)
        if found is not None:
            found[0][found[1]] = leaf

    def _remove(self, path: str) -> None:
        found = self._parent(path, make=False)
        if found is not None:
            found[0].pop(found[1], None)

    def _empty(self, path: str) -> None:
        node = self._at(_parts(path))
        if isinstance(node, dict):
            node.clear()


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
