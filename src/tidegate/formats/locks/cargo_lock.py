"""Cargo.lock, versions 1 to 4, gives every crate, its source and its checksum; local crates have neither."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from tidegate.errors import FormatError
from tidegate.formats import registries, toml
from tidegate.formats.locks import graph, pins, unread
from tidegate.formats.locks.shape import bounded, table, tables, text, texts
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem, Source, SourceKind

FORMAT = "Cargo.lock"
ECOSYSTEM = "crates.io"
NAMES = ("Cargo.lock",)
VERSIONS = (3, 4)
"""Versions 1 and 2 do not say theirs."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*", re.ASCII)
_EDGE = re.compile(r"(\S+)(?: (\S+)(?: \((\S+)\))?)?")
_NO_CHECKSUM = "<none>"


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def parse(path: str, raw: bytes) -> LockFile:
    """Read a Cargo.lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    document = toml.loads(raw, limit=pins.LIMIT, what="the lockfile")
    written = document.get("version")
    if written is not None and (written not in VERSIONS or isinstance(written, bool | float)):
        told = shown(str(written), 20)
        return unread.of_version(path, FORMAT, ECOSYSTEM, raw, f"Cargo.lock version {told} is not read", told)
    entries = tables(document.get("package"), "`package`")
    bounded(len(entries), pins.MAX_PACKAGES)
    lines = graph.header_lines(raw, b"[[package]]", len(entries))
    root = document.get("root")
    if root is not None:
        entries, lines = [table(root, "`root`"), *entries], [None, *lines]
    sums = _old_checksums(table(document.get("metadata"), "`metadata`"))
    every = [_crate(entry, sums, line) for entry, line in zip(entries, lines, strict=True)]
    crates = [crate for crate in every if not crate.instead]
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=_linked(crates),
        problems=(*_problems(path, every, sums), *_replacements(path, every)),
        version=str(written or ""),
    )


@dataclass(frozen=True, slots=True)
class _Crate:
    """One `[[package]]`. `key` is what version 1 calls it; `edges` are (name, version or "") of what it needs.

    `instead` is the key of what is built in its place (`[replace]`), "" for all that are built.
    """

    locked: Locked
    key: str
    edges: tuple[tuple[str, str], ...]
    instead: str


def _crate(entry: dict[str, object], sums: dict[str, str], line: int | None) -> _Crate:
    try:
        name = crate_name(text(entry.get("name"), "`name`"))
        version = text(entry.get("version"), "`version`")
        written = text(entry.get("source"), "`source`")
        key = f"{name} {version} ({written})"
        digest, bad = _checksum(text(entry.get("checksum"), "`checksum`") or sums.get(key, ""))
        edges = tuple(map(_edge, texts(entry.get("dependencies"), "`dependencies`")))
        instead = text(entry.get("replace"), "`replace`")
    except FormatError as error:
        raise FormatError(error.message, line=error.line or line) from None
    hashes = (digest,) if digest else ()
    locked = Locked(ECOSYSTEM, name, name, version, _source(written), hashes=hashes, bad_hashes=bad, line=line)
    return _Crate(locked, key if written else f"{name} {version}", edges, instead)


def crate_name(written: str) -> str:
    """The name as it is. Raises FormatError when it is no crate's name."""
    if len(written) > 200 or not _NAME.fullmatch(written):
        raise FormatError("a package has a name that is no package name")
    return written


def _checksum(written: str) -> tuple[Digest | None, tuple[str, ...]]:
    """Cargo writes the sha256 in bare lower-case hexadecimal."""
    if written in ("", _NO_CHECKSUM):
        return None, ()
    try:
        return Digest("sha256", written), ()
    except ValueError:
        return None, (written[:200],)


def _edge(written: str) -> tuple[str, str]:
    match = _EDGE.fullmatch(written)
    if match is None:
        raise FormatError("a dependency is not `name version (source)`")
    return crate_name(match[1]), match[2] or ""


def _source(written: str) -> Source:
    kind, plus, address = written.partition("+")
    if not written:
        return pins.workspace(".")
    match kind if plus else "":
        case "registry" | "sparse":
            if registries.is_index(ECOSYSTEM, address):
                return pins.registry(ECOSYSTEM, "")
            return pins.registry(ECOSYSTEM, address)
        case "git":
            whole, _, commit = address.partition("#")
            return pins.git(whole.partition("?")[0], unquote(commit))
    return Source(SourceKind.UNKNOWN, url=pins.without_secrets(written))


def _old_checksums(metadata: dict[str, object]) -> dict[str, str]:
    """Version 1: `checksum NAME VERSION (SOURCE)` to the checksum."""
    start = "checksum "
    return {key[len(start) :]: text(value, "`metadata`") for key, value in metadata.items() if key.startswith(start)}


def _linked(crates: list[_Crate]) -> tuple[Locked, ...]:
    """The packages with their edges; what a local crate needs is direct."""
    places = graph.Places([(crate.locked.name, crate.locked.version) for crate in crates])
    targets = [[number for edge in crate.edges for number in places.find(*edge)] for crate in crates]
    direct = {
        number
        for crate, found in zip(crates, targets, strict=True)
        if crate.locked.source.kind is SourceKind.WORKSPACE
        for number in found
    }
    return tuple(
        replace(crate.locked, direct=number in direct, requires=tuple(dict.fromkeys(map(places.label, found))))
        for number, (crate, found) in enumerate(zip(crates, targets, strict=True))
    )


def _replacements(path: str, crates: list[_Crate]) -> Iterator[Problem]:
    """What is built instead of a crate is the same version of it from elsewhere, and in the lock."""
    built = {crate.key for crate in crates if not crate.instead}
    for crate in crates:
        if crate.instead and (
            crate.instead not in built or crate.instead.split(" ")[:2] != [crate.locked.name, crate.locked.version]
        ):
            message = f"it is replaced by `{shown(crate.instead)}`, which the lock does not hold"
            yield Problem("lock-malformed", f"{path}#{crate.locked.purl}", message, crate.locked.line)


def _problems(path: str, crates: list[_Crate], sums: dict[str, str]) -> Iterator[Problem]:
    seen: set[str] = set()
    versions = {(crate.locked.name, crate.locked.version) for crate in crates}
    names = {crate.locked.name for crate in crates}
    for crate in crates:
        locked = crate.locked
        about = f"{path}#{locked.purl}"
        if crate.key in seen:
            yield Problem("lock-malformed", about, "the same package is locked twice", locked.line)
        seen.add(crate.key)
        if locked.source.kind is SourceKind.WORKSPACE and (locked.hashes or locked.bad_hashes):
            yield Problem("lock-malformed", about, "it has a checksum and no source", locked.line)
        for name, version in crate.edges:
            if (name, version) not in versions if version else name not in names:
                wanted = f"{name} {version}".strip()
                message = f"`{shown(locked.name)}` needs `{shown(wanted)}`, which the lock does not hold"
                yield Problem("lock-stale", f"{about}#{subject(wanted)}", message, locked.line)
    for key in sums.keys() - seen:
        yield Problem("lock-malformed", f"{path}#{subject(key)}", "there is a checksum for a package it does not hold")
