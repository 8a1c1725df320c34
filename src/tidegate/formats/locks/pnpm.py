"""pnpm-lock.yaml, versions 5, 6 and 9, gives what each project asked for and what each package was resolved to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import repopath
from tidegate.formats.locks import node, pins, pnpm_keys, pnpm_resolution, pnpm_settings, pnpm_text, unread
from tidegate.formats.locks.shape import bounded, table, text
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Asked, Locked, LockFile, Problem, Source

FORMAT = "pnpm-lock.yaml"
ECOSYSTEM = "npm"

_GROUPS = (("dependencies", ""), ("optionalDependencies", ""), ("devDependencies", "dev"))
_BESIDE = ("pnpm-workspace.yaml", "package.json")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == FORMAT


def companions(path: str) -> tuple[str, ...]:
    """The files that say which packages may run scripts when they are installed."""
    return tuple(repopath.join(repopath.folder(path), name) for name in _BESIDE)


def parse(path: str, raw: bytes) -> LockFile:
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a pnpm lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    read = pnpm_text.read(raw, "the lockfile")
    version = read.value.get("lockfileVersion")
    form = pnpm_keys.major(version)
    if not form:
        message = f"version {shown(str(version), 20)} is not read; `pnpm install --lockfile-only` writes version 9"
        return unread.of_version(path, FORMAT, ECOSYSTEM, raw, message)
    reader = _Reader(path, form, read.value, read.lines, pnpm_settings.builders(read.value, beside))
    reader.read()
    packages = tuple(reader.packages())
    settings, overridden = pnpm_settings.settings(read.value)
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=packages,
        problems=tuple(reader.problems),
        asked=tuple(reader.asked),
        overrides=overridden,
        version=str(version),
        settings=settings,
    )


@dataclass(slots=True)
class _Unit:
    """One package; pnpm may list it several times, beside other peers each."""

    key: str
    name: str
    version: str
    entry: Mapping[str, object]
    line: int | None
    needs: set[str] = field(default_factory=set)
    installed: set[str] = field(default_factory=set)
    direct: bool = False
    optional: bool = True
    builds: bool = False


@dataclass(slots=True)
class _Reader:
    path: str
    form: int
    document: Mapping[str, object]
    lines: Mapping[tuple[str, ...], int]
    builders: frozenset[str]
    problems: list[Problem] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    units: dict[str, _Unit] = field(default_factory=dict)
    listed: dict[str, _Unit] = field(default_factory=dict)
    """Each unit by every key it is listed under."""
    folders: set[str | None] = field(default_factory=set)
    """The folders of the projects."""
    overrides: dict[str, list[str]] = field(default_factory=dict)
    called: dict[str, set[str]] = field(default_factory=dict)
    """The names each key is installed under by what needs it."""
    roots: dict[str, set[str]] = field(default_factory=lambda: {"": set(), "dev": set()})

    @property
    def here(self) -> str:
        return repopath.folder(self.path)

    def read(self) -> None:
        entries = table(self.document.get("packages"), "`packages`")
        bounded(len(entries), pins.MAX_PACKAGES)
        for key, value in entries.items():
            self._unit(key, table(value, "a package"))
        snapshots = table(self.document.get("snapshots"), "`snapshots`") if self.form == 9 else entries
        for key, value in snapshots.items():
            self._snapshot(key, table(value, "a package"))
        for key, value in node.tables(self.document, "overrides").items():
            self.overrides.setdefault(node.overridden(key), []).append(value)
        importers = table(self.document.get("importers"), "`importers`") or {".": self.document}
        self.folders = {repopath.resolve(self.here, key) for key in importers}
        for key, value in importers.items():
            self._importer(key, table(value, "an importer"))
        patches = table(self.document.get("patchedDependencies"), "`patchedDependencies`")
        for name, patch in patches.items():
            where = patch if isinstance(patch, str) else text(table(patch, "a patch").get("path"), "`path`")
            if where and "/" in where:
                self._link(self.here, name, where, None)

    def _problem(self, rule: str, about: str, message: str, line: int | None) -> None:
        self.problems.append(Problem(rule, f"{self.path}#{subject(about)}", message, line))

    def _unit(self, key: str, entry: dict[str, object]) -> None:
        line = self.lines.get(("packages", key))
        plain = pnpm_keys.base(self.form, key)
        named = pnpm_keys.named(self.form, plain)
        name = text(entry.get("name"), "`name`") or (named[0] if named else "")
        if not name:
            self._problem("lock-malformed", key, "a package has a key that names none", line)
            return
        version = named[1] if named and named[1] else text(entry.get("version"), "`version`")
        known = self.units.get(plain)
        if known is not None and known.entry.get("resolution") != entry.get("resolution"):
            plain, known = key, None
        if known is None:
            try:
                known = _Unit(plain, pins.npm_name(name), version, entry, line)
            except FormatError as error:
                raise FormatError(error.message, line=line) from None
            self.units[plain] = known
        self.listed[key] = known

    def _snapshot(self, key: str, entry: dict[str, object]) -> None:
        unit = self.listed.get(key) or self.units.get(pnpm_keys.base(self.form, key))
        if unit is None:
            if self.form == 9:
                line = self.lines.get(("snapshots", key))
                self._problem("lock-malformed", key, "the lock says what it needs and not where it comes from", line)
            return
        self.listed[key] = unit
        unit.optional &= entry.get("optional") is True
        unit.builds |= entry.get("requiresBuild") is True
        for name, ref in node.tables(entry, "dependencies", "optionalDependencies").items():
            if not ref.startswith("link:"):
                needed = pnpm_keys.target(self.form, name, ref)
                unit.needs.add(needed)
                self.called.setdefault(needed, set()).add(name)

    def _importer(self, key: str, entry: dict[str, object]) -> None:
        folder = repopath.resolve(self.here, key)
        if folder is None:
            return
        specifiers = node.tables(entry, "specifiers")
        wishes: dict[str, dict[str, str]] = {"": {}, "dev": {}}
        locked: list[tuple[str, str]] = []
        for field_, group in _GROUPS:
            for name, value in table(entry.get(field_), f"`{field_}`").items():
                spec, ref = _wish(value, specifiers.pop(name, ""))
                wishes[group][name] = spec
                unit = self._answer(folder, group, name, spec, ref)
                locked += [(name, unit.version)] if unit is not None and unit.version else []
        wishes[""].update(specifiers)
        asked = Asked(folder, node.written(wishes[""]), node.written(wishes["dev"]), locked=tuple(locked))
        self.asked.append(asked)

    def _answer(self, folder: str, group: str, name: str, spec: str, ref: str) -> _Unit | None:
        """The package a project's wish was answered with; None for a link, or for none."""
        line = self.lines.get(("importers", folder))
        if ref.startswith("link:"):
            self._link(folder, name, ref.removeprefix("link:"), line)
            return None
        key = pnpm_keys.target(self.form, name, ref)
        unit = self.listed.get(key)
        if unit is None:
            message = f"`{shown(folder)}` asks for `{shown(name)}`, the lock does not hold it"
            self._problem("lock-stale", f"{folder}#{name}", message, line)
            return None
        self.roots[group].add(key)
        unit.direct = True
        unit.installed.add(name)
        asked = self._asked(name, spec)
        if name != unit.name and not any(node.asks_for(one, unit.name) for one in asked):
            self.problems.append(node.alias_problem(self.path, _plain(unit), name, unit.line))
        source = self._source(unit)
        if node.misplaced(source, asked) and repopath.resolve(self.here, source.url) not in self.folders:
            self.problems.append(node.misplaced_problem(self.path, name, source, unit.line))
        return unit

    def _asked(self, name: str, spec: str) -> list[str]:
        """What is asked for under a name, by a project and by overrides."""
        return [self._told(one, name) for one in (spec, *self.overrides.get(name, ()))]

    def _told(self, spec: str, name: str) -> str:
        """A wish, looked up where it refers to a catalog."""
        if not spec.startswith("catalog:"):
            return spec
        catalogs = table(self.document.get("catalogs"), "`catalogs`")
        entries = table(catalogs.get(spec.removeprefix("catalog:").strip() or "default"), "a catalog")
        return text(table(entries.get(name), "a catalog").get("specifier"), "`specifier`")

    def _link(self, folder: str, name: str, target: str, line: int | None) -> None:
        problem = node.link_problem(self.path, folder, name, target, line)
        if problem is not None:
            self.problems.append(problem)

    def packages(self) -> Iterator[Locked]:
        for key, names in self.called.items():
            called = self.listed.get(key)
            if called is not None:
                called.installed |= names
            else:
                message = f"a package needs `{shown(key)}`, the lock does not hold it"
                self._problem("lock-malformed", key, message, None)
        production, development = (self._reach(self.roots[group]) for group in ("", "dev"))
        labels = node.labels((unit.name, unit.version) for unit in self.units.values())
        for unit in self.units.values():
            requires = {
                labels[one.name, one.version] for key in unit.needs if (one := self.listed.get(key)) is not None
            }
            dev = unit.key in development and unit.key not in production
            groups = (*(["dev"] if dev else []), *(["optional"] if unit.optional else []))
            for name in sorted(unit.installed or {unit.name}):
                yield self._locked(unit, name, groups, tuple(sorted(requires)))

    def _reach(self, starts: set[str]) -> set[str]:
        """Keys of the units that are installed for some wishes."""
        seen, found, waiting = set(starts), set(), list(starts)
        while waiting:
            unit = self.listed.get(waiting.pop())
            if unit is None:
                continue
            found.add(unit.key)
            fresh = unit.needs - seen
            seen |= fresh
            waiting += fresh
        return found

    def _source(self, unit: _Unit) -> Source:
        plain = pnpm_keys.base(self.form, unit.key)
        resolution = table(unit.entry.get("resolution"), "`resolution`")
        return pnpm_resolution.source(resolution, registry=pnpm_keys.of_registry(self.form, plain))

    def _locked(self, unit: _Unit, installed: str, groups: tuple[str, ...], requires: tuple[str, ...]) -> Locked:
        resolution = table(unit.entry.get("resolution"), "`resolution`")
        good, bad = pins.integrity(text(resolution.get("integrity"), "`integrity`"))
        source = self._source(unit)
        return Locked(
            ecosystem=ECOSYSTEM,
            name=unit.name,
            raw_name=installed,
            version=unit.version,
            source=source,
            hashes=good,
            bad_hashes=bad,
            groups=groups,
            direct=unit.direct,
            requires=requires,
            files=node.files(source, good),
            marker=node.conditions(unit.entry),
            install_script=unit.builds or unit.name in self.builders,
            alias_of=unit.name if installed != unit.name else "",
            line=unit.line,
            deprecated=node.note(unit.entry.get("deprecated")),
        )


def _plain(unit: _Unit) -> Locked:
    return Locked(ECOSYSTEM, unit.name, unit.name, unit.version, pins.UNKNOWN)


def _wish(value: object, specifier: str) -> tuple[str, str]:
    """(specifier, reference), as version 6 and later write them together."""
    if isinstance(value, str):
        return specifier, value
    both = table(value, "a dependency")
    return text(both.get("specifier"), "`specifier`"), text(both.get("version"), "`version`")
