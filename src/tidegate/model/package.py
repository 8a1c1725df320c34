"""What lockfiles and manifests say: packages, where they come from, and what pins them."""

from enum import StrEnum

from tidegate.late import dataclass
from tidegate.model import purl
from tidegate.model.digest import Digest

PURL_TYPES = purl.TYPES

PINS = frozenset({"Docker", "Terraform", "Helm", "pre-commit"})
"""What pins a build besides packages, in the place of an OSV ecosystem: no advisory database names these."""


def file_name(address: str) -> str:
    """The file name at the end of a URL or path."""
    return address.partition("#")[0].partition("?")[0].rpartition("/")[2]


class SourceKind(StrEnum):
    REGISTRY = "registry"
    GIT = "git"
    URL = "url"
    PATH = "path"
    WORKSPACE = "workspace"
    BUNDLED = "bundled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a locked package comes from.

    `url` is what the lock recorded ("" when it recorded nothing); `host` is the parsed host, "" when there is none;
    `ref` is a git revision; `public` is True only for the ecosystem's own public registry (or its file host),
    recognised by exact host comparison.
    """

    kind: SourceKind
    url: str = ""
    host: str = ""
    ref: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """One file a lock records for a package: `name` is the bare file name, "" where the lock gives none; `url` where it
    is downloaded from, "" likewise. `uploaded` is RFC 3339, `size` in bytes."""

    name: str = ""
    url: str = ""
    hashes: tuple[Digest, ...] = ()
    uploaded: str = ""
    size: int | None = None

    @property
    def called(self) -> str:
        """Its name, or the one its address ends with; "" where the lock gives neither."""
        return self.name or file_name(self.url)


@dataclass(frozen=True, slots=True)
class Locked:
    """One package as a lockfile pins it.

    `ecosystem` uses OSV names (`PyPI`, `npm`). `name` is normalised for the ecosystem, `raw_name` is as written.
    `version` is "" when the lock gives none. `hashes` are all digests of all files recorded for this package.
    `requires` are the normalised names of direct dependencies inside the same lock (with `@version` when the lock
    disambiguates). `files` are the files the lock recorded, () where it names none. `alias_of` is the real name where
    the lock installs a package under another one (`raw_name`); `name` is the real name then. `line` is 1-based.
    `deprecated` is what the lock quotes of its maintainers ("" for none); `yanked` that the release was withdrawn.
    """

    ecosystem: str
    name: str
    raw_name: str
    version: str
    source: Source
    hashes: tuple[Digest, ...] = ()
    bad_hashes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    direct: bool = False
    requires: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    marker: str = ""
    licence: str = ""
    install_script: bool = False
    alias_of: str = ""
    line: int | None = None
    deprecated: str = ""
    yanked: bool = False
    wishes: tuple[str, ...] = ()
    """The `name@range`s this entry answers, where the format records them."""
    hashes_of: str = ""
    """What `hashes` are of where that is not the file a registry serves (Yarn's cache archive): such digests can only
    be compared with those of the same thing."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of its files, as the lock recorded them."""
        return tuple(file.url for file in self.files if file.url)

    @property
    def uploaded(self) -> str:
        """When the youngest of its files was uploaded (RFC 3339), "" where the lock does not say it of every file."""
        times = [file.uploaded for file in self.files]
        return max(times) if times and all(times) else ""

    @property
    def purl(self) -> str:
        """The package URL (purl specification, `pkg:type/namespace/name@version`)."""
        return purl.render(self.ecosystem, self.name, self.version)

    @property
    def project(self) -> str:
        """The package URL of the package whatever its version."""
        return purl.render(self.ecosystem, self.name, "")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a reader noticed that is not a package: `rule` is a rule id, `about` the subject."""

    rule: str
    about: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a lock recorded that one manifest asked for; compared with the manifest to see whether the lock is stale.

    `folder` is the manifest's folder in the repository (`.` for its top). `requires` and `optional` are written as in
    `Manifest`. `ungrouped` says that the format does not tell the two apart and all stands in `requires`. `locked` are
    (name as installed, version) of what each wish was answered with, where that is known.
    """

    folder: str
    requires: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    ungrouped: bool = False
    locked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LockFile:
    """A parsed lockfile. `path` is relative to the repository with `/`; `sha256` is of the file as read."""

    path: str
    format: str
    ecosystem: str
    sha256: Digest
    packages: tuple[Locked, ...] = ()
    problems: tuple[Problem, ...] = ()
    asked: tuple[Asked, ...] = ()
    """One entry for each manifest the lock serves, where the format records that."""
    content_hash: str = ""
    """The format's own digest of what the manifest asked for, "" where it has none."""
    includes: tuple[str, ...] = ()
    """Repository paths of further files this one includes (`-r`, `-c`)."""
    constraints: tuple[str, ...] = ()
    """Those of `includes` that only constrain (`-c`): they say where from, and which version, but install nothing."""
    indexes: tuple[str, ...] = ()
    """Addresses of the indexes a requirements file names, which count for the files it includes as well."""
    overrides: tuple[str, ...] = ()
    """Normalised names whose versions are overridden on purpose and need not satisfy the manifest."""
    answers: tuple[str, ...] = ()
    """Every `name@range` the lock has an answer for, where the format records wishes rather than who had them."""
    version: str = ""
    """The format's version as written."""
    settings: tuple[str, ...] = ()
    """What it recorded of its workspace's settings: `override name@range`, `catalog name of catalog: name@range`."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file that asks for packages. `requires` holds PEP 508 strings (PyPI) or `name@range` (npm).

    `locks` are the paths of lockfiles that may serve it, best first; only those present in the tree are listed.
    """

    path: str
    format: str
    ecosystem: str
    requires: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    name: str = ""
    version: str = ""
    content_hash: str = ""
    """What its package manager would write as the lock's `content-hash` for this manifest, "" for other kinds."""
    dynamic: bool = False
    """True when (a part of) what it asks for is computed at build time and cannot be read."""
    overrides: tuple[str, ...] = ()
    """Normalised names whose versions it overrides for the whole lock."""
    peers: tuple[str, ...] = ()
    """Names among `optional` that its own users have to provide: a lock may leave them out."""
    settings: tuple[str, ...] = ()
    """Settings for the whole workspace, as in `LockFile.settings`; an override names who reads it (`pnpm override`)."""
    manager: str = ""
    """The package manager it says it is for (`pnpm`), "" where it does not say."""
    licence: str = ""
    """What it says of its own licence, as written."""
    content_hashes: tuple[tuple[str, str], ...] = ()
    """(lock format, digest) where a manager's versions differ in their digest, or several managers read one manifest.

    The digest is "" where it hangs on more than this manifest and cannot be made.
    """

    def hashes_for(self, lock_format: str) -> tuple[str, ...]:
        """Each `content-hash` a lock of this format may carry; empty where the manifest has none."""
        named = tuple(one for name, one in self.content_hashes if name == lock_format)
        return named or ((self.content_hash,) if self.content_hash else ())
