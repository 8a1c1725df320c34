"""poetry.lock, versions 1 and 2, gives every package with its files' digests and the digest of what was asked for."""

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats import toml
from tidegate.formats.filenames import names_python_package
from tidegate.formats.locks import graph, pins
from tidegate.formats.locks.shape import array, table, tables, text, texts
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem, Source, SourceKind

FORMAT = "poetry.lock"
ECOSYSTEM = "PyPI"


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "poetry.lock"


def parse(path: str, raw: bytes) -> LockFile:
    """Read a poetry.lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    document = toml.loads(raw, limit=pins.LIMIT, what="the lockfile")
    metadata = table(document.get("metadata"), "`metadata`")
    problems = _version_problems(path, metadata)
    if any(problem.rule == "lock-unsupported" for problem in problems):
        return LockFile(path, FORMAT, ECOSYSTEM, Digest.of(raw), problems=tuple(problems))
    entries = tables(document.get("package"), "`package`")
    if len(entries) > pins.MAX_PACKAGES:
        raise FormatError(f"the lockfile holds more than {pins.MAX_PACKAGES} packages")
    lines = graph.header_lines(raw, b"[[package]]", len(entries))
    places = graph.Places([_identity(entry, line) for entry, line in zip(entries, lines, strict=True)])
    packages: list[Locked] = []
    for entry, line in zip(entries, lines, strict=True):
        try:
            package, more = _package(path, entry, _files(entry, metadata), places, line)
        except FormatError as error:
            raise FormatError(error.message, line=error.line or line) from None
        packages.append(package)
        problems += more
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(packages),
        problems=tuple(problems),
        content_hash=text(metadata.get("content-hash"), "`content-hash`"),
    )


def _version_problems(path: str, metadata: dict[str, object]) -> list[Problem]:
    version = metadata.get("lock-version")
    if version is None:
        return [Problem("lock-malformed", path, "the lockfile does not say its version")]
    if not isinstance(version, str) or version.split(".")[0] not in {"1", "2"}:
        return [Problem("lock-unsupported", path, f"poetry.lock version {shown(str(version), 20)} is not read")]
    return []


def _identity(entry: dict[str, object], line: int | None) -> tuple[str, str]:
    try:
        return pins.python_name(text(entry.get("name"), "`name`")), text(entry.get("version"), "`version`")
    except FormatError as error:
        raise FormatError(error.message, line=line) from None


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    hash: str


def _files(entry: dict[str, object], metadata: dict[str, object]) -> list[_File]:
    """Files per package (version 2), in `metadata.files` by name (1.1) or as bare hashes (1.0)."""
    name = text(entry.get("name"), "`name`")
    written = entry.get("files")
    if written is None:
        written = table(metadata.get("files"), "`files`").get(name)
    if written is None:
        bare = table(metadata.get("hashes"), "`hashes`").get(name)
        return [_File("", one if ":" in one else f"sha256:{one}") for one in texts(bare, "`hashes`")]
    found = [table(one, "a file") for one in array(written, "`files`")]
    return [_File(text(one.get("file"), "`file`"), text(one.get("hash"), "`hash`")) for one in found]


def _package(
    path: str, entry: dict[str, object], files: list[_File], places: graph.Places, line: int | None
) -> tuple[Locked, list[Problem]]:
    raw_name = text(entry.get("name"), "`name`")
    digests = [(file, pins.digest(file.hash)) for file in files]
    locked = Locked(
        ecosystem=ECOSYSTEM,
        name=pins.python_name(raw_name),
        raw_name=raw_name,
        version=text(entry.get("version"), "`version`"),
        source=_source(table(entry.get("source"), "`source`")),
        hashes=tuple(digest for _, digest in digests if digest),
        bad_hashes=tuple(file.hash[:200] for file, digest in digests if digest is None and file.hash),
        groups=_groups(entry),
        requires=tuple(_requires(entry, places)),
        marker=_marker(entry.get("markers")),
        line=line,
    )
    return locked, list(_problems(path, locked, files, by_name="files" not in entry))


def _problems(path: str, locked: Locked, files: list[_File], *, by_name: bool) -> Iterator[Problem]:
    """Files without hash, and files that are another package's. Version 1 lists files by name for all versions."""
    for file in files:
        about = f"{path}#{locked.purl}#{subject(file.name)}"
        if not file.hash and locked.hashes:
            yield Problem("package-unhashed", about, "one of its files has no hash", locked.line)
        if by_name or not file.name or locked.source.kind is not SourceKind.REGISTRY:
            continue
        if not names_python_package(file.name, locked.name, locked.version):
            message = f"its file `{shown(file.name)}` names another package or version"
            yield Problem("url-mismatch", about, message, locked.line)


def _source(source: dict[str, object]) -> Source:
    if not source:
        return pins.registry(ECOSYSTEM, "")
    kind, url = text(source.get("type"), "`type`"), text(source.get("url"), "`url`")
    match kind:
        case "legacy":
            return pins.registry(ECOSYSTEM, url) if url else pins.UNKNOWN
        case "git":
            ref = source.get("resolved_reference") or source.get("reference")
            return pins.git(url, text(ref, "`resolved_reference`"))
        case "url":
            return pins.direct(url)
        case "file" | "directory":
            return pins.path(url)
    return pins.UNKNOWN


def _groups(entry: dict[str, object]) -> tuple[str, ...]:
    """Version 2.1 lists groups, earlier ones have one category; `main` is what production installs."""
    listed = texts(entry.get("groups"), "`groups`")
    category = text(entry.get("category"), "`category`")
    names = listed or ([category] if category else [])
    optional = ["optional"] if entry.get("optional") is True else []
    if not names or "main" in names:
        return tuple(optional)
    return tuple(sorted({*names, *optional}))


def _requires(entry: dict[str, object], places: graph.Places) -> Iterator[str]:
    for written in table(entry.get("dependencies"), "`dependencies`"):
        numbers = places.find(pins.python_name(written))
        yield from (places.label(number) for number in numbers)


def _marker(value: object) -> str:
    """One marker, or one for each group."""
    if isinstance(value, dict):
        return " or ".join(f"({text(one, '`markers`')})" for one in value.values())
    return text(value, "`markers`")
