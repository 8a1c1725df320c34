"""What an image holds: every file of every layer, the packages that show in it, and those that only lie below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from tidegate.formats import oci
from tidegate.formats.images import layer as layers
from tidegate.formats.images import systems
from tidegate.formats.images.blobs import Blobs
from tidegate.formats.images.config import LIMIT as CONFIG_LIMIT
from tidegate.formats.images.layer import Budget, Layer
from tidegate.formats.images.platforms import Image, walk
from tidegate.formats.images.view import MAX_FOLDERS, View
from tidegate.formats.inside.inside import UNREAD
from tidegate.formats.text import shown
from tidegate.model.inventory import Content, ImageLayer, Packed
from tidegate.model.package import Problem
from tidegate.model.release import ArtifactKind

UNLISTED = "image-unlisted"

_INFOS = (".dist-info", ".egg-info")
_RECORDS = ("METADATA", "PKG-INFO")
_MODULES = "/node_modules"


@dataclass(slots=True)
class _Table:
    """Everything read so far; a layer that several platforms share is read once."""

    layers: dict[str, Layer] = field(default_factory=dict)
    platforms: dict[str, list[str]] = field(default_factory=dict)
    packages: dict[Packed, None] = field(default_factory=dict)
    below: dict[Packed, None] = field(default_factory=dict)
    problems: dict[Problem, None] = field(default_factory=dict)


def content(name: str, stream: BinaryIO, blobs: Blobs | None, git: str = "") -> Content:
    """Read an image whose manifest, index or configuration `stream` gives. Nothing raises.

    Without `blobs` its layers are not here, which is a problem. `git` is as for `archives.content`.
    """
    if blobs is None:
        return Content(name, ArtifactKind.IMAGE, problems=(Problem(UNLISTED, name, "its layers were not taken"),))
    stream.seek(0)
    found = walk(stream.read(max(oci.LIMIT, CONFIG_LIMIT) + 1), lambda item: blobs(item.digest))
    table, budget = _Table(), Budget()
    for image in found.images:
        _image(table, image, budget, blobs, git)
    problems = [*found.problems, *table.problems]
    if not found.images:
        problems.append(Problem(UNLISTED, name, "no image could be read behind its digest"))
    shows = {(each.package, each.path.partition("!/")[0]) for each in table.packages}
    return Content(
        name,
        ArtifactKind.IMAGE,
        members=tuple(member for each in table.layers.values() for member in each.members),
        problems=tuple(problems),
        packages=tuple(sorted(table.packages, key=_order)),
        below=tuple(
            sorted((p for p in table.below if (p.package, p.path.partition("!/")[0]) not in shows), key=_order)
        ),
        layers=tuple(_told(each, table) for each in table.layers.values()),
    )


def _image(table: _Table, image: Image, budget: Budget, blobs: Blobs, git: str) -> None:
    stack: list[Layer] = []
    for item, diff_id in image.layers:
        key = str(item.digest)
        if key not in table.layers:
            table.layers[key] = layers.read(item, diff_id, partial(blobs, item.digest), budget, git)
            _note(table, table.layers[key].problems)
        table.platforms.setdefault(key, []).append(image.platform)
        stack.append(table.layers[key])
    view = View()
    for each in stack:
        view.lay(each)
    if not view.whole:
        message = f"its layers hold more than {MAX_FOLDERS} folders, so what shows in it is not known"
        _note(table, [Problem(UNLISTED, "", message)])
    system = systems.look(view, stack, image.platform)
    _note(table, system.problems)
    table.packages |= dict.fromkeys(system.packages)
    table.below |= dict.fromkeys(system.below)
    for number, each in enumerate(stack):
        for packed in each.packages:
            path = packed.path.partition("!/")[0]
            if not view.shows(number, path):
                table.below[packed] = None
            elif not system.brought.holds(path, each.sums.get(path)):
                table.packages[packed] = None
    _note(table, _links(view, stack))


def _links(view: View, stack: Sequence[Layer]) -> Iterable[Problem]:
    """Records that are links, or lie in a folder that is one: what they lead to must be a record that was read, too."""
    from tidegate.formats.inside.inside import Inside

    inside = Inside()
    for number, each in enumerate(stack):
        for link in each.names.links:
            foldered = _RECORDS if link.endswith(_INFOS) else ()
            records = [path for path in (link, *(f"{link}/{name}" for name in foldered)) if inside.wanted(path, b"")]
            modules = f"/{link}".endswith(_MODULES)
            if not (records or modules) or not view.shows(number, link):
                continue
            for path in records:
                leaf = view.find(path)
                if leaf is not None and not inside.wanted(leaf.path, b""):
                    yield _misread(path, leaf.path)
            if modules and (real := view.folder(link)) and not f"/{real}".endswith(_MODULES):
                yield _misread(link, real)


def _misread(path: str, real: str) -> Problem:
    return Problem(UNREAD, path, f"`{shown(path)}` is a link to `{shown(real)}`, which is not read as such")


def _note(table: _Table, problems: Iterable[Problem]) -> None:
    table.problems |= dict.fromkeys(problems)


def _told(each: Layer, table: _Table) -> ImageLayer:
    platforms = tuple(dict.fromkeys(table.platforms[each.name]))
    return ImageLayer(each.item.digest, max(each.item.size, 0), platforms, len(each.members), each.whole)


def _order(packed: Packed) -> tuple[str, str, str, str, str]:
    return packed.path, packed.package.ecosystem, packed.package.name, packed.package.version, packed.layer
