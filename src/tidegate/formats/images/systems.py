"""What the distribution inside an image installed, by the database of its package manager."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from tidegate.errors import FormatError
from tidegate.formats.images import apk, brought, dpkg, hidden, os_release, records
from tidegate.formats.images.brought import Brought, Sums
from tidegate.formats.images.installed import Installed
from tidegate.formats.images.layer import Layer
from tidegate.formats.images.os_release import System
from tidegate.formats.images.view import View
from tidegate.formats.text import shown
from tidegate.model.inventory import Packed
from tidegate.model.package import Problem

UNREAD = "package-database-unread"
MAX_TOLD = 50
"""Of one kind; the first of them shut the gate already."""


@dataclass(slots=True)
class Found:
    """`below` are packages of a database in a lower layer that the one that shows no longer lists."""

    packages: list[Packed] = field(default_factory=list)
    below: list[Packed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    brought: Brought = field(default_factory=Brought)


def look(view: View, layers: Sequence[Layer], platform: str) -> Found:
    """Nothing raises: what cannot be read is a problem about its path."""
    found = Found()
    system = _system(view, layers, found)
    files: list[Sums] = []
    managers = {*_dpkg(view, layers, system, found), *_apk(view, layers, system, found, files)}
    listed = {packed.package.name for packed in found.packages if packed.how == "dpkg"}
    found.brought = Brought(brought.told(view, layers, listed), files)
    release = os_release.contradicted(system, found.packages)
    if release:
        _problem(found, "etc/os-release", release)
    for path, manager in records.OF_SYSTEMS.items():
        if view.find(path) is not None:
            managers.add(manager)
            _problem(found, path, f"databases of {manager} are not read, so its packages are not known")
    for path, manager in _deleted(layers, managers):
        managers.add(manager)
        message = f"a later layer deletes this database of {manager}, so what is installed is not known"
        _problem(found, path, message)
    if platform.startswith("windows"):
        _problem(found, "Windows", "what Windows itself holds is not read")
    _missing(view, system, managers, found)
    return found


def _missing(view: View, system: System, managers: set[str], found: Found) -> None:
    """A system without a database, and a database without packages, whatever the system calls itself."""
    expected = [records.MANAGERS[word] for word in (system.ident, *system.like) if word in records.MANAGERS]
    listed = {packed.how for packed in found.packages}
    if expected and (not managers or not (listed or found.problems)):
        what = "an empty database" if managers else "no database"
        message = f"the image says it is {shown(system.shown)}, and holds {what} of {expected[0]}"
        _problem(found, "etc/os-release", message)
    elif not managers:
        _problems(found, hidden.traces(view))
    elif not (listed or found.problems):
        path = records.STATUS if "dpkg" in managers else records.APK[0]
        _problem(found, path, "the database of the image lists nothing, so what is installed is not known")


def _deleted(layers: Sequence[Layer], managers: set[str]) -> Iterator[tuple[str, str]]:
    """Databases some layer brings while none of their manager shows: what they list is still there, as a rule."""
    for path, manager in records.DATABASES.items():
        if manager not in managers and any(path in layer.names.files for layer in layers):
            yield path, manager
    folder = records.STATUS_FOLDER + "/"
    if "dpkg" not in managers and any(path.startswith(folder) for layer in layers for path in layer.kept):
        yield records.STATUS_FOLDER, "dpkg"


def _system(view: View, layers: Sequence[Layer], found: Found) -> System:
    for path in records.RELEASES:
        raw = _kept(view, layers, path, found)
        if raw is None:
            continue
        try:
            return os_release.parse(raw)
        except FormatError as error:
            _problem(found, path, error.message)
            break
    return System()


def _kept(view: View, layers: Sequence[Layer], path: str, found: Found) -> bytes | None:
    """The record that shows at a path, None where there is none."""
    leaf = view.find(path)
    if leaf is None:
        return None
    raw = layers[leaf.layer].kept.get(leaf.path)
    if raw is None:
        _problem(found, path, f"is `{shown(leaf.path)}` behind a link, which is not read")
    return raw


def _dpkg(view: View, layers: Sequence[Layer], system: System, found: Found) -> Iterator[str]:
    ecosystem = system.called("dpkg")
    here = [records.STATUS] if view.find(records.STATUS) is not None else []
    here += [leaf.path for leaf in view.inside(records.STATUS_FOLDER) if not records.is_sums(leaf.path)]
    for path in here:
        yield "dpkg"
        raw = _kept(view, layers, path, found)
        if raw is not None:
            _take(view, layers, path, _parsed(path, raw, ecosystem, found), "dpkg", found)
    if here:
        _hidden_from_dpkg(view, layers, ecosystem, here, found)


def _hidden_from_dpkg(view: View, layers: Sequence[Layer], ecosystem: str, here: Sequence[str], found: Found) -> None:
    """What lower layers list and the database that shows does not."""
    listed = {packed.package for packed in found.packages}
    held = hidden.lists(view)
    versions = {package.name: package.version for package in listed}
    _problems(found, hidden.unlisted(held, [*versions, *(path.rpartition("/")[2] for path in here)]))
    for number, layer in enumerate(layers):
        raw = layer.kept.get(records.STATUS)
        if raw is not None and not view.shows(number, records.STATUS):
            gone = [each for each in _parsed(records.STATUS, raw, ecosystem, Found()) if each.package not in listed]
            found.below += [_packed(each, records.STATUS, "dpkg", layer) for each in gone]
            _problems(found, hidden.unchanged(held, versions, number, gone))


def _parsed(path: str, raw: bytes, ecosystem: str, found: Found) -> tuple[Installed, ...]:
    try:
        return dpkg.parse(raw, ecosystem)
    except FormatError as error:
        _problem(found, path, error.message)
        return ()


def _apk(view: View, layers: Sequence[Layer], system: System, found: Found, files: list[Sums]) -> Iterator[str]:
    ecosystem, seen = system.called("apk"), set[tuple[int, str]]()
    for path in records.APK:
        leaf = view.find(path)
        if leaf is None or (leaf.layer, leaf.path) in seen:  # `lib` may be a link to `usr/lib`
            continue
        seen.add((leaf.layer, leaf.path))
        yield "apk"
        raw = _kept(view, layers, path, found)
        if raw is None:
            continue
        try:
            base = apk.parse(raw, ecosystem)
        except FormatError as error:
            _problem(found, path, error.message)
            continue
        files += base.files
        _take(view, layers, path, base.packages, "apk", found)
        _hidden_from_apk(view, layers, (leaf.layer, leaf.path), ecosystem, found)


def _hidden_from_apk(
    view: View, layers: Sequence[Layer], showing: tuple[int, str], ecosystem: str, found: Found
) -> None:
    """What other layers list and the database that shows does not."""
    listed = {packed.package for packed in found.packages}
    versions = {package.name: package.version for package in listed}
    for number, layer in enumerate(layers):
        for path in records.APK:
            raw = layer.kept.get(path)
            if raw is None or (number, path) == showing:
                continue
            try:
                base = apk.parse(raw, ecosystem)
            except FormatError:
                continue  # it does not show, and what shows was read
            found.below += [_packed(each, path, "apk", layer) for each in base.packages if each.package not in listed]
            _problems(found, hidden.kept(view, versions, number, base))


def _take(
    view: View, layers: Sequence[Layer], path: str, packages: Sequence[Installed], how: str, found: Found
) -> None:
    leaf = view.find(path)
    if leaf is not None:
        found.packages += [_packed(each, leaf.path, how, layers[leaf.layer]) for each in packages]


def _packed(each: Installed, path: str, how: str, layer: Layer) -> Packed:
    return Packed(each.package, path, how, layer.name, each.origin)


def _problems(found: Found, told: Iterable[tuple[str, str]]) -> None:
    found.problems += [Problem(UNREAD, path, message) for path, message in islice(told, MAX_TOLD)]


def _problem(found: Found, path: str, message: str) -> None:
    found.problems.append(Problem(UNREAD, path, message if "image" in message else f"`{shown(path)}`: {message}"))
