"""A release: named artifacts built from one source commit."""

from enum import StrEnum

from tidegate.late import dataclass
from tidegate.model.digest import Digest


class ArtifactKind(StrEnum):
    WHEEL = "wheel"
    SDIST = "sdist"
    NPM = "npm"
    ZIP = "zip"
    TAR = "tar"
    FILE = "file"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A taken artifact. `name` is the file name, unique in the run; `path` is where it was taken from (relative).

    Of an image, `name` is the last part of its name, `path` is `host/name@digest`, and digest and size are its
    manifest's.
    """

    name: str
    path: str
    digest: Digest
    size: int
    kind: ArtifactKind


@dataclass(frozen=True, slots=True)
class Release:
    """`root` is the folder whose manifests this release answers for, `.` for the whole repository."""

    name: str
    root: str
    artifacts: tuple[Artifact, ...] = ()

    def holds(self, path: str) -> bool:
        """Does a repository path lie under this release's root?"""
        return self.root == "." or path == self.root or path.startswith(self.root.rstrip("/") + "/")
