"""Names in an image layer: what two unpackers would not treat alike, and what the layer does to those below it.

A layer is applied to a root of its own: links may be absolute, names may differ in case, anything may be in them.
(OCI image specification, "Image Layer Filesystem Changeset")
"""

from dataclasses import dataclass, field

from tidegate.formats.archive_names import HOSTILE, MAX_DEPTH, MAX_NAME, parents, plain
from tidegate.formats.text import shown
from tidegate.model.package import Problem

MARK = ".wh."
OPAQUE = ".wh..wh..opq"
_RESERVED = ".wh..wh."


@dataclass(slots=True)
class LayerNames:
    """Implements `tar_members.NameBook`. All paths are without a leading `/`."""

    folders: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    """Symbolic links and where they lead, as written."""
    hard: dict[str, str] = field(default_factory=dict)
    """Hard links and the member they name."""
    removed: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)

    def folder(self, raw: str) -> list[Problem]:
        path = path_of(raw)
        faults = self._shape(raw, path)
        if path in self.files:
            faults.append("is both a file and a folder")
        self.folders.add(path)
        return _problems(path, faults)

    def file(self, raw: str, link: str = "", hard: bool = False) -> list[Problem]:
        path = path_of(raw)
        faults = self._shape(raw, path)
        if not path:
            faults.append("has no name")
        folder, _, name = path.rpartition("/")
        if name.startswith(MARK):
            return _problems(path, [*faults, *self._mark(folder, name)])
        if path in self.files:
            faults.append("is there twice")
        if path in self.folders:
            faults.append("is both a file and a folder")
        if path in self.removed:
            faults.append("is deleted by the layer that brings it")
        if hard and path_of(link) not in self.files:
            faults.append("is a hard link to something that is no earlier file of its layer")
        self.files.add(path)
        self.links.pop(path, None)
        self.hard.pop(path, None)
        if hard:
            self.hard[path] = path_of(link)
        elif link:
            self.links[path] = link
        return _problems(path, faults)

    def is_mark(self, path: str) -> bool:
        return path.rpartition("/")[2].startswith(MARK)

    def _mark(self, folder: str, name: str) -> list[str]:
        """Whiteouts and opaque folders. Other names beginning so are reserved, and nobody unpacks them."""
        if name == OPAQUE:
            self.emptied.add(folder)
            return []
        if name.startswith(_RESERVED):
            return ["has a name that is reserved, and is no whiteout"]
        gone = name[len(MARK) :]
        if gone in {"", ".", ".."}:
            return ["is a whiteout of nothing"]
        path = f"{folder}/{gone}" if folder else gone
        self.removed.add(path)
        return [f"deletes `{shown(path)}`, which its own layer brings"] if path in self.files else []

    def _shape(self, raw: str, path: str) -> list[str]:
        faults = []
        if ".." in raw.split("/"):
            faults.append("climbs out of its folder")
        if "\0" in raw:
            faults.append("has a NUL in its name")
        if len(raw) > MAX_NAME:
            faults.append(f"has a name longer than {MAX_NAME} characters")
        if path.count("/") > MAX_DEPTH:
            faults.append(f"lies more than {MAX_DEPTH} folders deep")
        if self.links and any(parent in self.links for parent in parents(path)):
            faults.append("lies behind a link of its own layer")
        return faults


def path_of(raw: str) -> str:
    """A member's name without a leading `/`, `.` and empty parts; `..` stays visible."""
    return plain(raw).lstrip("/")


def _problems(path: str, faults: list[str]) -> list[Problem]:
    return [Problem(HOSTILE, path, f"the member `{shown(path)}` {fault}") for fault in faults]
