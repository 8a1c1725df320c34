"""gradle.lockfile gives every module and what it is for; the hashes stand in the verification metadata."""

import re
from collections.abc import Iterator, Mapping

from tidegate.formats import repopath
from tidegate.formats.locks import gradle_verification, pins
from tidegate.formats.locks.shape import bounded
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Problem

FORMAT = "gradle.lockfile"
ECOSYSTEM = "Maven"
NAMES = ("gradle.lockfile", "buildscript-gradle.lockfile", "settings-gradle.lockfile")
VERIFICATION = "gradle/verification-metadata.xml"
PROPERTIES = "gradle.properties"

_PART = r"[A-Za-z0-9_.][A-Za-z0-9_.+~-]*"
_MODULE = re.compile(rf"({_PART}):({_PART}):([^:=\s]+)", re.ASCII)
_MODE = re.compile(r"\s*org\.gradle\.dependency\.verification(?:\s*[=:]\s*|\s+)(.*)")
_CONFIGURATION = re.compile(r"[^\s,=:]+")
_SHIPPED = ("runtimeclasspath", "compileclasspath")


def matches(path: str) -> bool:
    """Also the older form, one file a configuration below `gradle/dependency-locks`."""
    folder, _, name = path.rpartition("/")
    return name in NAMES or (name.endswith(".lockfile") and f"/{folder}".endswith("/gradle/dependency-locks"))


def companions(path: str) -> tuple[str, ...]:
    """The verification metadata of the folder and of each folder above, nearest first: a build has one, at its top; and
    the properties, which can turn it off."""
    folders = [repopath.folder(path)]
    while folders[-1] != ".":
        folders.append(repopath.folder(folders[-1]))
    return tuple(repopath.join(folder, name) for name in (VERIFICATION, PROPERTIES) for folder in folders)


def parse(path: str, raw: bytes) -> LockFile:
    """Read a lock by itself, which leaves every module without hash. Raises FormatError."""
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a lock and the nearest verification metadata ("Dependency Locking", "Dependency Verification").

    Raises FormatError; what is readable but wrong becomes a problem of the lock.
    """
    text = decode(raw, limit=pins.LIMIT, what="the lockfile")
    problems: list[Problem] = []
    modules = dict(_modules(path, text, problems))
    bounded(len(modules), pins.MAX_PACKAGES)
    where = next((one for one in companions(path) if one in beside and one.endswith(VERIFICATION)), "")
    known = gradle_verification.NOTHING
    if where:
        known, more = gradle_verification.load(where, beside[where])
        problems += more
        problems += _switched_off(beside)
    locked: list[Locked] = []
    for (group, name, version), (configurations, line) in modules.items():
        files = known.files(group, name, version)
        one = _locked(f"{group}:{name}", version, configurations, line, files)
        locked.append(one)
        problems += _unhashed(path, one, files)
    return LockFile(path, FORMAT, ECOSYSTEM, Digest.of(raw), packages=tuple(locked), problems=tuple(problems))


def _switched_off(beside: Mapping[str, bytes]) -> Iterator[Problem]:
    """Properties that keep Gradle from insisting on the hashes."""
    for path, raw in beside.items():
        for number, line in enumerate(
            raw.decode("utf-8", "replace").splitlines() if path.endswith(PROPERTIES) else (), 1
        ):
            match = _MODE.fullmatch(line)
            if match and match[1].strip().lower() != "strict":
                about = f"{path}#org.gradle.dependency.verification"
                message = f"`{shown(path)}` sets the verification of hashes to `{shown(match[1], 40)}`"
                yield Problem("package-unhashed", about, message, number)


def _modules(
    path: str, text: str, problems: list[Problem]
) -> Iterator[tuple[tuple[str, str, str], tuple[tuple[str, ...], int]]]:
    """Each module once, with its configurations and line."""
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        head, equals, tail = plain.partition("=")
        names = tuple(tail.split(",")) if tail else ()
        if head == "empty" and equals and all(map(_CONFIGURATION.fullmatch, names)):
            continue
        match = _MODULE.fullmatch(head)
        if match is None or (equals and not names) or not all(map(_CONFIGURATION.fullmatch, names)):
            problems.append(_malformed(path, plain, "a line is no locked module", number))
            continue
        key = (match[1], match[2], match[3])
        if key in seen:
            problems.append(_malformed(path, plain, f"`{shown(head)}` is locked twice", number))
            continue
        seen.add(key)
        yield key, (names, number)


def _malformed(path: str, line: str, message: str, number: int) -> Problem:
    return Problem("lock-malformed", f"{path}#{subject(line)}", message, number)


def _locked(
    name: str, version: str, configurations: tuple[str, ...], line: int, files: tuple[gradle_verification.Artifact, ...]
) -> Locked:
    kept = [File(name=file.name, hashes=file.hashes) for file in files]
    return Locked(
        ecosystem=ECOSYSTEM,
        name=name,
        raw_name=name,
        version=version,
        source=pins.registry(ECOSYSTEM, ""),
        hashes=tuple(dict.fromkeys(digest for file in files for digest in file.hashes)),
        bad_hashes=tuple(word for file in files for word in file.bad),
        groups=() if not configurations or any(map(_ships, configurations)) else configurations,
        files=tuple(kept),
        line=line,
    )


def _ships(configuration: str) -> bool:
    """Is this what the program is compiled or run with, and not its tests?"""
    plain = configuration.lower()
    return (plain.endswith(_SHIPPED) and "test" not in plain) or plain in {"compile", "runtime"}


def _unhashed(path: str, locked: Locked, files: tuple[gradle_verification.Artifact, ...]) -> Iterator[Problem]:
    """A file without hash beside files that have one; a module without any is seen by everybody."""
    for file in files:
        if locked.hashes and not (file.hashes or file.bad):
            about = f"{path}#{locked.purl}#{subject(file.name)}"
            yield Problem("package-unhashed", about, "one of its files has no hash", locked.line)
