"""Requirement files that include each other are one lock for pip: every file is read, and an index counts for all."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from tidegate.errors import FormatError
from tidegate.formats.locks import pins
from tidegate.formats.text import shown
from tidegate.model.package import LockFile, Problem, SourceKind

REQUIREMENTS = "requirements.txt"
"""The format of `formats.locks.requirements`, imported only where a file is included."""
CONSTRAINTS = "constraints.txt"
"""The format of a file that is read because another one constrains by it."""

_LINKED = (REQUIREMENTS, CONSTRAINTS)
MAX_INCLUDED = 1000
"""Further files read because others include them."""


def further(
    locks: Collection[LockFile], present: Collection[str], known: Collection[str], fetch: Callable[[str], bytes | None]
) -> tuple[list[LockFile], list[Problem]]:
    """The included files of the tree that are not read by their name; `known` are paths that need no reading.

    Everything below a file that only constrains (`-c`) only constrains as well. What cannot be read becomes a problem
    of rule `lock-malformed`.
    """
    seen = {*known, *(lock.path for lock in locks)}
    found: list[LockFile] = []
    problems = list(_strange(locks))
    installing = [path for lock in locks for path in _installed(lock)]
    constraining = [path for lock in locks for path in lock.constraints]
    while installing or constraining:
        limits = not installing
        path = (installing or constraining).pop()
        if path in seen or path not in present:
            continue
        seen.add(path)
        if len(found) + len(problems) >= MAX_INCLUDED:
            problems.append(Problem("lock-malformed", path, f"more than {MAX_INCLUDED} files are included"))
            break
        try:
            raw = fetch(path)
            if raw is not None:
                from tidegate.formats.locks import requirements

                lock = requirements.parse(path, raw)
                found.append(_constraining(lock) if limits else lock)
                constraining += lock.includes if limits else lock.constraints
                installing += [] if limits else _installed(lock)
        except FormatError as error:
            problems.append(Problem("lock-malformed", path, error.message, error.line))
    return found, problems


def _strange(locks: Collection[LockFile]) -> Iterator[Problem]:
    """Files pip is told to read as requirements, which were read as something else by their name."""
    others = {lock.path: lock.format for lock in locks if lock.format not in _LINKED}
    for path in sorted({path for lock in locks if lock.format in _LINKED for path in lock.includes} & others.keys()):
        message = f"it is included as a requirements file, and is read as a `{others[path]}` by its name"
        yield Problem("lock-malformed", path, message)


def _installed(lock: LockFile) -> list[str]:
    """The files whose packages are installed with this one's; what is included both ways is one of them."""
    if lock.format != REQUIREMENTS:
        return []
    return list(Counter(lock.includes) - Counter(lock.constraints))


def _constraining(lock: LockFile) -> LockFile:
    """Its pins install nothing and need no hash; its options and addresses count as any other's."""
    packages = tuple(one for one in lock.packages if one.source.kind is not SourceKind.REGISTRY)
    return replace(lock, format=CONSTRAINTS, packages=packages)


def settled(locks: Iterable[LockFile]) -> tuple[LockFile, ...]:
    """The same locks, where packages of included and including files come from the index one of them names.

    pip's options count for a whole run: an index named in a file is that of every file it includes, and of every file
    that includes it.
    """
    every = tuple(locks)
    linked = {lock.path: lock for lock in every if lock.format in _LINKED}
    if not any(lock.includes for lock in linked.values()):
        return every
    above: dict[str, set[str]] = {}
    for lock in linked.values():
        for path in lock.includes:
            above.setdefault(path, set()).add(lock.path)
    runs = {path: _indexes(_below(path, linked), linked) for path in linked if not above.get(path)}
    return tuple(_settle(lock, above, runs, linked) if lock.path in linked else lock for lock in every)


def _below(path: str, linked: Mapping[str, LockFile]) -> frozenset[str]:
    """A file with everything it includes."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        if one in linked and one not in seen:
            seen.add(one)
            waiting += linked[one].includes
    return frozenset(seen)


def _settle(
    lock: LockFile,
    above: Mapping[str, set[str]],
    runs: Mapping[str, frozenset[str]],
    linked: Mapping[str, LockFile],
) -> LockFile:
    indexes = sorted({index for run in _runs(lock.path, above, runs, linked) for index in run})
    if indexes in ([], [""], list(lock.indexes)):
        return lock
    problems = lock.problems
    if len(indexes) > 1:
        names = " and ".join(f"`{shown(one)}`" if one else "none" for one in indexes[:3])
        message = f"the indexes named by files pip reads together with it differ: {names}"
        problems = (*problems, Problem("index-mixed", f"{lock.path}#indexes", message))
    source = pins.registry("PyPI", next(one for one in indexes if one))
    packages = tuple(
        replace(one, source=source) if one.source.kind is SourceKind.REGISTRY and not one.source.url else one
        for one in lock.packages
    )
    return replace(lock, packages=packages, problems=problems)


def _runs(
    path: str, above: Mapping[str, set[str]], runs: Mapping[str, frozenset[str]], linked: Mapping[str, LockFile]
) -> Iterator[frozenset[str]]:
    """The indexes of each run of pip that leads to this file: of the files above it that nobody includes.

    Files that include each other in a circle are one run.
    """
    seen: set[str] = set()
    waiting = [path]
    ended = False
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if not above.get(one) and one in runs:
            ended = True
            yield runs[one]
        waiting += above.get(one, ())
    if not ended:
        yield _indexes(_below(path, linked), linked)


def _indexes(run: Iterable[str], linked: Mapping[str, LockFile]) -> frozenset[str]:
    """The indexes of one run, "" where it names none."""
    return frozenset(index for path in run for index in linked[path].indexes) or frozenset({""})
