"""Member names two unpackers would not treat alike, or that leave the folder they are unpacked into."""

import posixpath
import re
import unicodedata
from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats.text import shown
from tidegate.model.package import Problem

HOSTILE = "archive-hostile"
MAX_NAME = 4096
MAX_DEPTH = 128
"""Further down nobody here looks whether a folder on the way is a link or a file."""
MAX_FOLDERS = 400_000
"""Of one archive; a few bytes in it make a hundred of them, each of which costs memory."""

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_DRIVE = re.compile(r"[A-Za-z]:")


def plain(name: str) -> str:
    """A member name without `.` and empty parts; `..` and a leading `/` stay visible."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    return ("/" if name.startswith("/") else "") + "/".join(parts)


class Names:
    """Every name seen so far in one archive, and what is wrong with the next. FormatError for too many folders."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._folded: dict[str, str] = {}
        self._files: set[str] = set()
        self._links: set[str] = set()
        self._folders: set[str] = set()
        self._last: tuple[str, list[str], list[str]] = ("", [], [])

    def folder(self, raw: str) -> list[Problem]:
        """Take in a directory entry (it may come twice)."""
        path = plain(raw)
        faults = list(_shape(raw, path)) + list(self._way(path))
        if path in self._files:
            faults.append("is both a file and a folder")
        faults += self._case(path)
        self._folders.add(path)
        return _problems(path, faults)

    def file(self, raw: str, link: str = "", hard: bool = False) -> list[Problem]:
        """Take in a file or a link. `hard` links name a member, symbolic ones a path beside them."""
        path = plain(raw)
        faults = list(_shape(raw, path)) + list(self._way(path))
        if not path:
            faults.append("has no name")
        if path in self._seen:
            faults.append("is there twice")
        if path in self._folders:
            faults.append("is both a file and a folder")
        faults += self._case(path)
        if hard and plain(link) not in self._files:
            faults.append("is a hard link to something that is not an earlier file of the archive")
        elif link and not hard and _leaves(path, link):
            faults.append("is a link that leaves the archive")
        self._seen.add(path)
        self._files.add(path)
        if link and not hard:
            self._links.add(_folded(path))
        self._folders.update(self._parents(path))
        if len(self._folders) > MAX_FOLDERS:
            raise FormatError(f"the archive holds more than {MAX_FOLDERS} folders")
        return _problems(path, faults)

    def _way(self, path: str) -> Iterator[str]:
        above = self._parents(path)
        if self._links and not self._links.isdisjoint(self._last[2]):
            yield "lies behind a link"
        elif any(each in self._files for each in above):
            yield "lies below something that is a file"

    def _parents(self, path: str) -> list[str]:
        """The folders a member lies in; those of neighbours are the same."""
        folder = path.rpartition("/")[0]
        if folder != self._last[0]:
            above = parents(path)
            self._last = (folder, above, [_folded(each) for each in above])
        return self._last[1]

    def _case(self, path: str) -> list[str]:
        other = self._folded.setdefault(_folded(path), path)
        return [] if other == path else [f"differs from `{shown(other)}` only in case or spelling"]


def _folded(path: str) -> str:
    """What a file system takes two names for that ignores case and spelling, and what Windows leaves out at their end;
    behind a colon stands the name of a stream."""
    folded = unicodedata.normalize("NFKC", path).casefold()
    return "/".join(part.partition(":")[0].rstrip(" .") for part in folded.split("/"))


def _problems(path: str, faults: list[str]) -> list[Problem]:
    return [Problem(HOSTILE, path, f"the member `{shown(path)}` {fault}") for fault in faults]


def _shape(raw: str, path: str) -> Iterator[str]:
    if raw.startswith("/") or _DRIVE.match(path):
        yield "has an absolute name"
    if ".." in path.split("/"):
        yield "climbs out of its folder"
    if "\\" in raw:
        yield "has a backslash in its name"
    if _HIDDEN.search(raw):
        yield "has a control or invisible character in its name"
    if len(raw) > MAX_NAME:
        yield f"has a name longer than {MAX_NAME} characters"
    if path.count("/") > MAX_DEPTH:
        yield f"lies more than {MAX_DEPTH} folders deep"


def parents(path: str) -> list[str]:
    """The folders above a name, from the top, as far down as anybody looks."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(min(len(parts), MAX_DEPTH))]


def _leaves(path: str, link: str) -> bool:
    if link.startswith("/") or "\\" in link or "\0" in link or _DRIVE.match(link):
        return True
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), link)).split("/")[0] == ".."
