"""One ecosystem's advisories on disk, in the layouts people keep them in; no link below the folder is followed."""

import hashlib
import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tidegate.adapters.vulns import zipped
from tidegate.adapters.vulns.plain import MAX_LIST, RECORDS, as_json, listed
from tidegate.errors import StaleDatabase

MAX_ARCHIVE = 4 * 2**30
GET_ONE = "fetch `{0}/all.zip` of the OSV export into it, or name another folder"
_LAYOUTS = ("{}/all.zip", "osv-scanner/{}/all.zip", "{}.zip", "{}.json", "{}")
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Snapshot(Protocol):
    """An opened database: `name` for people, `digest` over all of it, and its records as bytes."""

    name: str

    def digest(self) -> str: ...

    def members(self) -> Iterator[tuple[str, bytes]]:
        """(member name, content). Raises ValueError or OSError for what cannot be read."""
        ...


class Zipped:
    """A zip file, opened; mapped only while its members are read, since a digest needs no more than a look."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self._number = number

    def digest(self) -> str:
        return _digest(self._number)

    def members(self) -> Iterator[tuple[str, bytes]]:
        with mmap.mmap(self._number, 0, prot=mmap.PROT_READ) as data:
            yield from zipped.members(data)


class Listed:
    """A file that holds the records as one JSON array."""

    def __init__(self, name: str, number: int, size: int) -> None:
        self.name = name
        self._number = number
        self._size = size

    def digest(self) -> str:
        return _digest(self._number)

    def members(self) -> Iterator[tuple[str, bytes]]:
        if self._size > MAX_LIST:
            raise ValueError("it is larger than the limit")
        with open(self._number, "rb", closefd=False) as stream:
            stream.seek(0)
            yield from listed(stream.read())


class Loose:
    """A folder of `*.json` or `*.yaml` records. Other plain files may lie beside them; links and folders may not."""

    def __init__(self, name: str, folder: int) -> None:
        self.name = name
        self._folder = folder
        self._digest = ""

    def digest(self) -> str:
        """Over names and contents, in order; of what was read last."""
        if not self._digest:
            for _ in self.members():
                pass
        return self._digest

    def members(self) -> Iterator[tuple[str, bytes]]:
        names = sorted(os.listdir(self._folder))
        if len(names) > zipped.MAX_MEMBERS:
            raise ValueError(f"more than {zipped.MAX_MEMBERS} members")
        total = 0
        seen = hashlib.sha256()
        for name in names:
            raw = _read(self._folder, name)
            if not name.endswith(RECORDS):
                continue
            total += len(raw)
            if total > zipped.MAX_INFLATED:
                raise ValueError("it is larger than the limit")
            seen.update(f"{len(os.fsencode(name))} ".encode() + os.fsencode(name) + hashlib.sha256(raw).digest())
            yield name, as_json(name, raw)
        self._digest = f"sha256:{seen.hexdigest()}"


def _digest(number: int) -> str:
    with open(number, "rb", buffering=0, closefd=False) as stream:
        stream.seek(0)
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


@contextmanager
def opened(folder: Path, ecosystem: str) -> Iterator[Snapshot]:
    """The database of one ecosystem below `folder`.

    Layouts, first that is there: `{ecosystem}/all.zip`, `osv-scanner/{ecosystem}/all.zip`, `{ecosystem}.zip`,
    `{ecosystem}.json` (one array), `{ecosystem}/*.json` (`*.yaml`). Raises StaleDatabase when there is none or it is
    not a plain file.
    """
    hint = GET_ONE.format(ecosystem)
    if not ecosystem or "/" in ecosystem or "\0" in ecosystem or ecosystem.startswith("."):
        raise StaleDatabase(f"there is no advisory database for {ecosystem!r}", hint=hint)
    for place in (layout.replace("{}", ecosystem) for layout in _LAYOUTS):
        number = _open(folder, place, hint)
        if number is None:
            continue
        try:
            with _snapshot(number, str(folder / place), hint) as snapshot:
                yield snapshot
        finally:
            os.close(number)
        return
    raise StaleDatabase(f"the folder `{folder}` holds no advisories for {ecosystem}", hint=hint)


@contextmanager
def at(path: Path, name: str) -> Iterator[Snapshot]:
    """A zip of ours, wherever it lies; `name` is what people are told."""
    number = os.open(path, _FLAGS)
    try:
        with _snapshot(number, name, "fetch it again") as snapshot:
            yield snapshot
    finally:
        os.close(number)


@contextmanager
def _snapshot(number: int, name: str, hint: str) -> Iterator[Snapshot]:
    status = os.fstat(number)
    if stat.S_ISDIR(status.st_mode):
        yield Loose(name, number)
        return
    if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= MAX_ARCHIVE:
        raise StaleDatabase(f"`{name}` is empty, too large, or no plain file", hint=hint)
    yield Listed(name, number, status.st_size) if name.endswith(".json") else Zipped(name, number)


def _open(folder: Path, place: str, hint: str) -> int | None:
    """Open `place` step by step below `folder`; None when a step is not there."""
    try:
        here = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    except OSError as error:
        raise StaleDatabase(f"the advisory folder `{folder}` cannot be opened: {error.strerror}", hint=hint) from None
    for step in place.split("/"):
        above = here
        try:
            here = os.open(step, _FLAGS, dir_fd=above)
        except FileNotFoundError:
            return None
        except OSError as error:
            why = f"`{folder / place}` cannot be opened: {error.strerror}"
            raise StaleDatabase(why, hint="put a plain file there; no link is followed") from None
        finally:
            os.close(above)
    return here


def _read(folder: int, name: str) -> bytes:
    """One plain file of a folder; b"" for one that is no record (its kind is checked all the same)."""
    number = os.open(name, _FLAGS, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise ValueError(f"`{name[:80]}` is no plain file")
        if not name.endswith(RECORDS):
            return b""
        with open(number, "rb", closefd=False) as stream:
            raw = stream.read(zipped.MAX_MEMBER + 1)
    finally:
        os.close(number)
    if len(raw) > zipped.MAX_MEMBER:
        raise ValueError(f"`{name[:80]}` is larger than the limit")
    return raw
