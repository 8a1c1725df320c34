"""The finding that a lock is not in step, with the command that mends it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tidegate.domain.locks import rules
from tidegate.domain.locks.commands import row
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import LockFile, Manifest


@dataclass(frozen=True, slots=True)
class Pair:
    """A manifest and those of its locks one way of comparing is for, never none.

    `overrides` are the names manifests override, by folder: a lock's own word that it overrides is not enough.
    `settings` are those of every manifest, by its path; `own` are (ecosystem, name) of every manifest.
    """

    manifest: Manifest
    locks: tuple[LockFile, ...]
    overrides: Mapping[str, Collection[str]]
    settings: Mapping[str, Collection[str]] = field(default_factory=dict)
    own: Collection[tuple[str, str]] = ()


def stale(manifest: Manifest, lock: LockFile, what: str, message: str) -> Finding:
    """`what` is the package or wish at fault, "" where it is the whole manifest."""
    about = f"{manifest.path}#{subject(what)}" if what else manifest.path
    again = row(lock.format).again
    fix = f"{again}, then commit the result" if again else ""
    return found(rules.LOCK_STALE, about, f"`{shown(lock.path)}`: {message}", place=Place(lock.path), fix=fix)


def uncompared(manifest: Manifest, lock: LockFile, what: str, message: str) -> Finding:
    """Something of the manifest that cannot be held against the lock."""
    about = f"{manifest.path}#{subject(what)}" if what else manifest.path
    return found(rules.LOCK_UNCOMPARED, about, message, place=Place(lock.path))
