"""`ports.Files` over what the next commit would hold: every byte comes from the index, none from the working tree."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from tidegate.adapters.git_process import Plumbing
from tidegate.errors import FormatError
from tidegate.ports import Entry

_REGULAR = frozenset({"100644", "100755"})
_LINK = "120000"
MAX_OPEN = 256 << 20
MAX_SMALL = 1 << 20
MAX_KEPT = 128 << 20


class IndexFiles:
    """The files of `entries`, by path, as git's object store holds them."""

    def __init__(self, plumbing: Plumbing, entries: Mapping[str, Entry]) -> None:
        self._plumbing = plumbing
        self._entries = entries
        self._fetched: dict[str, bytes] = {}

    def fetch(self, paths: Iterable[str]) -> None:
        """Read many files with one git: what is small is kept, the rest is read when it is asked for."""
        oids = {self._entries[path].oid for path in paths if path in self._entries} - self._fetched.keys()
        room = MAX_KEPT - sum(map(len, self._fetched.values()))
        for each in self._plumbing.contents(sorted(oids), MAX_SMALL):
            if each.data is not None and len(each.data) <= room:
                self._fetched[each.oid] = each.data
                room -= len(each.data)

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of one regular file. FormatError when it is a link, a submodule, missing or too large."""
        entry = self._entry(path)
        if entry.mode == _LINK:
            raise FormatError(f"`{path}` is a link; links are not followed")
        if entry.mode not in _REGULAR:
            raise FormatError(f"`{path}` is a folder, not a regular file")
        return self._data(entry, limit)

    def open(self, path: str) -> BinaryIO:
        return io.BytesIO(self.read(path, MAX_OPEN))

    def link(self, path: str) -> bytes:
        entry = self._entry(path)
        if entry.mode != _LINK:
            raise FormatError(f"`{path}` is no link")
        return self._data(entry, 1 << 16)

    def everything(self, below: str = "") -> Iterator[tuple[str, str]]:
        folder = below.rstrip("/")
        for path in sorted(self._entries):
            if not folder or path == folder or path.startswith(f"{folder}/"):
                yield path, ""

    def walk(self) -> Iterator[tuple[str, int]]:
        for path, entry in sorted(self._entries.items()):
            if entry.mode in _REGULAR:
                yield path, self.size(path) or 0

    def size(self, path: str) -> int | None:
        entry = self._entries.get(path)
        if entry is None or entry.mode not in _REGULAR | {_LINK}:
            return None
        if entry.oid in self._fetched:
            return len(self._fetched[entry.oid])
        head = next(self._plumbing.check([entry.oid]))
        return head.size if head.kind == "blob" else None

    def _entry(self, path: str) -> Entry:
        if path not in self._entries:
            raise FormatError(f"`{path}` is missing")
        return self._entries[path]

    def _data(self, entry: Entry, limit: int) -> bytes:
        known = self._fetched.get(entry.oid)
        if known is not None and len(known) <= limit:
            return known
        head = self._plumbing.content(entry.oid, limit)
        if head.kind != "blob":
            raise FormatError(f"`{entry.path}` is missing from the object store")
        if head.data is None:
            raise FormatError(f"`{entry.path}` is larger than {limit} bytes")
        return head.data
