"""A folder of advisory databases kept up to date: a new one takes the old one's place whole and proven, or not at all.

A database is fetched or packed into a file of its own, read to its last record, compared with the one before and
indexed. Only then is it renamed into place, and only after that is its index written down; whatever fails, or stops,
before the renaming leaves the old one as it was.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tidegate.adapters.vulns import download, shelf, sources
from tidegate.adapters.vulns.scan import scan
from tidegate.adapters.vulns.shelf import Built
from tidegate.adapters.vulns.snapshot import GET_ONE, Snapshot, at, opened
from tidegate.errors import StaleDatabase, UserError

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class State:
    """One ecosystem's database as it stands. `wrong` says why it is of no use, "" when it can be asked.

    `index` is `ready`, or what is to be said of it; `smaller` the reason a smaller database was taken.
    """

    ecosystem: str
    records: int = 0
    newest: str = ""
    digest: str = ""
    index: str = ""
    smaller: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an import or an update did. `fresh` is False where the database here was the newest already."""

    built: Built
    fresh: bool = True
    left_out: int = 0


class Keeper:
    """Keeps the databases of one folder. Raises UserError, StaleDatabase or UnavailableError."""

    def __init__(self, folder: Path, say: Say) -> None:
        self.folder = folder
        self._say = say
        self._shelf = shelf.beside(folder)

    def ecosystems(self) -> list[str]:
        return sources.ecosystems_in(self.folder)

    def state(self, ecosystem: str) -> State:
        """Read the database itself where no index speaks for it."""
        try:
            with opened(self.folder, ecosystem) as snapshot:
                return self._state(ecosystem, snapshot)
        except StaleDatabase as error:
            return State(ecosystem, wrong=error.message)

    def _state(self, ecosystem: str, snapshot: Snapshot) -> State:
        try:
            digest = snapshot.digest()
            with self._shelf.open(ecosystem, digest) as found:
                known = self._shelf.known(ecosystem)
                smaller = known.smaller if known and known.source == digest else ""
                if found is not None:
                    return State(ecosystem, found.facts.records, found.facts.newest, digest, "ready", smaller)
            records, newest = _counted(snapshot, ecosystem)
        except (ValueError, OSError) as error:
            return State(ecosystem, wrong=f"damaged: {_why(error)}")
        index = "missing" if known is None else "of another database" if known.source != digest else "damaged"
        return State(ecosystem, records, newest, digest, f"{index}: `tidegate db import` builds it", smaller)

    def take(self, source: Path, ecosystem: str, smaller: str) -> Kept:
        """Import what `source` holds of one ecosystem, "" for the only one it is about."""
        with self._room(ecosystem or "advisories") as path:
            try:
                ecosystem, left = sources.pack(source, ecosystem, path)
            except ValueError as error:
                raise StaleDatabase(f"`{source}` cannot be taken: {error}", hint="mend or fetch it again") from None
            return Kept(self._place(path, ecosystem, smaller), left_out=left)

    def update(self, ecosystem: str, base: str, limit: float, smaller: str) -> Kept:
        """Fetch `base/{ecosystem}/all.zip`; `limit` is in seconds."""
        before = self._before(ecosystem)
        tag = before.tag if before is not None and self._stands(before) else ""
        with self._room(ecosystem) as path:
            url = f"{base.rstrip('/')}/{quote(ecosystem)}/all.zip"
            told = download.fetch(url, path, limit=limit, tag=tag, say=lambda text: self._say(f"{ecosystem}: {text}"))
            if told is None and before is not None:
                return Kept(before, fresh=False)
            return Kept(self._place(path, ecosystem, smaller, tag=told or "", onward=True))

    def _stands(self, built: Built) -> bool:
        """Is the database here still the one that was written down, with its index?"""
        try:
            with opened(self.folder, built.ecosystem) as snapshot:
                digest = snapshot.digest()
            with self._shelf.open(built.ecosystem, digest) as found:
                return found is not None
        except (StaleDatabase, OSError, ValueError):
            return False

    def _before(self, ecosystem: str) -> Built | None:
        """What is remembered of the database here; one that nobody indexed yet is indexed now, to be compared with."""
        known = self._shelf.known(ecosystem)
        if known is not None:
            return known
        try:
            with opened(self.folder, ecosystem) as snapshot:
                built = self._shelf.make(ecosystem, snapshot, None)
        except (StaleDatabase, ValueError, OSError, sqlite3.Error):
            return None
        self._shelf.note(built)
        return built

    def _place(self, path: Path, ecosystem: str, smaller: str, *, tag: str = "", onward: bool = False) -> Built:
        before = self._before(ecosystem)
        self._say(f"{ecosystem}: reading every advisory")
        hint = GET_ONE.format(ecosystem)
        try:
            with at(path, f"the new {ecosystem} database") as snapshot:
                built = self._shelf.make(ecosystem, snapshot, before, smaller=smaller, tag=tag)
        except ValueError as error:
            raise StaleDatabase(f"the new {ecosystem} database is damaged: {error}", hint=hint) from None
        except sqlite3.Error as error:
            raise StaleDatabase(f"the index of {ecosystem} cannot be written: {error}", hint="make room") from None
        if onward and before is not None and built.newest[:19] < before.newest[:19]:
            raise StaleDatabase(
                f"the newest advisory offered for {ecosystem} is of {built.newest}, the one here of {before.newest}",
                hint="ask another source; `tidegate db import` takes an older database on purpose",
            )
        place = self.folder / ecosystem
        place.mkdir(exist_ok=True)
        shelf.keep(path, place / "all.zip")
        self._shelf.note(built)
        return built

    @contextmanager
    def _room(self, ecosystem: str) -> Iterator[Path]:
        """A file to write a new database to; a full or closed disk is told as what it is."""
        if not shelf.is_ecosystem(ecosystem):
            raise UserError(f"{ecosystem!r} is no ecosystem", hint="write it as OSV does, such as `PyPI` or `npm`")
        try:
            self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            with shelf.temporary(self.folder) as path:
                yield path
        except OSError as error:
            raise StaleDatabase(
                f"`{self.folder}` cannot be written: {_why(error)}",
                hint="make room, or name another folder with `--database`; what was there stays",
            ) from None


def _counted(snapshot: Snapshot, ecosystem: str) -> tuple[int, str]:
    result = scan(snapshot.members(), ecosystem, ())
    if not result.count or result.canary is None:
        raise ValueError("it holds no advisory that can be tried")
    return result.count, result.newest


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
