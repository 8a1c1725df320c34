"""Packages found inside artifacts, as they are asked about: by the name advisories know, once beside what is locked."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tidegate.domain.matching.own import Own
from tidegate.domain.matching.rules import IMAGE_UNAUDITED, INSIDE_UNAUDITED, INSIDE_UNREAD
from tidegate.domain.matching.versions import order_of
from tidegate.formats.text import shown
from tidegate.model.finding import Rule
from tidegate.model.inventory import Content
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.model.release import ArtifactKind

LAYERS_UNREAD = frozenset({"blob-missing", "blob-mismatch", "layer-unread", "image-malformed", "image-unlisted"})
DATABASE_UNREAD = "package-database-unread"
RECORD_UNREAD = "package-unread"
_REPOSITORY = re.compile(r"[?&]repository_url=")
_READ_THERE = frozenset({SourceKind.BUNDLED, SourceKind.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Found:
    """One package to ask about. `place` is `artifact!/member`, `layer` the image layer's digest.

    `installed` is the name it is installed under where advisories have another.
    """

    package: Locked
    place: str
    layer: str = ""
    installed: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """What nobody can be asked about. `about` is exact and stable, `image` whether it is an image's, `unread` whether
    it is a record nobody could read."""

    about: str
    why: str
    image: bool
    unread: bool = False

    @property
    def rule(self) -> Rule:
        return IMAGE_UNAUDITED if self.image else INSIDE_UNREAD if self.unread else INSIDE_UNAUDITED


def look(content: Content, own: Own) -> Iterator[Found | Missed]:
    """Everything inside one artifact. What no advisory can name is told once a kind, with its number."""
    image = content.kind is ArtifactKind.IMAGE
    if not own.ships(content):
        itself = Locked(content.ecosystem, content.name, content.name, content.version, Source(SourceKind.BUNDLED))
        yield Found(_askable(itself, own), content.artifact)
    unnamed: dict[str, int] = {}
    for packed in content.packages:
        asked = packed.origin or packed.package
        if order_of(asked.ecosystem) is None:
            unnamed[asked.ecosystem] = unnamed.get(asked.ecosystem, 0) + 1
        elif not own.holds(packed.package):
            installed = packed.package.name if packed.package.name != asked.name else ""
            yield Found(_askable(asked, own), f"{content.artifact}!/{packed.path}", packed.layer, installed)
    for ecosystem, count in sorted(unnamed.items()):
        kind = f"`{shown(ecosystem)}`" if ecosystem else "no known ecosystem"
        yield Missed(
            f"{content.artifact}#{ecosystem or 'generic'}",
            f"{count} packages are of {kind}, which no advisory names",
            image,
        )
    for problem in content.problems:
        if problem.rule == RECORD_UNREAD:
            about = f"!/{problem.about}" if problem.about not in ("", content.artifact) else "#records"
            yield Missed(f"{content.artifact}{about}", problem.message, image, unread=True)
    if image:
        yield from _unread(content)


def _unread(content: Content) -> Iterator[Missed]:
    unread = sum(not layer.read for layer in content.layers)
    if unread:
        why = f"{unread} of its {len(content.layers)} layers were not read, so what they hold is not known"
        yield Missed(f"{content.artifact}#layers", why, True)
    elif any(problem.rule in LAYERS_UNREAD for problem in content.problems):
        yield Missed(f"{content.artifact}#layers", "not all of it was read, so what it holds is not known", True)
    for problem in content.problems:
        if problem.rule == DATABASE_UNREAD:
            yield Missed(f"{content.artifact}!/{problem.about}", problem.message, True)


def _askable(package: Locked, own: Own) -> Locked:
    """A record inside says no origin: what bears no name of the team's is taken for the public package so called.

    Asking about too much finds a false name at worst; a package that says it is no registry's stays unasked. One whose
    package URL says that it comes from a certain repository (`repository_url`) is named to no service.
    """
    if package.source.kind not in _READ_THERE:
        return package
    public = not own.internal.holds(package.ecosystem, package.name) and not _REPOSITORY.search(package.source.url)
    return replace(package, source=Source(SourceKind.REGISTRY, public=public))


def examined(contents: Iterable[Content]) -> tuple[int, int, str]:
    """(layers read, layers there are, words for the table) of all images; an image nothing is known of counts as one
    layer."""
    images = [content for content in contents if content.kind is ArtifactKind.IMAGE]
    read = sum(layer.read for content in images for layer in content.layers)
    there = sum(max(len(content.layers), 1) for content in images)
    packages = sum(len(content.packages) for content in images)
    return read, there, f"{packages} packages in {len(images)} image{'s' * (len(images) != 1)}"
