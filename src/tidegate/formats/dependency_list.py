"""`dependencies.json`: every locked package with its state, and the advisories asked; same input, same bytes."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from tidegate.model.package import Locked

NAME = "dependencies.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One package. `state` is audited, vulnerable, malicious, unaudited, own or outside (a build pin, which no database
    names); `locks` are the lockfiles' paths."""

    package: Locked
    state: str
    advisories: tuple[str, ...]
    locks: tuple[str, ...]


class Database(Protocol):
    """What is said about a source of advisories (`ports.DatabaseFacts`)."""

    @property
    def name(self) -> str: ...
    @property
    def records(self) -> int: ...
    @property
    def newest(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def offline(self) -> bool: ...


def render(entries: Iterable[Entry], databases: Iterable[Database]) -> str:
    """JSON with sorted keys, ASCII, one line end at the end."""
    document = {
        "version": VERSION,
        "advisories": [
            {
                "name": each.name,
                "records": each.records,
                "newest": each.newest,
                "digest": each.digest,
                "offline": each.offline,
            }
            for each in databases
        ],
        "packages": [_package(entry) for entry in entries],
    }
    return json.dumps(document, sort_keys=True, indent=1) + "\n"


def _package(entry: Entry) -> dict[str, object]:
    package = entry.package
    return {
        "purl": package.purl,
        "ecosystem": package.ecosystem,
        "name": package.name,
        "version": package.version,
        "source": package.source.kind.value,
        "hashes": sorted({str(digest) for digest in package.hashes}),
        "state": entry.state,
        "advisories": list(entry.advisories),
        "locks": list(entry.locks),
    }
