"""Everything the stages look at, read once, bounded and counted."""

from dataclasses import field

from tidegate.late import dataclass
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Manifest, Problem
from tidegate.model.pipeline import Pipeline
from tidegate.model.release import ArtifactKind
from tidegate.model.workflow import Workflow


@dataclass(frozen=True, slots=True)
class TreeFile:
    """One file of the working tree. `mode` is git's (`100644`, `120000` link, `160000` submodule), "" without git.

    `tracked` says that git tracks it; `changed` that it differs from HEAD (content, staged or not).
    """

    path: str
    size: int
    mode: str = ""
    tracked: bool = True
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside an artifact. `sha256` is None for links and directories are not listed."""

    path: str
    size: int
    sha256: Digest | None = None
    link: str = ""
    mode: int | None = None
    """Permission bits as the archive has them; None where it has none."""
    blob: str = ""
    """The id git would give this content as a blob (`sha1` of `blob SIZE\\0…`), "" where nobody asked."""
    layer: str = ""
    """Digest of the image layer it is in, "" outside images."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A package found inside an artifact. `path` is the member that says so (`…/METADATA`, `var/lib/dpkg/status`).

    `package.ecosystem` is OSV's (`Debian:12`, `Alpine:v3.20`, `PyPI`, …). `how` is the kind of record it was read from
    (`dist-info`, `dpkg`, `apk`, `npm`, `go-buildinfo`, `pep770`, `vendored`), `layer` the image layer. Where a
    distribution's advisories are not known, the ecosystem is its package manager's and its own name (`dpkg:kali`).
    """

    package: Locked
    path: str
    how: str
    layer: str = ""
    origin: Locked | None = None
    """What advisories call it by where that is another name or version: the source package of a distribution."""


@dataclass(frozen=True, slots=True)
class ImageLayer:
    """One layer of an image. `platforms` are those that have it (`linux/amd64`); `files` counts its files and links.

    `read` says that every file of it was looked at.
    """

    digest: Digest
    size: int
    platforms: tuple[str, ...]
    files: int = 0
    read: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """What an artifact holds. `name`, `version`, `requires` come from its own metadata (PKG-INFO, package.json).

    `requires` holds PEP 508 strings or `name@range`; `ecosystem` is "" for plain archives and files.
    """

    artifact: str
    kind: ArtifactKind
    members: tuple[Member, ...] = ()
    ecosystem: str = ""
    name: str = ""
    version: str = ""
    licence: str = ""
    requires: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    packages: tuple[Packed, ...] = ()
    """Packages inside, besides the artifact's own."""
    below: tuple[Packed, ...] = ()
    """Packages of lower image layers that a later one deletes or replaces: they travel along and do not run."""
    layers: tuple[ImageLayer, ...] = ()
    """The layers of an image, each once, lowest first."""


@dataclass(frozen=True, slots=True)
class Source:
    """The source commit; "" where git does not say. `dirty` are tracked paths that differ from the commit."""

    commit: str = ""
    tree: str = ""
    ref: str = ""
    remote: str = ""
    committed: str = ""
    """Committer time of `commit`, RFC 3339 in UTC."""
    dirty: tuple[str, ...] = ()
    shallow: bool = False
    base: str = ""
    """The commit a change is compared with (merge base of the target branch), "" when there is none."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Read once by one worker; every stage gets the same. All paths are relative to the repository, with `/`."""

    source: Source
    files: tuple[TreeFile, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    locks: tuple[LockFile, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    contents: tuple[Content, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Files that could not be read at all: `about` is the path."""
    other_ci: tuple[str, ...] = field(default=())
    """CI configuration of systems tidegate does not read."""
    pipelines: tuple[Pipeline, ...] = ()
    """GitLab's, with the child pipelines they start from this repository's files."""
