"""One entry of bun.lock: the place it is found at, what it is, and where it is from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats.locks import node, pins
from tidegate.formats.locks.shape import table
from tidegate.model.package import Source

EXACT = re.compile(r"[0-9]+\.[0-9]+\.[0-9]")
_LOCAL = ("./", "../", "/", "~")


@dataclass(slots=True)
class Entry:
    """`installed` is the name it is found by; `rest` what follows the name in its identity; `meta` its tables."""

    key: str
    installed: str
    name: str
    rest: str
    origin: str
    meta: Mapping[str, object]
    integrity: str
    line: int | None
    needs: list[str] = field(default_factory=list)


def read(key: str, parts: list[object], line: int | None) -> Entry:
    """`[identity, address, tables, integrity]` from a registry, `[identity, tables, …]` from elsewhere.

    Raises FormatError with the line.
    """
    identity = parts[0] if parts else None
    if not isinstance(identity, str):
        raise FormatError("a package has no identity", line=line)
    name, rest = node.split(identity)
    origin, after = "", parts[1:]
    if after and isinstance(after[0], str):
        origin, after = after[0], after[1:]
    meta = table(after[0], "a package") if after else {}
    integrity = after[1] if len(after) > 1 else ""
    last = after[2] if len(after) > 2 else ""
    if not isinstance(integrity, str) or not isinstance(last, str) or len(after) > 3:
        raise FormatError("a package has parts Bun does not write", line=line)
    try:
        pins.npm_name(name)
    except FormatError as error:
        raise FormatError(error.message, line=line) from None
    return Entry(key, installed(key), name, rest, origin, meta, last or integrity, line)


def above(key: str) -> str:
    """The place a package is nested in; a scope and its name are one step."""
    head = key.rpartition("/")[0]
    outer, _, last = head.rpartition("/")
    return outer if last.startswith("@") else head


def installed(key: str) -> str:
    outer = above(key)
    return key[len(outer) + 1 :] if outer else key


def version(entry: Entry) -> str:
    return entry.rest if EXACT.match(entry.rest) else node.version_in(entry.rest, entry.name)


def source(entry: Entry) -> Source:
    rest = entry.rest
    kind, colon, target = rest.partition(":")
    if entry.origin or (not colon and not rest.startswith(_LOCAL)):
        return node.source(entry.origin) if EXACT.match(rest) or entry.origin else pins.registry(node.ECOSYSTEM, "")
    match kind:
        case "workspace":
            return pins.workspace(target)
        case "link" | "file":
            return pins.path(target)
        case "github" | "gitlab" | "bitbucket":
            place, _, ref = target.partition("#")
            return pins.git(f"https://{node.CODE_HOSTS[kind]}/{place}", ref)
    if rest.startswith(_LOCAL):
        return pins.path(rest)
    return node.source(rest, asked=True)
