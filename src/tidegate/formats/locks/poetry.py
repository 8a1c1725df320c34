"""poetry.lock, versions 1 and 2, gives every package with its files' digests and the digest of what was asked for."""

from collections.abc import Iterator, Mapping

from tidegate.errors import FormatError
from tidegate.formats import repopath, toml
from tidegate.formats.locks import graph, pins
from tidegate.formats.locks.python_files import direct_names, file_problems, size
from tidegate.formats.locks.shape import array, bounded, table, tables, text, texts
from tidegate.formats.text import shown
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Problem, Source

FORMAT = "poetry.lock"
ECOSYSTEM = "PyPI"


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "poetry.lock"


def companions(path: str) -> tuple[str, ...]:
    """The manifest says which packages the project asks for by itself."""
    return (repopath.join(repopath.folder(path), "pyproject.toml"),)


def parse(path: str, raw: bytes) -> LockFile:
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a poetry.lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    document = toml.loads(raw, limit=pins.LIMIT, what="the lockfile")
    metadata = table(document.get("metadata"), "`metadata`")
    problems = _version_problems(path, metadata)
    if any(problem.rule == "lock-unsupported" for problem in problems):
        return LockFile(path, FORMAT, ECOSYSTEM, Digest.of(raw), problems=tuple(problems))
    entries = tables(document.get("package"), "`package`")
    bounded(len(entries), pins.MAX_PACKAGES)
    lines = graph.header_lines(raw, b"[[package]]", len(entries))
    places = graph.Places([_identity(entry, line) for entry, line in zip(entries, lines, strict=True)])
    asked = direct_names(beside.get(companions(path)[0]))
    packages: list[Locked] = []
    for entry, line in zip(entries, lines, strict=True):
        try:
            package = _package(entry, metadata, places, asked, line)
        except FormatError as error:
            raise FormatError(error.message, line=error.line or line) from None
        packages.append(package)
        problems += file_problems(path, package)
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(packages),
        problems=tuple(problems),
        content_hash=text(metadata.get("content-hash"), "`content-hash`"),
        version=text(metadata.get("lock-version"), "`lock-version`"),
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


def _files(entry: dict[str, object], metadata: dict[str, object]) -> tuple[list[File], list[str]]:
    """Files per package (version 2), in `metadata.files` by name (1.1) or as bare hashes (1.0); and bad digests.

    Version 1 lists the files of all versions of a name together, so there they go without their names.
    """
    name = text(entry.get("name"), "`name`")
    written, named = entry.get("files"), "files" in entry
    if written is None:
        written = table(metadata.get("files"), "`files`").get(name)
    if written is None:
        bare = table(metadata.get("hashes"), "`hashes`").get(name)
        written = [{"hash": one if ":" in one else f"sha256:{one}"} for one in texts(bare, "`hashes`")]
    files: list[File] = []
    bad: list[str] = []
    for item in array(written, "`files`"):
        one = table(item, "a file")
        said = text(one.get("hash"), "`hash`")
        digest = pins.digest(said)
        file = text(one.get("file"), "`file`") if named else ""
        url = pins.without_secrets(text(one.get("url"), "`url`"))
        files.append(File(file, url, (digest,) if digest else (), size=size(one.get("size"))))
        if digest is None and said:
            bad.append(said[:200])
    return files, bad


def _package(
    entry: dict[str, object], metadata: dict[str, object], places: graph.Places, asked: frozenset[str], line: int | None
) -> Locked:
    raw_name = text(entry.get("name"), "`name`")
    files, bad = _files(entry, metadata)
    return Locked(
        ecosystem=ECOSYSTEM,
        name=pins.python_name(raw_name),
        raw_name=raw_name,
        version=text(entry.get("version"), "`version`"),
        source=_source(table(entry.get("source"), "`source`")),
        hashes=tuple(digest for file in files for digest in file.hashes),
        bad_hashes=tuple(bad),
        groups=_groups(entry),
        direct=pins.python_name(raw_name) in asked,
        requires=tuple(_requires(entry, places)),
        files=tuple(files),
        marker=_marker(entry.get("markers")),
        line=line,
    )


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
