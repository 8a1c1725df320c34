"""Packages inside artifacts and in SBOMs, measured by the lockfiles."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tidegate.domain.reconcile import npm_manifest
from tidegate.domain.reconcile.plan import Kept
from tidegate.errors import FormatError
from tidegate.formats.inside import purls
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.sbom_model import Bom, Component
from tidegate.formats.wheel_record import rows as record_rows
from tidegate.model import purl
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content, Member, Packed
from tidegate.model.package import Locked
from tidegate.model.release import ArtifactKind

# Records of operating systems; no lockfile of a project pins their packages.
_SYSTEMS = frozenset({"dpkg", "apk", "rpm"})
_TOOLCHAIN = ("Go", "stdlib")
_PACKAGES = frozenset({"library", "framework", "application"})
_NESTED = "!/"
_MOVED = re.compile(r"[^/]+\.data/[a-z]+")
MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Locks:
    """What the release's lockfiles pin: exact packages, and the ecosystems they speak of."""

    pinned: frozenset[tuple[str, str, str]] = frozenset()
    purls: frozenset[str] = frozenset()
    ecosystems: frozenset[str] = frozenset()

    @classmethod
    def of(cls, packages: Iterable[Locked]) -> "Locks":
        listed = tuple(packages)
        return cls(
            frozenset((p.ecosystem, p.name, p.version) for p in listed),
            frozenset(p.purl for p in listed),
            frozenset(p.ecosystem for p in listed),
        )

    def knows(self, package: Locked) -> bool:
        return (package.ecosystem, package.name, package.version) in self.pinned or package.purl in self.purls

    def answers_for(self, packed: Packed) -> bool:
        """Is this a package a lockfile of the release should pin?"""
        package = packed.package
        if packed.how in _SYSTEMS or ":" in package.ecosystem or (package.ecosystem, package.name) == _TOOLCHAIN:
            return False
        return packed.how != "pep770" or packed.package.ecosystem in self.ecosystems


@dataclass(frozen=True, slots=True)
class Parts:
    """Which members lie in a package that is locked: by folder, by path, or by path with the digest it must have."""

    folders: Mapping[str, str]
    files: Mapping[str, str]
    recorded: Mapping[tuple[str, str], str]
    archives: frozenset[str] = frozenset()
    """Archives inside that hold a locked package; nothing in them runs by itself."""

    def acts(self, path: str, raw: bytes | None) -> bool:
        """Does a member run because the package it is said to be of is installed? `raw` is its content, if known.

        npm runs the scripts of bundled packages, and builds those with a `binding.gyp`; whatever else a package holds
        runs only when one of these calls it. No list of files speaks for what runs wherever it lies.
        """
        folder, _, name = path.rpartition("/")
        if name.casefold() == "binding.gyp" and folder in self.folders:
            return True
        if name == "package.json" and folder in self.folders:
            return raw is None or npm_manifest.installs(raw)
        while folder and folder not in self.folders:
            folder = posixpath.dirname(folder)
        return not folder and path not in self.archives

    def owner(self, member: Member) -> str:
        """The package URL of the locked package a member is said to be part of, "" for none."""
        if member.path in self.files:
            return self.files[member.path]
        digest = member.sha256.value if member.sha256 else ""
        if (member.path, digest) in self.recorded:
            return self.recorded[member.path, digest]
        folder = posixpath.dirname(member.path)
        # The nearest package counts: one that is not locked does not hide in the folder of one that is.
        while folder and folder not in self.folders:
            folder = posixpath.dirname(folder)
        return self.folders.get(folder, "")


def parts(content: Content, locks: Locks, kept: Mapping[str, Kept]) -> Parts:
    folders: dict[str, str] = {}
    files: dict[str, str] = {}
    recorded: dict[tuple[str, str], str] = {}
    archives: set[str] = set()
    for packed in content.packages:
        url = packed.package.purl if locks.knows(packed.package) else ""
        folder = posixpath.dirname(packed.path)
        if _NESTED in packed.path:
            if url:
                files.setdefault(packed.path.partition(_NESTED)[0], url)
                archives.add(packed.path.partition(_NESTED)[0])
        elif packed.how == "npm" or packed.path.endswith("/Cargo.toml"):
            if not _is_top(content, folder):
                folders[folder] = url
        elif url and folder.endswith(".dist-info"):
            files[packed.path] = url
            files[f"{folder}/RECORD"] = url
            raw = kept.get(f"{folder}/RECORD", Kept()).raw
            if not _lies_at_top(content.kind, folder):
                recorded.update(dict.fromkeys(_rows(posixpath.dirname(folder), raw or b""), url))
    return Parts(folders, files, recorded, frozenset(archives))


def _is_top(content: Content, folder: str) -> bool:
    """A record at the top of an artifact speaks of the artifact, and does not own everything in it."""
    return folder in {"", content.artifact} or "/" not in folder


def _lies_at_top(kind: ArtifactKind, folder: str) -> bool:
    """Is this metadata beside the artifact's own files, where a list of another package would explain all of them?"""
    base = posixpath.dirname(folder)
    if kind is ArtifactKind.WHEEL:
        return not base or _MOVED.fullmatch(base) is not None
    return kind in {ArtifactKind.SDIST, ArtifactKind.NPM} and "/" not in base


def _rows(base: str, raw: bytes) -> Iterator[tuple[str, str]]:
    """(path, sha256) of what a bundled package says it consists of."""
    import base64

    try:
        for row in record_rows(raw, MAX_ROWS):
            if len(row) == 3 and row[1].startswith("sha256="):
                encoded = row[1].removeprefix("sha256=")
                digest = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).hex()
                path = posixpath.normpath(posixpath.join(base, row[0]))
                # A list of another package's files would explain them.
                if not base or path.startswith(base + "/"):
                    yield path, digest
    except (FormatError, ValueError):
        return


def unlocked(content: Content, locks: Locks) -> tuple[Packed, ...]:
    """Packages inside an artifact that no lockfile pins, in order of path."""
    found = [packed for packed in content.packages if locks.answers_for(packed) and not locks.knows(packed.package)]
    return tuple(sorted(found, key=lambda packed: (packed.path, packed.package.purl)))


def unsupported(
    bom: Bom, locks: Locks, contents: Iterable[Content], own: Iterable[tuple[str, str]], artifacts: Iterable[Digest]
) -> tuple[str, ...]:
    """Package URLs an SBOM names which nothing locks and no artifact holds.

    `own` are (ecosystem, normalised name) of the release's packages in any version, `artifacts` what it describes.
    Components without a package URL are no matter of this.
    """
    ours = frozenset(own)
    known = {purls.bare(url) for url in locks.purls} | {purls.bare(purl.render(*named, "")) for named in ours}
    known |= {purls.bare(purls.reference(packed.package)) for content in contents for packed in content.packages}
    described = _told_once(bom, artifacts)
    strangers = set()
    for component in bom.every():
        if not _is_package(component, described) or (component is bom.root and not _is_foreign(component, ours)):
            continue
        if component.purl and not known.intersection(_spelt(component)):
            strangers.add(component.purl)
    return tuple(sorted(strangers))


def _is_package(component: Component, described: frozenset[Digest]) -> bool:
    """By its kind, or by the ecosystem of its package URL, and not the artifact itself, whatever that is called."""
    if described.intersection(component.hashes):
        return False
    return component.kind in _PACKAGES or (component.kind != "file" and _has_ecosystem(component))


def _is_foreign(root: Component, own: frozenset[tuple[str, str]]) -> bool:
    """Is what the document describes a package, of an ecosystem in which the release has another name?"""
    try:
        ecosystem = purls.parse(root.purl)[0] if root.purl else ""
    except FormatError:
        return False
    return any(ecosystem == each for each, _ in own)


def _told_once(bom: Bom, artifacts: Iterable[Digest]) -> frozenset[Digest]:
    """Digests of artifacts that one name alone bears: under several, most of them would be somebody else's."""
    names: dict[Digest, set[str]] = {digest: set() for digest in artifacts}
    for component in bom.every():
        for digest in names.keys() & {*component.hashes} if component.purl else ():
            names[digest].add(purls.bare(component.purl))
    return frozenset(digest for digest, told in names.items() if len(told) < 2)


def _has_ecosystem(component: Component) -> bool:
    try:
        return component.purl != "" and purls.parse(component.purl)[0] != ""
    except FormatError:
        return False


def _spelt(component: Component) -> tuple[str, ...]:
    """A component's package URL in our spelling, with and without its version."""
    try:
        ecosystem, name, version = purls.parse(component.purl)
    except FormatError:
        return ()
    if not ecosystem:
        return (purls.bare(component.purl),)
    name = canonicalize_name(name) if ecosystem == "PyPI" else name
    versions = (version or component.version, "")
    return tuple(purls.bare(purl.render(ecosystem, name, one)) for one in versions)
