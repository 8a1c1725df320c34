"""Pipfile.lock, specification 6, gives the packages of each category, the index each is from and what was asked for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tidegate.errors import FormatError
from tidegate.formats import repopath, strict_json, toml
from tidegate.formats.locks import pins, unread
from tidegate.formats.locks.shape import bounded, table, tables, text, texts
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Problem, Source, SourceKind

FORMAT = "Pipfile.lock"
ECOSYSTEM = "PyPI"
NAMES = ("Pipfile.lock",)
SPEC = 6
_KEY = re.compile(r'(\s*)"([^"\\]*)"\s*:\s*\{')
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_GROUPS = {"default": (), "develop": ("dev",)}
_OTHER_VCS = ("hg", "svn", "bzr")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def companions(path: str) -> tuple[str, ...]:
    return (repopath.join(repopath.folder(path), "Pipfile"),)


def parse(path: str, raw: bytes) -> LockFile:
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a Pipfile.lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    written = decode(raw, limit=pins.LIMIT, what="the lockfile")
    document = table(strict_json.loads(raw, limit=pins.LIMIT, what="the lockfile"), "the lockfile")
    meta = table(document.get("_meta"), "`_meta`")
    spec = meta.get("pipfile-spec")
    version = "" if spec is None else str(spec)[:20]
    if spec is None:
        problem = Problem("lock-malformed", path, "the lockfile does not say its version")
        return LockFile(path, FORMAT, ECOSYSTEM, Digest.of(raw), problems=(problem,))
    if spec != SPEC or isinstance(spec, bool):
        message = f"Pipfile.lock of specification {shown(version)} is not read"
        return unread.of_version(path, FORMAT, ECOSYSTEM, raw, message, version)
    reader = _Reader(path, _indexes(meta), _lines(written), _asked(beside.get(companions(path)[0])))
    for category, listed in document.items():
        if category != "_meta":
            reader.take(category, table(listed, f"`{shown(category, 40)}`"))
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.found.values()),
        problems=(*_index_problems(path, meta), *reader.problems),
        content_hash=text(table(meta.get("hash"), "`hash`").get("sha256"), "`sha256`"),
        version=version,
    )


def _indexes(meta: dict[str, object]) -> dict[str, str]:
    """Address by name, the default index first. Pipenv takes from it whatever is not bound to another."""
    return {
        text(one.get("name"), "`name`"): text(one.get("url"), "`url`")
        for one in tables(meta.get("sources"), "`sources`")
    }


def _index_problems(path: str, meta: dict[str, object]) -> Iterator[Problem]:
    names = [text(one.get("name"), "`name`") for one in tables(meta.get("sources"), "`sources`")]
    for one in tables(meta.get("sources"), "`sources`"):
        url = pins.without_secrets(text(one.get("url"), "`url`"))
        about = f"{path}#index:{subject(url)}"
        if one.get("verify_ssl") is not True and "verify_ssl" in one:
            yield Problem("source-not-allowed", about, "`verify_ssl` accepts any certificate from that index")
    if len(set(names)) != len(names):
        yield Problem("index-mixed", f"{path}#sources", "two of its indexes have one name")


def _lines(written: str) -> dict[tuple[str, str], int]:
    """The line of each package by category, told by Pipenv's indentation; unknown in other layouts."""
    lines: dict[tuple[str, str], int] = {}
    category, step = "", ""
    for number, line in enumerate(written.split("\n"), 1):
        match = _KEY.match(line) if line.rstrip().endswith(("{", "{}", "{},")) else None
        if match is None:
            continue
        step = step or match[1]
        if match[1] == step:
            category = match[2]
        elif match[1] == step * 2:
            lines.setdefault((category, match[2]), number)
    return lines


def _asked(manifest: bytes | None) -> frozenset[str] | None:
    """Normalised names the Pipfile asks for; None where there is none to read, which is a finding of its own."""
    if manifest is None:
        return None
    try:
        document = toml.loads(manifest, limit=pins.LIMIT, what="the manifest")
    except FormatError:
        return None
    sections = (one for key, one in document.items() if key not in {"requires", "scripts", "pipenv", "pipfile"})
    return frozenset(canonicalize_name(name) for one in sections if isinstance(one, dict) for name in one)


@dataclass(slots=True)
class _Reader:
    path: str
    indexes: dict[str, str]
    lines: dict[tuple[str, str], int]
    asked: frozenset[str] | None
    found: dict[tuple[object, ...], Locked] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, category: str, listed: dict[str, object]) -> None:
        """A package of several categories is one package, unless they pin it differently."""
        bounded(len(self.found) + len(listed), pins.MAX_PACKAGES)
        groups = _GROUPS.get(category, (category,))
        for name, entry in listed.items():
            line = self.lines.get((category, name))
            try:
                package = self._package(name, table(_given(entry), "a package"), groups, line)
            except FormatError as error:
                raise FormatError(error.message, line=error.line or line) from None
            key = (package.name, package.version, package.source, package.hashes, package.bad_hashes)
            first = self.found.setdefault(key, package)
            if first is not package:
                both = () if not (groups and first.groups) else tuple(sorted({*first.groups, *groups}))
                self.found[key] = replace(first, groups=both)

    def _package(self, raw_name: str, entry: dict[str, object], groups: tuple[str, ...], line: int | None) -> Locked:
        name = pins.python_name(raw_name)
        source = self._source(entry)
        said = texts(entry.get("hashes"), "`hashes`")
        digests = [pins.digest(one) for one in said]
        direct = "index" in entry if self.asked is None else name in self.asked
        hashes = tuple(one for one in digests if one)
        return Locked(
            ecosystem=ECOSYSTEM,
            name=name,
            raw_name=raw_name,
            version=_pin(text(entry.get("version"), "`version`")),
            source=source,
            hashes=hashes,
            bad_hashes=tuple(one[:200] for one, digest in zip(said, digests, strict=True) if digest is None),
            groups=groups,
            direct=direct,
            files=(File(url=source.url, hashes=hashes),) if source.kind is SourceKind.URL else (),
            marker=text(entry.get("markers"), "`markers`"),
            line=line,
        )

    def _source(self, entry: dict[str, object]) -> Source:
        if "git" in entry:
            address = text(entry["git"], "`git`").partition("#")[0].removeprefix("git+")
            return pins.git(address, text(entry.get("ref"), "`ref`"))
        if any(kind in entry for kind in _OTHER_VCS):
            return pins.UNKNOWN
        for kind in ("file", "path"):
            if kind in entry:
                return _place(text(entry[kind], f"`{kind}`"))
        if not self.indexes:
            return pins.registry(ECOSYSTEM, "")
        named = text(entry.get("index"), "`index`") or next(iter(self.indexes))
        url = self.indexes.get(named, "")
        return pins.registry(ECOSYSTEM, url) if url else pins.UNKNOWN


def _place(target: str) -> Source:
    if _ADDRESS.match(target) and not target.startswith("file:"):
        return pins.direct(target.partition("#")[0])
    return pins.path(target) if target.endswith((".whl", ".gz", ".zip")) else pins.workspace(target)


def _pin(version: str) -> str:
    """The version of `==1.2.3`, "" for everything else."""
    exact = re.fullmatch(r"===?\s*([^\s*,;]+)", version)
    return exact[1] if exact else ""


def _given(entry: object) -> object:
    """A package's table is never left out."""
    if entry is None:
        raise FormatError("a package is null")
    return entry
