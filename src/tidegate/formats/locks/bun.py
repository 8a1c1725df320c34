"""bun.lock gives every package by its place in the tree, and what each project of the workspace asks for."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from tidegate.errors import FormatError
from tidegate.formats import repopath, strict_json
from tidegate.formats.locks import bun_entries, node, pins, unread
from tidegate.formats.locks.bun_entries import Entry
from tidegate.formats.locks.npm_tree import Wishes, wishes
from tidegate.formats.locks.shape import array, bounded, table, text
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Asked, Locked, LockFile, Problem, SourceKind

FORMAT = "bun.lock"
ECOSYSTEM = "npm"

# The alternative of a whole text is tried first, so a comma inside one stays; one that does not end is passed over.
_TRAILING = re.compile(r'("(?:[^"\\\n]|\\.)*"?)|,(?=\s*[}\]])')
_KEY = re.compile(r'^ {4}"((?:[^"\\\n]|\\.)*)": \[', re.MULTILINE)
MAX_DEPTH = 100


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == FORMAT


def parse(path: str, raw: bytes) -> LockFile:
    """Read a text lock of Bun. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    content = decode(raw, limit=pins.LIMIT, what="the lockfile")
    plain = _TRAILING.sub(r"\1", content)
    document = strict_json.loads(plain.encode(), limit=pins.LIMIT, what="the lockfile")
    if not isinstance(document, dict):
        raise FormatError("the lockfile is not an object")
    version = document.get("lockfileVersion")
    if version not in (0, 1, 2) or isinstance(version, bool | float):
        message = f"version {shown(str(version), 20)} is not read; `bun install --lockfile-only` writes one that is"
        return unread.of_version(path, FORMAT, ECOSYSTEM, raw, message)
    reader = _Reader(path, document, _lines(content))
    reader.read()
    settings, overridden = _settings(document)
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.packages()),
        problems=tuple(reader.problems),
        asked=tuple(reader.asked),
        overrides=overridden,
        version=str(version),
        settings=settings,
    )


def _lines(content: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    line, last = 1, 0
    for match in _KEY.finditer(content):
        line += content.count("\n", last, match.start())
        last = match.start()
        lines.setdefault(match[1], line)
    return lines


def _settings(document: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    overrides = table(document.get("overrides"), "`overrides`")
    flat = {name: text(value, "`overrides`") for name, value in overrides.items() if not isinstance(value, dict)}
    found = [f"override {one}" for one in node.written(flat)]
    found += node.catalog("default", table(document.get("catalog"), "`catalog`"))
    for name, entries in table(document.get("catalogs"), "`catalogs`").items():
        found += node.catalog(name, table(entries, "a catalog"))
    return tuple(found), tuple(sorted(overrides))


@dataclass(slots=True)
class _Reader:
    path: str
    document: Mapping[str, object]
    lines: Mapping[str, int]
    problems: list[Problem] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    specs: dict[str, set[str]] = field(default_factory=dict)
    roots: dict[str, set[str]] = field(default_factory=lambda: {"": set(), "dev": set()})
    own: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    """By place, what each project asks for that is answered there."""

    @property
    def here(self) -> str:
        return repopath.folder(self.path)

    def read(self) -> None:
        packages = table(self.document.get("packages"), "`packages`")
        bounded(len(packages), pins.MAX_PACKAGES)
        for key, value in packages.items():
            if key.count("/") > MAX_DEPTH:
                raise FormatError(f"packages are installed more than {MAX_DEPTH} deep in each other")
            self.entries[key] = bun_entries.read(key, array(value, "a package"), self.lines.get(key))
        for folder, value in table(self.document.get("workspaces"), "`workspaces`").items():
            self._workspace(folder, table(value, "a workspace"))
        for entry in self.entries.values():
            wished = wishes(entry.meta)
            for name, spec in wished.every():
                self.specs.setdefault(name, set()).add(spec)
            for name in wished.needed():
                place = self._find(entry.key, name)
                if place is not None:
                    entry.needs.append(place)
                elif name in wished.plain:
                    self._problem("lock-stale", f"{entry.key}#{name}", f"`{shown(entry.key)}` needs `{shown(name)}`, "
                                  "the lock does not hold it", entry.line)  # fmt: skip

    def _problem(self, rule: str, about: str, message: str, line: int | None) -> None:
        self.problems.append(Problem(rule, f"{self.path}#{subject(about)}", message, line))

    def _workspace(self, key: str, entry: dict[str, object]) -> None:
        folder = repopath.resolve(self.here, key or ".")
        wished = wishes(entry)
        for name, spec in wished.every():
            self.specs.setdefault(name, set()).add(spec)
        base = text(entry.get("name"), "`name`") if key else ""
        locked = []
        for name, group in _grouped(wished):
            place = self._find(base, name)
            if place is None:
                if not wished.dispensable(name):
                    where = shown(key or ".")
                    message = f"`{where}` asks for `{shown(name)}`, the lock does not hold it"
                    self._problem("lock-stale", f"{key or '.'}#{name}", message, None)
                continue
            self.roots[group].add(place)
            self.own.setdefault(place, []).append(wished.of(name))
            if bun_entries.EXACT.match(self.entries[place].rest):
                locked.append((name, self.entries[place].rest))
        if folder is not None:
            self.asked.append(Asked(folder, wished.requires(), wished.optional(), locked=tuple(locked)))

    def _find(self, base: str, name: str) -> str | None:
        """Where a package is found from a place: beside it, then at every place above."""
        while True:
            place = f"{base}/{name}" if base else name
            if place in self.entries:
                return place
            if not base:
                return None
            base = bun_entries.above(base)

    def packages(self) -> Iterator[Locked]:
        production, development = (self._reach(self.roots[group]) for group in ("", "dev"))
        direct = self.roots[""] | self.roots["dev"]
        labels = node.labels((entry.name, bun_entries.version(entry)) for entry in self.entries.values())
        builders = {text(one, "a name") for one in array(self.document.get("trustedDependencies"), "it")}
        for key, entry in self.entries.items():
            if entry.rest.startswith("root:"):
                continue
            requires = {
                labels[one.name, bun_entries.version(one)] for place in entry.needs if (one := self.entries[place])
            }
            dev = key in development and key not in production
            locked = self._locked(entry, tuple(sorted(requires)), direct=key in direct, dev=dev, builders=builders)
            yield locked
            if node.misplaced(locked.source, self._asked(entry)):
                self.problems.append(node.misplaced_problem(self.path, entry.installed, locked.source, entry.line))
            if locked.alias_of and not all(map(partial(_asks_for, entry.name), self._wishes(entry))):
                self.problems.append(node.alias_problem(self.path, locked, entry.installed, entry.line))

    def _wishes(self, entry: Entry) -> Iterator[list[str]]:
        """What anybody asks for, and what each project does: a third party's wish counts for nobody else."""
        yield self._asked(entry)
        for one in self.own.get(entry.key, ()):
            yield self._asked(entry, one)

    def _asked(self, entry: Entry, wished: Collection[str] | None = None) -> list[str]:
        """What is asked for under the name a package is installed by, by anybody and by overrides."""
        asked = set(self.specs.get(entry.installed, ()) if wished is None else wished)
        overridden = table(self.document.get("overrides"), "`overrides`").get(entry.installed)
        if isinstance(overridden, str):
            asked = {*asked, overridden}
        return [self._told(one, entry.installed) for one in asked]

    def _told(self, spec: str, name: str) -> str:
        """A wish, looked up where it refers to a catalog."""
        if not spec.startswith("catalog:"):
            return spec
        named = spec.removeprefix("catalog:").strip()
        catalogs = table(self.document.get("catalogs"), "`catalogs`")
        entries = table(catalogs.get(named) if named else self.document.get("catalog"), "a catalog")
        return text(entries.get(name), "a catalog")

    def _reach(self, starts: set[str]) -> set[str]:
        seen, waiting = set(starts), list(starts)
        while waiting:
            fresh = set(self.entries[waiting.pop()].needs) - seen
            seen |= fresh
            waiting += fresh
        return seen

    def _locked(
        self, entry: Entry, requires: tuple[str, ...], *, direct: bool, dev: bool, builders: set[str]
    ) -> Locked:
        source = bun_entries.source(entry)
        good, bad = pins.integrity(entry.integrity if entry.integrity.startswith("sha") else "")
        if source.kind in (SourceKind.REGISTRY, SourceKind.URL) and entry.integrity and not good and not bad:
            bad = (entry.integrity[:200],)
        if source.kind in (SourceKind.PATH, SourceKind.WORKSPACE):
            target = source.url.removeprefix("file:")
            problem = node.link_problem(self.path, self.here, entry.installed, target, entry.line)
            self.problems += [problem] if problem and source.kind is SourceKind.WORKSPACE else []
        return Locked(
            ecosystem=ECOSYSTEM,
            name=entry.name,
            raw_name=entry.installed,
            version=bun_entries.version(entry),
            source=source,
            hashes=good,
            bad_hashes=bad,
            groups=("dev",) if dev else (),
            direct=direct,
            requires=requires,
            files=node.files(source, good),
            marker=node.conditions(entry.meta),
            install_script=entry.installed in builders,
            alias_of=entry.name if entry.installed != entry.name else "",
            line=entry.line,
        )


def _asks_for(name: str, wished: Collection[str]) -> bool:
    return any(node.asks_for(one, name) for one in wished)


def _grouped(wished: Wishes) -> Iterator[tuple[str, str]]:
    """Each name a project asks for with its group; peers count as needed."""
    for name in {**wished.plain, **wished.optional_, **wished.peer}:
        yield name, ""
    for name in wished.dev:
        yield name, "dev"
