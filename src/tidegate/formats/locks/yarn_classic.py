"""The form of Yarn 1: an entry lists every `name@range` it answers, and where the one tarball for all of them lies."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from tidegate.errors import FormatError
from tidegate.formats.locks import node, pins, yarn_graph
from tidegate.formats.locks.npm_tree import Wishes
from tidegate.formats.locks.shape import bounded
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem, Source, SourceKind

FORM = "yarn.lock"
ECOSYSTEM = "npm"
T = TypeVar("T")

_TEXT = r'"((?:[^"\\\n]|\\["\\/nrtbf])*)"|([A-Za-z/.-][^\s:,"]*)'
_PATTERN = re.compile(rf"(?:{_TEXT})(?:(, )|:$)")
_FIELD = re.compile(rf"(?:  |    )(?:{_TEXT}) (?:{_TEXT}|([0-9]+|true|false))")
_TABLE = re.compile(rf"  (?:{_TEXT}):")
_LOCAL = ("link:", "file:", "portal:", ".", "/", "~")


@dataclass(slots=True)
class _Entry:
    patterns: list[str]
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    installed: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """The wishes by (name installed under, real name)."""


def parse(path: str, raw: bytes, text: str, manifest: bytes | None) -> LockFile:
    """`text` are the decoded lines; `manifest` is the package.json beside the lock, None when there is none."""
    entries = list(_entries(text))
    bounded(len(entries), pins.MAX_PACKAGES)
    reader = _Reader(path, entries, yarn_graph.root(manifest))
    packages = tuple(reader.packages())
    return LockFile(
        path,
        FORM,
        ECOSYSTEM,
        Digest.of(raw),
        packages=packages,
        problems=tuple(reader.problems),
        answers=tuple(sorted(reader.answers)),
        version="1",
        settings=yarn_graph.patterns(manifest),
    )


def _entries(text: str) -> Iterator[_Entry]:
    """Raises FormatError with the line for whatever Yarn does not write."""
    entry: _Entry | None = None
    within: dict[str, str] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line[0] == "#":
            continue
        if line[0] != " ":
            if entry is not None:
                yield entry
            entry, within = _Entry(_patterns(line, number), number), None
            continue
        pair, opened = _FIELD.fullmatch(line), _TABLE.fullmatch(line)
        if entry is None or (pair is None and opened is None):
            raise FormatError("the lockfile has a line Yarn does not write", line=number)
        if opened is not None and pair is None:
            within = {}
            _put(entry.tables, _word(opened[1], opened[2]), within, number)
        elif pair is not None:
            deep = line.startswith("    ")
            if deep and within is None:
                raise FormatError("the lockfile has a line Yarn does not write", line=number)
            value = pair[5] if pair[5] is not None else _word(pair[3], pair[4])
            target = within if deep and within is not None else entry.fields
            _put(target, _word(pair[1], pair[2]), value, number)
            within = within if deep else None
    if entry is not None:
        yield entry


def _put(target: dict[str, T], key: str, value: T, line: int) -> None:
    if key in target:
        raise FormatError(f"the lockfile says `{shown(key, 80)}` twice of one package", line=line)
    target[key] = value


def _word(quoted: str | None, bare: str | None) -> str:
    if quoted is None:
        return bare or ""
    return str(json.loads(f'"{quoted}"')) if "\\" in quoted else quoted


def _patterns(line: str, number: int) -> list[str]:
    found, at = [], 0
    while at < len(line):
        match = _PATTERN.match(line, at)
        if match is None:
            raise FormatError("the lockfile has a line Yarn does not write", line=number)
        found.append(_word(match[1], match[2]))
        at = match.end()
        if match[3] is None:
            return found
    raise FormatError("the lockfile has a line Yarn does not write", line=number)


@dataclass(slots=True)
class _Reader:
    path: str
    entries: list[_Entry]
    root: tuple[Wishes, bool] | None
    problems: list[Problem] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    """The number of the entry for each `name@range`."""

    def packages(self) -> Iterator[Locked]:
        for number, entry in enumerate(self.entries):
            for pattern in entry.patterns:
                name, spec = node.split(pattern)
                wish = f"{name}@{spec}"
                entry.installed.setdefault((name, node.alias(spec) or name), []).append(wish)
                if self.answers.setdefault(wish, number) != number:
                    raise FormatError(f"the lockfile answers `{shown(wish, 80)}` twice", line=entry.line)
        needs = {number: tuple(self._needs(entry)) for number, entry in enumerate(self.entries)}
        direct, dev = self._wished(needs)
        names = [(next(iter(entry.installed))[1], entry.fields.get("version", "")) for entry in self.entries]
        labels = node.labels(names)
        called = [labels[one] for one in names]
        for number, entry in enumerate(self.entries):
            requires = tuple(sorted({called[one] for one in needs[number]}))
            yield from self._locked(entry, requires, direct=number in direct, dev=number in dev)

    def _needs(self, entry: _Entry) -> Iterator[int]:
        for kind in ("dependencies", "optionalDependencies"):
            for name, spec in entry.tables.get(kind, {}).items():
                number = self.answers.get(f"{name}@{spec}")
                if number is not None:
                    yield number
                    continue
                about = f"{self.path}#{subject(f'{entry.patterns[0]}#{name}')}"
                message = (
                    f"`{shown(entry.patterns[0])}` needs `{shown(f'{name}@{spec}')}`, the lock has no answer for it"
                )
                self.problems.append(Problem("lock-stale", about, message, entry.line))

    def _wished(self, needs: Mapping[int, tuple[int, ...]]) -> tuple[set[int], frozenset[int]]:
        """Direct packages: those the manifest asks for, and those with a wish no package has. And those for
        development alone, where no other manifest can ask for anything."""
        inner = {
            f"{name}@{spec}" for entry in self.entries for kind in entry.tables.values() for name, spec in kind.items()
        }
        direct = {number for wish, number in self.answers.items() if wish not in inner}
        if self.root is None:
            return direct, frozenset()
        wishes, shared = self.root
        production = {self.answers.get(one, -1) for one in wishes.requires()} - {-1}
        development = {self.answers.get(one, -1) for one in node.written(wishes.dev)} - {-1}
        dev = frozenset[int]() if shared else yarn_graph.development(production, development, needs)
        return direct | production | development, dev

    def _locked(self, entry: _Entry, requires: tuple[str, ...], *, direct: bool, dev: bool) -> Iterator[Locked]:
        version = entry.fields.get("version", "")
        good, bad = pins.integrity(entry.fields.get("integrity", ""))
        source = _source(entry)
        if node.misplaced(source, (node.split(pattern)[1] for pattern in entry.patterns)):
            self.problems.append(node.misplaced_problem(self.path, entry.patterns[0], source, entry.line))
        fragment = entry.fields.get("resolved", "").partition("#")[2]
        if fragment and source.kind in (SourceKind.REGISTRY, SourceKind.URL):
            told = pins.digest(f"sha1:{fragment}")
            good, bad = _with_sha1(good, bad, told, fragment)
        for (installed, real), wishes in entry.installed.items():
            try:
                name = pins.npm_name(real)
            except FormatError as error:
                raise FormatError(error.message, line=entry.line) from None
            yield Locked(
                ecosystem=ECOSYSTEM,
                name=name,
                raw_name=installed,
                version=version,
                source=source,
                hashes=good,
                bad_hashes=bad,
                groups=("dev",) if dev else (),
                direct=direct,
                requires=requires,
                files=node.files(source, good),
                alias_of=name if installed != name else "",
                line=entry.line,
                wishes=tuple(wishes),
            )


def _with_sha1(
    good: tuple[Digest, ...], bad: tuple[str, ...], told: Digest | None, fragment: str
) -> tuple[tuple[Digest, ...], tuple[str, ...]]:
    """The SHA-1 after an address counts where there is nothing better."""
    if told is None:
        return good, (*bad, fragment[:200])
    return (good, bad) if any(digest.strong for digest in good) else ((*good, told), bad)


def _source(entry: _Entry) -> Source:
    specs = [node.split(pattern)[1] for pattern in entry.patterns]
    resolved = entry.fields.get("resolved", "")
    if resolved:
        return node.source(resolved, asked=any(node.asks_for(spec, "") for spec in specs))
    local = next((spec for spec in specs if spec.startswith(_LOCAL)), None)
    if local is None:
        return pins.registry(ECOSYSTEM, "")
    return pins.path(local.removeprefix("link:").removeprefix("portal:"))
