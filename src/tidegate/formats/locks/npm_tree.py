"""The tree of `node_modules` folders an npm lock describes, and what its packages ask for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import cast

from tidegate.errors import FormatError
from tidegate.formats.locks.shape import table, text

Entries = Mapping[str, Mapping[str, object]]

_KEY = re.compile(rb'[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t]*:[ \t]*\{')
_INSTALLED = re.compile(r"(?:.*/)?node_modules/((?:@[^/@]+/)?[^/@][^/]*)", re.DOTALL)
_PLACE = re.compile(r"(?:\.\./)*(?:[^/\\\x00-\x1f]+/)*[^/\\\x00-\x1f]+")
_USUAL = re.compile(r"node_modules/(?:@\w[\w.-]*/)?\w[\w.-]*(?:/node_modules/(?:@\w[\w.-]*/)?\w[\w.-]*)*", re.ASCII)
_MAX_LEGACY = 200_000


def keys(raw: bytes) -> Iterator[tuple[int, str]]:
    """The 1-based line and the key of every object that opens on the line of its key."""
    for number, line in enumerate(raw.split(b"\n"), 1):
        if b"{" in line and (match := _KEY.match(line)):
            yield number, match[1].decode("utf-8", "replace")


def key_lines(raw: bytes) -> dict[str, int]:
    """The 1-based line of the first object under each key."""
    lines: dict[bytes, int] = {}
    for number, line in enumerate(raw.split(b"\n"), 1):
        if b"{" in line and (match := _KEY.match(line)):
            lines.setdefault(match[1], number)
    # Backwards, so that of two keys that are the same text the first stays.
    return {key.decode("utf-8", "replace"): line for key, line in reversed(lines.items())}


@lru_cache(maxsize=65536)
def installed_name(key: str) -> str:
    """The name a package is installed under, "" for a folder of the project itself."""
    match = _INSTALLED.fullmatch(key)
    return match[1] if match else ""


def well_formed(key: str) -> bool:
    """A place below the lock's folder, or a project folder beside it; never up again out of `node_modules`."""
    if _USUAL.fullmatch(key):
        return True
    parts = key.split("/")
    if _PLACE.fullmatch(key) is None or "." in parts or "" in parts:
        return False
    below = parts[next((at for at, part in enumerate(parts) if part != ".."), len(parts)) :]
    return ".." not in below and (not key.startswith("..") or "node_modules" not in parts or bool(installed_name(key)))


def find(entries: Entries, key: str, name: str) -> str | None:
    """Where node would find `name` from the package at `key`: its own folder, then every folder above."""
    base = key
    while True:
        place = f"{base}/node_modules/{name}" if base else f"node_modules/{name}"
        if place in entries:
            return place
        if not base:
            return None
        cut = base.rfind("/node_modules/")
        if cut >= 0:
            base = base[:cut]
        elif base.startswith("node_modules/") or "/" not in base:
            base = ""
        else:
            base = base.rpartition("/")[0]


def bundled(entries: Entries, key: str) -> bool:
    """Does a package above, itself pinned by a hash, say that it bundles its dependencies?"""
    base = key
    while (cut := base.rfind("/node_modules/")) >= 0:
        base = base[:cut]
        above = entries.get(base, {})
        if above.get("bundleDependencies") or above.get("bundledDependencies"):
            return bool(above.get("integrity"))
        if above.get("inBundle") is not True:
            return False
    return False


def asks_for(spec: str, name: str) -> bool:
    """Does `npm:name@range` or a direct source ask for a package under another name?"""
    if spec.startswith("npm:"):
        wanted = spec[4:]
        return wanted == name or wanted.startswith(f"{name}@")
    return ":" in spec or "/" in spec


@dataclass(frozen=True, slots=True)
class Wishes:
    """The dependency tables of one manifest or package."""

    plain: dict[str, str]
    optional_: dict[str, str]
    dev: dict[str, str]
    peer: dict[str, str]

    def groups(self) -> Iterator[dict[str, str]]:
        """Those that are not empty, as most are."""
        return filter(None, (self.plain, self.optional_, self.dev, self.peer))

    def every(self) -> Iterator[tuple[str, str]]:
        for group in self.groups():
            yield from group.items()

    def of(self, name: str) -> tuple[str, ...]:
        return tuple(group[name] for group in self.groups() if name in group)

    def needed(self) -> Iterator[str]:
        """The names of what it does not run without; peers may be missing, and count where they are there."""
        return chain(self.plain, self.optional_, self.peer)

    def requires(self) -> tuple[str, ...]:
        merged = {**self.plain, **self.optional_}
        return tuple(f"{name}@{spec}" for name, spec in sorted(merged.items()))

    def optional(self) -> tuple[str, ...]:
        rest = [*self.dev.items(), *self.peer.items()]
        return tuple(f"{name}@{spec}" for name, spec in sorted(rest))

    def dispensable(self, name: str) -> bool:
        """May be absent from the tree: optional dependencies, and peers, which npm can be told to leave."""
        return name in self.optional_ or (name in self.peer and name not in self.plain and name not in self.dev)


def wishes(entry: Mapping[str, object]) -> Wishes:
    """Read the tables of a `package.json` or of an entry of a lock. Raises FormatError."""

    if _TABLES.keys().isdisjoint(entry):
        return _NO_WISHES
    return Wishes(*[_table(entry[key], key) if key in entry else {} for key in _TABLES])


MAX_DEPTH = 50
"""Packages inside packages; the deepest real trees have a dozen."""
MAX_WISHES = 400_000


def bounded(entries: Entries) -> None:
    """Raises FormatError for a tree too deep, or with more wishes, than can be searched for who answers whom."""
    if any(key.count("/") > 3 * MAX_DEPTH or key.count("node_modules/") > MAX_DEPTH for key in entries):
        raise FormatError(f"packages are installed more than {MAX_DEPTH} deep in each other")
    tables = (entry.get(name) for entry in entries.values() for name in _TABLES if name in entry)
    if sum(len(one) for one in tables if isinstance(one, dict)) > MAX_WISHES:
        raise FormatError(f"packages ask for more than {MAX_WISHES} others")


_TABLES = dict.fromkeys(("dependencies", "optionalDependencies", "devDependencies", "peerDependencies"))
"""In the order of `Wishes`."""
_NO_WISHES = Wishes({}, {}, {}, {})
_TEXT = frozenset({str})


def _table(value: object, key: str) -> dict[str, str]:
    what = f"`{key}`"
    specs = table(value, what)
    if _TEXT.issuperset(map(type, specs.values())):
        return cast("dict[str, str]", specs)
    return {name: text(spec, what) for name, spec in specs.items()}


@dataclass(frozen=True)
class Names:
    """The real name and version at each place."""

    packages: Mapping[str, tuple[str, str]]

    @cached_property
    def labels(self) -> dict[str, str]:
        """By place, the name, with `@version` where the lock holds several of it."""
        versions: dict[str, set[str]] = {}
        for name, version in self.packages.values():
            versions.setdefault(name, set()).add(version)
        return {
            place: f"{name}@{version}" if len(versions[name]) > 1 and version else name
            for place, (name, version) in self.packages.items()
        }


def names_of(entries: Entries) -> Names:
    packages: dict[str, tuple[str, str]] = {}
    for key, entry in entries.items():
        real = entry
        if entry.get("link") is True:
            real = entries.get(text(entry.get("resolved"), "`resolved`"), entry)
        name = text(real.get("name"), "`name`") or installed_name(key) or key.rsplit("/", 1)[-1]
        packages[key] = (name, text(real.get("version"), "`version`"))
    return Names(packages)


def same_version(written: str, entry: Mapping[str, object], installed: str) -> bool:
    """Does the `version` of the old tree say what the entry of the new table says? An entry that is not there does
    not. It is a version, `npm:name@version`, or the address the package is taken from."""
    if written.startswith("npm:"):
        name, _, version = written.removeprefix("npm:").rpartition("@")
        return (name, version) == (entry.get("name", installed), entry.get("version"))
    if ":" in written:
        return written == entry.get("resolved")
    return bool(entry) and ("version" not in entry or not written or written == entry["version"])


def legacy(dependencies: dict[str, object], entries: Entries) -> dict[str, tuple[str, str, str]]:
    """The `dependencies` tree old npm reads, by place: (version, resolved, integrity).

    What it puts below a link lies below the folder that is linked to.
    """
    found: dict[str, tuple[str, str, str]] = {}
    waiting = [("", dependencies)]
    while waiting:
        base, children = waiting.pop()
        for name, value in children.items():
            entry = table(value, "a dependency")
            place = f"{base}/node_modules/{name}" if base else f"node_modules/{name}"
            resolved = entry.get("resolved")
            integrity = entry.get("integrity")
            found[place] = (
                text(entry.get("version"), "`version`"),
                resolved if isinstance(resolved, str) else "",
                integrity if isinstance(integrity, str) else "",
            )
            if len(found) > _MAX_LEGACY:
                raise FormatError("the lockfile holds too many dependencies")
            if entry.get("dependencies"):
                linked = entries.get(place, {})
                below = linked.get("resolved") if linked.get("link") is True else place
                waiting.append((str(below), table(entry["dependencies"], "`dependencies`")))
    return found
