"""Where each file of an artifact comes from, as far as the source commit, a rule or a package can tell."""

from collections.abc import Iterable
from enum import StrEnum

from tidegate.late import dataclass
from tidegate.model.digest import Digest
from tidegate.model.release import ArtifactKind


class By(StrEnum):
    """What explains a file. The last two do not."""

    SOURCE = "source"
    """The commit holds the same content at the same path."""
    MOVED = "moved"
    """The commit holds the same content at another path, and nothing at this one."""
    CONVERTED = "converted"
    """It is the commit's file after a change known to be harmless (line endings, an LFS pointer followed, …)."""
    GENERATED = "generated"
    """The build made it, and it looks exactly as such a file does."""
    DECLARED = "declared"
    """The policy names it, with a reason."""
    COMPONENT = "component"
    """It lies in a package which a lockfile pins. That it is that package's file is not proven."""
    ALTERED = "altered"
    UNEXPLAINED = "unexplained"

    @property
    def explains(self) -> bool:
        return self not in {By.ALTERED, By.UNEXPLAINED}


@dataclass(frozen=True, slots=True)
class Traced:
    """One file. `origin` is a commit path, a package URL, or the pattern of a policy rule; `why` says more in words.

    `runs` says that it runs by itself, at build, install or start.
    """

    path: str
    size: int
    by: By
    origin: str = ""
    why: str = ""
    runs: bool = False


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One artifact with every file it holds."""

    artifact: str
    digest: Digest
    kind: ArtifactKind
    traced: tuple[Traced, ...] = ()

    def counted(self) -> dict[By, tuple[int, int]]:
        """(files, bytes) by what explains them, in the order of `By`, without zeros."""
        return counted(self.traced)


def counted(traced: Iterable[Traced]) -> dict[By, tuple[int, int]]:
    """(files, bytes) by what explains them, in the order of `By`, without zeros."""
    sums: dict[By, tuple[int, int]] = {}
    for each in traced:
        files, size = sums.get(each.by, (0, 0))
        sums[each.by] = files + 1, size + each.size
    return {by: sums[by] for by in By if by in sums}
