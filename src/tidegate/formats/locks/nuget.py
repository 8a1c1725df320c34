"""packages.lock.json gives every package by target framework, with what was asked for and the hash of its archive."""

import re
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import repopath, strict_json
from tidegate.formats.locks import pins, unread
from tidegate.formats.locks.npm_tree import key_lines
from tidegate.formats.locks.shape import table, text
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Asked, Locked, LockFile, Problem

FORMAT = "packages.lock.json"
ECOSYSTEM = "NuGet"
_KINDS = frozenset({"Direct", "Transitive", "CentralTransitive", "Project"})
_ID = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,254}[A-Za-z0-9_])?", re.ASCII)


def matches(path: str) -> bool:
    """`packages.lock.json` and, where a folder holds several projects, `packages.PROJECT.lock.json`."""
    name = path.rsplit("/", 1)[-1]
    return name == "packages.lock.json" or (name.startswith("packages.") and name.endswith(".lock.json"))


def is_name(written: str) -> bool:
    """Is this an id NuGet accepts? Ids ignore case and are kept as written."""
    return _ID.fullmatch(written) is not None


def parse(path: str, raw: bytes) -> LockFile:
    """Read versions 1 and 2 (NuGet "Locking dependencies"). Raises FormatError; what is wrong becomes a problem."""
    plain = raw.removeprefix(b"\xef\xbb\xbf")
    decode(plain, limit=pins.LIMIT, what="the lockfile")
    document = strict_json.loads(plain, limit=pins.LIMIT, what="the lockfile")
    if not isinstance(document, dict):
        raise FormatError("the lockfile is not a JSON object")
    version = document.get("version")
    if version not in (1, 2) or isinstance(version, bool | float):
        message = f"version {shown(str(version), 20)} of packages.lock.json is not read"
        return unread.of_version(path, FORMAT, ECOSYSTEM, raw, message)
    reader = _Reader(path, key_lines(plain))
    for framework, packages in table(document.get("dependencies"), "`dependencies`").items():
        for name, entry in table(packages, f"`{shown(framework, 60)}`").items():
            reader.take(framework, name, table(entry, "a package"))
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.finished()),
        problems=tuple(reader.problems),
        asked=(Asked(repopath.folder(path), tuple(sorted(reader.asked))),),
        version=str(version),
    )


@dataclass(slots=True)
class _Entry:
    """A version of a package, over all frameworks."""

    name: str
    version: str
    project: bool
    line: int | None
    direct: bool = False
    hashes: dict[Digest, str] = field(default_factory=dict)
    """Each with the framework that has it first."""
    bad: list[str] = field(default_factory=list)
    unhashed: list[str] = field(default_factory=list)
    requires: set[str] = field(default_factory=set)

    def locked(self, names: dict[str, str]) -> Locked:
        return Locked(
            ecosystem=ECOSYSTEM,
            name=self.name,
            raw_name=self.name,
            version=self.version,
            source=pins.workspace(".") if self.project else pins.registry(ECOSYSTEM, ""),
            hashes=tuple(self.hashes),
            bad_hashes=tuple(self.bad),
            direct=self.direct,
            requires=tuple(sorted(names.get(other, other) for other in self.requires)),
            line=self.line,
        )


@dataclass(slots=True)
class _Reader:
    path: str
    lines: dict[str, int]
    problems: list[Problem] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    entries: dict[tuple[str, str], _Entry] = field(default_factory=dict)

    def take(self, framework: str, name: str, entry: dict[str, object]) -> None:
        line = self.lines.get(name)
        if not is_name(name):
            raise FormatError("a package has a name that is no package name", line=line)
        kind = text(entry.get("type"), "`type`")
        if kind not in _KINDS:
            message = f"`{shown(name)}` is of the kind `{shown(kind, 40)}`, which no lockfile has"
            self.problems.append(Problem("lock-malformed", self._about(name, framework), message, line))
            return
        version = text(entry.get("resolved"), "`resolved`")
        fresh = _Entry(name, version, project=kind == "Project", line=line)
        one = self.entries.setdefault((name.lower(), version), fresh)
        if len(self.entries) > pins.MAX_PACKAGES:
            raise FormatError(f"the lockfile holds more than {pins.MAX_PACKAGES} packages")
        one.project &= kind == "Project"
        one.direct |= kind == "Direct"
        one.requires |= {other.lower() for other in table(entry.get("dependencies"), "`dependencies`")}
        if kind == "Direct":
            self.asked.add(f"{name}@{text(entry.get('requested'), '`requested`')}")
        if kind != "Project":
            self._hash(framework, one, text(entry.get("contentHash"), "`contentHash`"))

    def _about(self, name: str, framework: str) -> str:
        return f"{self.path}#{subject(name)}#{subject(framework)}"

    def _hash(self, framework: str, one: _Entry, written: str) -> None:
        good, bad = pins.integrity(f"sha512-{written}" if written else "")
        one.bad += bad
        if not written:
            one.unhashed.append(framework)
        for digest in good:
            if one.hashes and digest not in one.hashes:
                message = (
                    f"`{shown(one.name)}` has another hash for `{shown(framework, 60)}` than elsewhere in the lock"
                )
                self.problems.append(Problem("hash-conflict", self._about(one.name, framework), message, one.line))
            one.hashes.setdefault(digest, framework)

    def finished(self) -> list[Locked]:
        """In the order of the lock; a framework without hash beside one that has it is a problem."""
        names = {name: entry.name for (name, _), entry in self.entries.items()}
        for one in self.entries.values():
            for framework in one.unhashed if one.hashes else ():
                message = f"`{shown(one.name)}` has no hash for `{shown(framework, 60)}`"
                self.problems.append(Problem("package-unhashed", self._about(one.name, framework), message, one.line))
        return [one.locked(names) for one in self.entries.values()]
