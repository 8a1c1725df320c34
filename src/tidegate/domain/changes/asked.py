"""Which packages of a lockfile a project asks for itself: by the lock where it tells, else by the manifests it serves.

A format that tells neither counts as asking for everything it holds: what is not known is looked at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement

from tidegate.domain.changes.change import Change
from tidegate.formats.locks.node import split
from tidegate.formats.python_names import canonicalize_name
from tidegate.model.package import Locked, LockFile, Manifest


@dataclass(frozen=True, slots=True)
class Asked:
    """`names` holds the names asked for of each lockfile that does not mark its direct packages; None for everything.

    Lockfiles that mark them are not in it.
    """

    names: Mapping[str, frozenset[str] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, locks: Iterable[LockFile], manifests: Iterable[Manifest]) -> "Asked":
        unmarked = {lock.path for lock in locks if not any(package.direct for package in lock.packages)}
        wishes: dict[str, set[str]] = {}
        for manifest in manifests:
            for path in unmarked.intersection(manifest.locks):
                wishes.setdefault(path, set()).update(
                    _name(manifest.ecosystem, wish) for wish in (*manifest.requires, *manifest.optional)
                )
        return cls({path: frozenset(wishes[path]) if wishes.get(path) else None for path in unmarked})

    def direct(self, path: str, package: Locked) -> bool:
        """Does a project ask for this package of the lockfile at `path` itself?"""
        if package.direct:
            return True
        names = self.names.get(path, frozenset())
        return names is None or package.name in names

    def newly(self, change: Change) -> bool:
        """Is this a package that is asked for now and was not before?"""
        after = change.after
        if after is None:
            return False
        return change.newly_direct or (change.new and self.direct(change.path, after))


def _name(ecosystem: str, wish: str) -> str:
    """The name in a wish: PEP 508, or `name@range` with an `@` before a scope."""
    if ecosystem == "PyPI":
        try:
            return canonicalize_name(Requirement(wish).name)
        except (InvalidRequirement, ValueError, RecursionError):
            return wish
    return split(wish)[0]
