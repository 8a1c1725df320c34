"""What the source commit holds: files by path and by content, links, submodules."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MAX_PLACES = 20
MAX_LINKS = 5_000
_HOPS = 20
_FILES = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class Held:
    """One path of a commit: git's mode, and the id of its blob or (a submodule's) commit."""

    path: str
    mode: str
    oid: str


@dataclass(slots=True)
class Tree:
    """`files` and `links` are path to blob id; `places` are some of the paths of a blob."""

    files: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    """Link to the text it holds."""

    @classmethod
    def of(cls, held: Iterable[Held]) -> "Tree":
        tree = cls()
        for each in held:
            if each.mode in _FILES:
                tree.files[each.path] = each.oid
                places = tree.places.setdefault(each.oid, [])
                if len(places) < MAX_PLACES:
                    places.append(each.path)
            elif each.mode == "120000":
                tree.links[each.path] = each.oid
            elif each.mode == "160000":
                tree.modules[each.path] = each.oid
        return tree

    @property
    def algorithm(self) -> str:
        """The hash of the repository's object format."""
        return "sha256" if len(next(iter(self.places), "")) == 64 else "sha1"

    def linked(self, texts: Mapping[str, bytes]) -> None:
        """Take in what its links hold, by blob id."""
        for path, oid in self.links.items():
            raw = texts.get(oid)
            if raw is not None:
                self.targets[path] = raw.decode("utf-8", "surrogateescape")

    def file(self, path: str) -> str | None:
        """The blob of a path, through links that stay in the tree; None where there is no file."""
        for _ in range(_HOPS):
            if path in self.files:
                return self.files[path]
            step = self._step(path)
            if step is None:
                return None
            path = step
        return None

    def module(self, path: str) -> str:
        """The submodule a path lies in, "" for none."""
        return next((module for module in self.modules if path.startswith(module + "/")), "")

    def _step(self, path: str) -> str | None:
        """The path after its first link is followed, None without one or when that leaves the tree."""
        if not self.targets:
            return None
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            head = "/".join(parts[:count])
            if head in self.targets:
                text = self.targets[head]
                joined = posixpath.normpath(posixpath.join(posixpath.dirname(head), text, *parts[count:]))
                return None if text.startswith("/") or joined.split("/")[0] == ".." else joined
        return None
