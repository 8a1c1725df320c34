"""Requirement files that include each other are one lock for pip: every file is read, and an index counts for all."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from tidegate.errors import FormatError
from tidegate.formats.locks import pins, requirements
from tidegate.formats.text import shown
from tidegate.model.package import LockFile, Problem, SourceKind

MAX_INCLUDED = 1000
"""Further files read because others include them."""


def further(
    locks: Iterable[LockFile], present: Collection[str], known: Collection[str], fetch: Callable[[str], bytes | None]
) -> tuple[list[LockFile], list[Problem]]:
    """The included files of the tree that are not read by their name; `known` are paths that need no reading.

    What cannot be read becomes a problem of rule `lock-malformed`.
    """
    seen = {*known, *(lock.path for lock in locks)}
    found: list[LockFile] = []
    problems: list[Problem] = []
    waiting = [path for lock in locks for path in lock.includes]
    while waiting:
        path = waiting.pop()
        if path in seen or path not in present:
            continue
        seen.add(path)
        if len(found) + len(problems) >= MAX_INCLUDED:
            problems.append(Problem("lock-malformed", path, f"more than {MAX_INCLUDED} files are included"))
            break
        try:
            raw = fetch(path)
            if raw is not None:
                found.append(requirements.parse(path, raw))
                waiting += found[-1].includes
        except FormatError as error:
            problems.append(Problem("lock-malformed", path, error.message, error.line))
    return found, problems


def settled(locks: Iterable[LockFile]) -> tuple[LockFile, ...]:
    """The same locks, where packages of included and including files come from the index one of them names.

    pip's options count for a whole run: an index named in a file is that of every file it includes, and of every file
    that includes it.
    """
    every = tuple(locks)
    linked = {lock.path: lock for lock in every if lock.format == requirements.FORMAT}
    if not any(lock.includes for lock in linked.values()):
        return every
    above: dict[str, set[str]] = {}
    for lock in linked.values():
        for path in lock.includes:
            above.setdefault(path, set()).add(lock.path)
    runs = {path: _below(path, linked) for path in linked}
    return tuple(_settle(lock, linked, above, runs) if lock.path in linked else lock for lock in every)


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
    lock: LockFile, linked: Mapping[str, LockFile], above: Mapping[str, set[str]], runs: Mapping[str, frozenset[str]]
) -> LockFile:
    tops = _tops(lock.path, above)
    indexes = sorted({index for top in tops for index in _indexes(runs[top], linked)})
    if not indexes or indexes == [""] or indexes == list(lock.indexes):
        return lock
    problems = lock.problems
    if len(indexes) > 1:
        names = " and ".join(f"`{shown(pins.without_secrets(one))}`" if one else "no index" for one in indexes[:3])
        message = f"the files pip reads together with it name {names}"
        problems = (*problems, Problem("index-mixed", f"{lock.path}#indexes", message))
    source = pins.registry(requirements.ECOSYSTEM, next(one for one in indexes if one))
    packages = tuple(
        replace(one, source=source) if one.source.kind is SourceKind.REGISTRY and not one.source.url else one
        for one in lock.packages
    )
    return replace(lock, packages=packages, problems=problems)


def _tops(path: str, above: Mapping[str, set[str]]) -> Iterator[str]:
    """The files pip is given that lead to this one: those nobody includes, or any of a circle."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        waiting += above.get(one, ())
    tops = [one for one in sorted(seen) if not above.get(one)]
    yield from tops or sorted(seen)


def _indexes(run: Iterable[str], linked: Mapping[str, LockFile]) -> set[str]:
    """The indexes of one run, "" where it names none."""
    return {index for path in run for index in linked[path].indexes} or {""}
