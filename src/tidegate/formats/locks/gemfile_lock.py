"""Gemfile.lock and gems.locked give every gem by its source, its checksums and what the Gemfile asked for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import repopath
from tidegate.formats.locks import graph, pins
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Asked, File, Locked, LockFile, Problem, Source, SourceKind

FORMAT = "Gemfile.lock"
ECOSYSTEM = "RubyGems"
NAMES = ("Gemfile.lock", "gems.locked")
MAX_LINE = 20_000

_SOURCES = frozenset({"GEM", "GIT", "PATH", "PLUGIN SOURCE"})
_KNOWN = _SOURCES | {"PLATFORMS", "DEPENDENCIES", "CHECKSUMS", "RUBY VERSION", "BUNDLED WITH"}
_OPTION = re.compile(r"  ([a-z]+): (.*)")
_ENTRY = re.compile(r"( {2}| {4}| {6})(?! )([^\s(!]+)(?: \(([^()]*)\))?(!)?(?: (\S+))?")
_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def parse(path: str, raw: bytes) -> LockFile:
    """Read a Bundler lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    text = decode(raw, limit=pins.LIMIT, what="the lockfile")
    reader = _Reader(path)
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise FormatError("the lockfile has a line too long to read", line=number)
        if line.strip():
            reader.take(number, line.removesuffix("\r"))
        if len(reader.specs) > pins.MAX_PACKAGES:
            raise FormatError(f"the lockfile holds more than {pins.MAX_PACKAGES} packages")
    packages = tuple(reader.packages())
    reader.compare()
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=packages,
        problems=tuple(reader.problems),
        asked=tuple(reader.asked()),
        version=reader.bundler,
    )


@dataclass(slots=True)
class _Block:
    """One source: `kind` as in the heading, its options as written (`remote` may stand several times)."""

    kind: str
    line: int
    options: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        return next(iter(self.options.get(name, ())), "")


@dataclass(slots=True)
class _Spec:
    """One gem of a source for one platform; `needs` are (name, requirement)."""

    name: str
    version: str
    platform: str
    block: _Block
    line: int
    needs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    path: str
    section: str = ""
    block: _Block | None = None
    specs: list[_Spec] = field(default_factory=list)
    depends: dict[str, tuple[str, bool, int]] = field(default_factory=dict)
    """What the Gemfile asked for: requirement, whether its source is named, and the line."""
    checksums: dict[tuple[str, str], list[str]] | None = None
    """By name and version with platform; None without a CHECKSUMS section."""
    bundler: str = ""
    problems: list[Problem] = field(default_factory=list)

    def take(self, number: int, line: str) -> None:
        if not line.startswith(" "):
            self._heading(number, line)
        elif self.section in _SOURCES:
            self._source_line(number, line)
        elif self.section in ("DEPENDENCIES", "CHECKSUMS"):
            self._entry(number, line)
        elif self.section == "BUNDLED WITH":
            self.bundler = line.strip()[:40]

    def _problem(self, rule: str, about: str, message: str, line: int | None) -> None:
        self.problems.append(Problem(rule, f"{self.path}#{about}" if about else self.path, message, line))

    def _heading(self, number: int, line: str) -> None:
        self.section = line.rstrip()
        if self.section not in _KNOWN:
            self._problem("lock-malformed", subject(line), f"`{shown(line, 40)}` is no section of it", number)
        self.block = _Block(self.section, number) if self.section in _SOURCES else None
        if self.section == "CHECKSUMS" and self.checksums is None:
            self.checksums = {}

    def _source_line(self, number: int, line: str) -> None:
        block = self.block
        if block is None or line == "  specs:":
            return
        option = _OPTION.fullmatch(line)
        if option:
            block.options.setdefault(option[1], []).append(option[2].strip())
            return
        match = self._match(number, line)
        if len(match[1]) == 4:
            version, _, platform = (match[3] or "").partition("-")
            self.specs.append(_Spec(match[2], version, platform, block, number))
        elif len(match[1]) == 6 and self.specs and self.specs[-1].block is block:
            self.specs[-1].needs.append((match[2], match[3] or ""))
        else:
            raise FormatError("the lockfile has a line that belongs to nothing", line=number)

    def _match(self, number: int, line: str) -> re.Match[str]:
        match = _ENTRY.fullmatch(line.rstrip())
        if match is None or not _NAME.fullmatch(match[2]) or len(match[2]) > 200:
            raise FormatError("the lockfile has a line that is no gem", line=number)
        return match

    def _entry(self, number: int, line: str) -> None:
        match = self._match(number, line)
        name, inside = match[2], match[3] or ""
        if self.section == "DEPENDENCIES":
            if name in self.depends:
                self._problem("lock-malformed", name, f"it asks for `{shown(name)}` twice", number)
            self.depends[name] = (inside, bool(match[4]), number)
        elif self.checksums is not None:
            if (name, inside) in self.checksums:
                self._problem("lock-malformed", name, f"it has two lines of checksums for `{shown(name)}`", number)
            self.checksums.setdefault((name, inside), []).extend(filter(None, (match[5] or "").split(",")))

    def packages(self) -> Iterator[Locked]:
        """One a name and version of a source; its platforms are its files."""
        places = graph.Places(list(dict.fromkeys((spec.name, spec.version) for spec in self.specs)))
        together: dict[tuple[str, str, int], list[_Spec]] = {}
        for spec in self.specs:
            together.setdefault((spec.name, spec.version, id(spec.block)), []).append(spec)
        for specs in together.values():
            yield self._package(specs, places)

    def _package(self, specs: list[_Spec], places: graph.Places) -> Locked:
        first = specs[0]
        files, bad = [], []
        for spec in specs:
            version = f"{spec.version}-{spec.platform}" if spec.platform else spec.version
            good, wrong = _digests((self.checksums or {}).get((spec.name, version), []))
            files.append(File(f"{spec.name}-{version}.gem", hashes=good))
            bad += wrong
        needs = dict.fromkeys(name for spec in specs for name, _ in spec.needs)
        source = _source(first.block)
        locked = Locked(
            ECOSYSTEM,
            first.name,
            first.name,
            first.version,
            source,
            hashes=tuple(dict.fromkeys(digest for file in files for digest in file.hashes)),
            bad_hashes=tuple(bad),
            direct=first.name in self.depends,
            requires=tuple(places.label(number) for name in needs for number in places.find(name)),
            files=tuple(files) if source.kind is SourceKind.REGISTRY else (),
            line=first.line,
        )
        if locked.hashes and source.kind is SourceKind.REGISTRY:
            for file in files:
                if not file.hashes:
                    about = f"{locked.purl}#{subject(file.name)}"
                    self._problem("package-unhashed", about, "one of its files has no hash", first.line)
        return locked

    def compare(self) -> None:
        """The lock within itself: one source a gem, said in one way."""
        blocks: dict[str, set[int]] = {}
        for spec in self.specs:
            blocks.setdefault(spec.name, set()).add(id(spec.block))
        for block in {id(spec.block): spec.block for spec in self.specs}.values():
            remotes = block.options.get("remote", [])
            if not remotes:
                self._problem("source-not-allowed", "unknown", "a source does not say where it is", block.line)
            elif block.kind == "GEM" and len(set(remotes)) > 1:
                message = f"{len(set(remotes))} registries can serve the same gem"
                about = subject(" ".join(map(pins.without_secrets, sorted(set(remotes)))))
                self._problem("index-mixed", about, message, block.line)
        for name, where in blocks.items():
            if len(where) > 1:
                self._problem("lock-malformed", name, f"`{shown(name)}` is locked from two sources", None)
        for name, (_, pinned, line) in self.depends.items():
            if pinned and name in blocks and not self._sourced(name):
                message = f"`{shown(name)}` was asked for from a source of its own and comes from the common one"
                self._problem("lock-malformed", name, message, line)

    def _sourced(self, name: str) -> bool:
        """Does it come from a repository, a folder, or one of several registries?"""
        kinds = [spec.block for spec in self.specs if spec.name == name]
        registries = {id(spec.block) for spec in self.specs if spec.block.kind == "GEM"}
        return any(block.kind != "GEM" for block in kinds) or len(registries) > 1

    def asked(self) -> Iterator[Asked]:
        """What the Gemfile asked for, then what each local gem needs."""
        here = repopath.folder(self.path)
        yield Asked(
            here, tuple(f"{name}@{wish}" + ("!" if own else "") for name, (wish, own, _) in self.depends.items())
        )
        folders: dict[str, list[str]] = {}
        for spec in self.specs:
            folder = repopath.resolve(here, spec.block.one("remote")) if spec.block.kind == "PATH" else None
            if folder is not None:
                folders.setdefault(folder, []).extend(f"{name}@{wish}" for name, wish in spec.needs)
        for folder, needs in folders.items():
            if folder != here:
                yield Asked(folder, tuple(needs))


def _digests(written: list[str]) -> tuple[tuple[Digest, ...], list[str]]:
    """`sha256=hex`, as RubyGems publishes them."""
    good, bad = [], []
    for one in written:
        algorithm, _, value = one.partition("=")
        try:
            good.append(Digest(algorithm, value))
        except ValueError:
            bad.append(one[:200])
    return tuple(good), bad


def _source(block: _Block) -> Source:
    remotes = list(dict.fromkeys(block.options.get("remote", [])))
    remote = remotes[0] if remotes else ""
    if not remote:
        return pins.UNKNOWN
    match block.kind:
        case "GEM":
            found = [pins.registry(ECOSYSTEM, one) for one in remotes]
            # A gem of several registries may come from each: the one to doubt is the one that counts.
            return next((one for one in found if not one.public), found[0])
        case "GIT":
            return pins.git(remote, block.one("revision"))
        case "PATH":
            return pins.path(remote)
    return Source(SourceKind.UNKNOWN, url=pins.without_secrets(remote))
