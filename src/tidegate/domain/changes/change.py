"""One difference between what was locked and what is."""

from dataclasses import dataclass
from enum import StrEnum

from tidegate.formats.text import shown
from tidegate.model.package import Locked


class Kind(StrEnum):
    """What happened to a package. `CHANGED`: another version, and nothing says which of the two is the newer one."""

    ADDED = "added"
    REMOVED = "removed"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    CHANGED = "changed"
    REPLACED = "replaced"
    """The same version with other files, from another place, or at another commit."""
    MARKED = "marked"
    """The same version and files; the lock says something else about it (deprecated, yanked, licence, script)."""
    DIRECT = "now direct"
    TRANSITIVE = "now transitive"


@dataclass(frozen=True, slots=True)
class Change:
    """One package of one lockfile, before and after; one of the two is None where it was added or removed.

    `path` is the lockfile's at head (at base where it is gone). `ADDED` means that no version of this name was in the
    lockfile before, or one more is now: `new` tells the two apart.
    """

    kind: Kind
    path: str
    before: Locked | None = None
    after: Locked | None = None
    new: bool = False
    """True when the lockfile of the base held no package of this name at all."""
    moved: str = ""
    """Where this name came from before, in words, when it comes from elsewhere now."""

    @property
    def package(self) -> Locked:
        """What is locked now; what was, where it is gone."""
        package = self.after or self.before
        if package is None:
            raise ValueError("a change without a package")
        return package

    @property
    def newly_direct(self) -> bool:
        """Is this a package the project asks for itself now, and did not before?"""
        after, before = self.after, self.before
        return after is not None and after.direct and (before is None or not before.direct)

    @property
    def same_version(self) -> bool:
        return self.before is not None and self.after is not None and self.before.version == self.after.version

    def __str__(self) -> str:
        before = (shown(self.before.version, 60) or "?") if self.before else ""
        after = (shown(self.after.version, 60) or "?") if self.after else ""
        versions = f"{before} -> {after}" if before and after and before != after else after or before
        return f"{self.kind.value} {shown(self.package.name, 80)} {versions}"


def named(package: Locked) -> str:
    """A package in a message: name and version, made safe."""
    return f"`{shown(package.name, 100)}` {shown(package.version, 60)}".rstrip()
