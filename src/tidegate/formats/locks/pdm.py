"""pdm.lock, format 4, gives every package with its files' digests and PDM's digest of what was asked for.

The lock does not say which index a package is from, so the indexes of `[tool.pdm]` are read beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from packaging.requirements import InvalidRequirement, Requirement

from tidegate.errors import FormatError
from tidegate.formats import repopath, toml
from tidegate.formats.locks import graph, pins
from tidegate.formats.locks.python_files import direct_names, file_problems
from tidegate.formats.locks.shape import array, bounded, table, tables, text, texts
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.text import shown
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Problem, Source, SourceKind, file_name

FORMAT = "pdm.lock"
ECOSYSTEM = "PyPI"
NAMES = ("pdm.lock",)
_MINORS = tuple(str(number) for number in range(6))
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def companions(path: str) -> tuple[str, ...]:
    return (repopath.join(repopath.folder(path), "pyproject.toml"),)


def parse(path: str, raw: bytes) -> LockFile:
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a pdm.lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    document = toml.loads(raw, limit=pins.LIMIT, what="the lockfile")
    metadata = table(document.get("metadata"), "`metadata`")
    problems = _version_problems(path, metadata)
    if any(problem.rule == "lock-unsupported" for problem in problems):
        return LockFile(path, FORMAT, ECOSYSTEM, Digest.of(raw), problems=tuple(problems))
    entries = tables(document.get("package"), "`package`")
    bounded(len(entries), pins.MAX_PACKAGES)
    lines = graph.header_lines(raw, b"[[package]]", len(entries))
    manifest = beside.get(companions(path)[0])
    settings = _settings(manifest)
    reader = _Reader(path, metadata, _indexes(settings), direct_names(manifest))
    for entry, line in zip(entries, lines, strict=True):
        try:
            reader.take(entry, line)
        except FormatError as error:
            raise FormatError(error.message, line=error.line or line) from None
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.packages()),
        problems=(*problems, *reader.problems),
        content_hash=text(metadata.get("content_hash"), "`content_hash`"),
        overrides=tuple(sorted(set(_overridden(settings)))),
        version=text(metadata.get("lock_version"), "`lock_version`"),
    )


def _version_problems(path: str, metadata: dict[str, object]) -> list[Problem]:
    version = metadata.get("lock_version")
    if version is None:
        return [Problem("lock-malformed", path, "the lockfile does not say its version")]
    major, _, rest = version.partition(".") if isinstance(version, str) else ("", "", "")
    if major != "4" or (rest.split(".")[0] or "0") not in _MINORS:
        return [Problem("lock-unsupported", path, f"pdm.lock version {shown(str(version), 20)} is not read")]
    if "lock_inputs" in metadata and "content_hash" not in metadata:
        message = "it records `lock_inputs` in the place of `content_hash`, which only PDM can compare"
        return [Problem("lock-uncompared", path, message)]
    return []


@dataclass(frozen=True, slots=True)
class _Index:
    """An entry of `[[tool.pdm.source]]`; `only` are the packages bound to it, `never` those kept from it."""

    url: str
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def serves(self, name: str) -> bool:
        if self.only:
            return any(fnmatchcase(name, one) for one in self.only)
        return not any(fnmatchcase(name, one) for one in self.never)


def _settings(manifest: bytes | None) -> dict[str, object]:
    """`[tool.pdm]`; nothing where the manifest cannot be read, which is a finding of its own."""
    if manifest is None:
        return {}
    try:
        document = toml.loads(manifest, limit=pins.LIMIT, what="the manifest")
        return table(table(document.get("tool"), "`tool`").get("pdm"), "`tool.pdm`")
    except FormatError:
        return {}


def _indexes(settings: dict[str, object]) -> tuple[_Index, ...]:
    """The indexes the project names, and the public one unless it is replaced."""
    listed = [one for one in tables(settings.get("source"), "`source`") if one.get("type") != "find_links"]
    named = [
        _Index(
            text(one.get("url"), "`url`"),
            tuple(texts(one.get("include_packages"), "`include_packages`")),
            tuple(texts(one.get("exclude_packages"), "`exclude_packages`")),
        )
        for one in listed
    ]
    replaced = any(one.get("name") == "pypi" for one in listed)
    return (*named, *(() if replaced else (_Index(""),)))


def _overridden(settings: dict[str, object]) -> Iterator[str]:
    """Names whose version or presence the project sets for the whole lock."""
    resolution = table(settings.get("resolution"), "`resolution`")
    for name in (*table(resolution.get("overrides"), "`overrides`"), *array(resolution.get("excludes"), "`excludes`")):
        yield canonicalize_name(text(name, "a name"))


class _Reader:
    """Entries of one name and version (one for each extra) become one package."""

    def __init__(
        self, path: str, metadata: dict[str, object], indexes: tuple[_Index, ...], direct: frozenset[str]
    ) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._indexes = indexes
        self._direct = direct
        self._elsewhere = table(metadata.get("files"), "`files`")
        self._found: dict[tuple[str, str, str], Locked] = {}
        self._needs: dict[tuple[str, str, str], dict[str, None]] = {}

    def take(self, entry: dict[str, object], line: int | None) -> None:
        raw_name, version = text(entry.get("name"), "`name`"), text(entry.get("version"), "`version`")
        name = pins.python_name(raw_name)
        files, bad = self._files(entry, raw_name, version)
        groups = texts(entry.get("groups"), "`groups`")
        package = Locked(
            ecosystem=ECOSYSTEM,
            name=name,
            raw_name=raw_name,
            version=version,
            source=self._source(entry, name),
            hashes=tuple(digest for file in files for digest in file.hashes),
            bad_hashes=tuple(bad),
            groups=() if "default" in groups else tuple(sorted(groups)),
            direct=name in self._direct,
            files=tuple(files),
            marker=text(entry.get("marker"), "`marker`"),
            line=line,
        )
        key = (name, version, package.source.url)
        self._needs.setdefault(key, {}).update(dict.fromkeys(_requires(entry)))
        self._add(key, package)

    def _add(self, key: tuple[str, str, str], package: Locked) -> None:
        """An entry for an extra repeats the files of its package; what it says otherwise is kept beside it."""
        first = self._found.get(key)
        if first is not None and (first.files, first.bad_hashes) == (package.files, package.bad_hashes):
            if not package.groups:
                self._found[key] = replace(first, groups=())
            return
        self._found[key if first is None else (*key[:2], f"{key[2]}#{len(self._found)}")] = package
        self.problems += file_problems(self.path, package)
        if self._tangled(package) and not any(one.rule == "index-mixed" for one in self.problems):
            message = (
                f"from `{shown(package.name)}` on, packages may come from several indexes of `[tool.pdm]`: "
                "bind them by `include_packages`, or lock with `static_urls`"
            )
            self.problems.append(Problem("index-mixed", f"{self.path}#indexes", message, package.line))

    def packages(self) -> Iterator[Locked]:
        places = graph.Places([(package.name, package.version) for package in self._found.values()])
        for key, package in self._found.items():
            needs = [need for need in self._needs.get(key, ()) if need != package.name]
            labels = (places.label(number) for need in needs for number in places.find(need))
            yield replace(package, requires=tuple(dict.fromkeys(labels)))

    def _source(self, entry: dict[str, object], name: str) -> Source:
        if "git" in entry:
            return pins.git(text(entry["git"], "`git`"), text(entry.get("revision"), "`revision`"))
        if any(kind in entry for kind in ("hg", "svn", "bzr")):
            return pins.UNKNOWN
        if "url" in entry:
            return pins.direct(text(entry["url"], "`url`"))
        if "path" in entry:
            where = text(entry["path"], "`path`")
            return pins.path(where) if where.endswith(_ARCHIVES) else pins.workspace(where)
        serving = [index for index in self._indexes if index.serves(name)]
        return pins.registry(ECOSYSTEM, serving[0].url) if serving else pins.UNKNOWN

    def _tangled(self, package: Locked) -> bool:
        """Could several indexes have served it? Recorded addresses bind it."""
        several = sum(index.serves(package.name) for index in self._indexes) > 1
        bound = bool(package.files) and all(file.url for file in package.files)
        return several and not bound and package.source.kind is SourceKind.REGISTRY

    def _files(self, entry: dict[str, object], name: str, version: str) -> tuple[list[File], list[str]]:
        """The files, and digests that are none. Before 4.3 files were listed by `name version`."""
        written = entry.get("files")
        if written is None:
            written = self._elsewhere.get(f"{name} {version}")
        files: list[File] = []
        bad: list[str] = []
        for item in array(written, "`files`"):
            one = table(item, "a file")
            url, said = text(one.get("url"), "`url`"), text(one.get("hash"), "`hash`")
            digest = pins.digest(said)
            name = text(one.get("file"), "`file`") or file_name(url)
            files.append(File(name, pins.without_secrets(url), (digest,) if digest else ()))
            if digest is None and said:
                bad.append(said[:200])
        return files, bad


def _requires(entry: dict[str, object]) -> Iterator[str]:
    for written in texts(entry.get("dependencies"), "`dependencies`"):
        try:
            yield canonicalize_name(Requirement(written).name)
        except (InvalidRequirement, ValueError, RecursionError):
            raise FormatError(f"`{shown(written, 80)}` is no requirement") from None
