"""pylock.toml (PEP 751), also under a name, validated by `packaging` and read into packages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from tidegate.errors import FormatError
from tidegate.formats import repopath, toml
from tidegate.formats.locks import graph, pins, unread
from tidegate.formats.locks.python_files import file_problems, size
from tidegate.formats.locks.shape import bounded, table, tables, text
from tidegate.formats.text import shown
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Problem, Source, file_name

FORMAT = "pylock.toml"
ECOSYSTEM = "PyPI"
_NAME = re.compile(r"pylock(\.[^.]+)?\.toml")


def matches(path: str) -> bool:
    return _NAME.fullmatch(path.rsplit("/", 1)[-1]) is not None


def parse(path: str, raw: bytes) -> LockFile:
    """Read a pylock.toml. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    document = toml.loads(raw, limit=pins.LIMIT, what="the lockfile")
    version = document.get("lock-version")
    if isinstance(version, str) and version.split(".")[0] != "1":
        message = f"pylock version {shown(version, 20)} is not read"
        return unread.of_version(path, FORMAT, ECOSYSTEM, raw, message)
    entries = tables(document.get("packages"), "`packages`")
    bounded(len(entries), pins.MAX_PACKAGES)
    _validate(document)
    lines = graph.header_lines(raw, b"[[packages]]", len(entries))
    names = [pins.python_name(text(entry.get("name"), "`name`")) for entry in entries]
    versions = [text(entry.get("version"), "`version`") for entry in entries]
    places = graph.Places(list(zip(names, versions, strict=True)))
    packages: list[Locked] = []
    problems: list[Problem] = []
    for entry, name, line in zip(entries, names, lines, strict=True):
        package, more = _package(path, entry, name, places, line)
        problems += more
        if package is not None:
            packages.append(package)
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(packages),
        problems=tuple(problems),
        version=text(version, "`lock-version`"),
    )


def _validate(document: dict[str, object]) -> None:
    from packaging.pylock import Pylock, PylockValidationError  # heavy to import, needed for this format alone

    try:
        Pylock.from_dict(document)
    except PylockValidationError as error:
        raise FormatError(f"the lockfile breaks PEP 751: {shown(str(error), 200)}") from None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, OverflowError):
        raise FormatError("the lockfile breaks PEP 751") from None


def _package(
    path: str, entry: dict[str, object], name: str, places: graph.Places, line: int | None
) -> tuple[Locked | None, list[Problem]]:
    here = repopath.folder(path)
    directory = table(entry.get("directory"), "`directory`")
    if directory and repopath.resolve(here, text(directory.get("path"), "`path`")) == here:
        return None, []
    written = list(_files(entry))
    files, bad = _read_files(written)
    locked = Locked(
        ecosystem=ECOSYSTEM,
        name=name,
        raw_name=text(entry.get("name"), "`name`"),
        version=text(entry.get("version"), "`version`"),
        source=_source(entry, directory, here),
        hashes=tuple(digest for file in files for digest in file.hashes),
        bad_hashes=tuple(bad),
        requires=tuple(_requires(entry, places)),
        files=tuple(files),
        marker=text(entry.get("marker"), "`marker`"),
        line=line,
    )
    return locked, list(file_problems(path, locked))


def _files(entry: dict[str, object]) -> Iterator[dict[str, object]]:
    for key in ("archive", "sdist"):
        if key in entry:
            yield table(entry[key], key)
    yield from tables(entry.get("wheels"), "`wheels`")


def _read_files(written: list[dict[str, object]]) -> tuple[list[File], list[str]]:
    """The files, and digests that are none. A name is only written where the address does not end in it."""
    files: list[File] = []
    bad: list[str] = []
    for one in written:
        digests, wrong = pins.file_hashes(table(one.get("hashes"), "`hashes`"))
        bad += wrong
        url = pins.without_secrets(text(one.get("url"), "`url`"))
        name = text(one.get("name"), "`name`") or file_name(url or text(one.get("path"), "`path`"))
        files.append(File(name, url, tuple(digests), _uploaded(one.get("upload-time")), size(one.get("size"))))
    return files, bad


def _uploaded(value: object) -> str:
    """A TOML time as RFC 3339; PEP 751 asks for one in UTC. What lies at the ends of time is not said."""
    if not isinstance(value, datetime):
        return ""
    try:
        told = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return ""
    return told.isoformat().replace("+00:00", "Z")


def _source(entry: dict[str, object], directory: dict[str, object], here: str) -> Source:
    vcs, archive = table(entry.get("vcs"), "`vcs`"), table(entry.get("archive"), "`archive`")
    if directory:
        return pins.workspace(text(directory.get("path"), "`path`"))
    if vcs:
        if vcs.get("type") != "git":
            return pins.UNKNOWN
        return pins.git(text(vcs.get("url") or vcs.get("path"), "`url`"), text(vcs.get("commit-id"), "`commit-id`"))
    if archive:
        url = text(archive.get("url"), "`url`")
        return pins.direct(url) if url else pins.path(text(archive.get("path"), "`path`"))
    if not any(True for _ in _files(entry)):
        return pins.UNKNOWN
    paths = [path for file in _files(entry) if (path := text(file.get("path"), "`path`")) and "url" not in file]
    if paths:
        outside = [path for path in paths if repopath.resolve(here, path) is None]
        return pins.path((outside or paths)[0])
    return pins.registry(ECOSYSTEM, text(entry.get("index"), "`index`"))


def _requires(entry: dict[str, object], places: graph.Places) -> Iterator[str]:
    for one in tables(entry.get("dependencies"), "`dependencies`"):
        name = text(one.get("name"), "a dependency's `name`")
        numbers = places.find(pins.python_name(name), text(one.get("version"), "`version`")) if name else []
        yield from (places.label(number) for number in numbers)
