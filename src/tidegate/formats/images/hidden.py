"""Packages an image still carries though its database no longer tells of them, as far as that can be seen."""

from collections.abc import Iterator, Sequence

from tidegate.formats.images import brought, records
from tidegate.formats.images.apk import Database
from tidegate.formats.images.installed import Installed
from tidegate.formats.images.view import Leaf, View
from tidegate.formats.text import shown

MAX_TOLD = 20
MAX_LOOKED = 200_000
"""Files that are looked for in one image."""
INFO = "var/lib/dpkg/info"
TRACES = {
    "etc/debian_version": "dpkg",
    "usr/bin/dpkg": "dpkg",
    "etc/alpine-release": "apk",
    "sbin/apk": "apk",
    "usr/bin/apk": "apk",
    "etc/redhat-release": "rpm",
    "usr/bin/rpm": "rpm",
    "usr/bin/pacman": "pacman",
}
"""Files only a distribution with this manager brings."""


def lists(view: View) -> dict[str, Leaf]:
    """The lists of sums that show, by the package dpkg keeps them for."""
    found: dict[str, Leaf] = {}
    for folder in (INFO, records.STATUS_FOLDER):
        for leaf in view.inside(folder, brought.ENDING):
            name = brought.owner(leaf.path)
            if name:
                found[name] = leaf
    return found


def unlisted(held: dict[str, Leaf], listed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(path, what is wrong): dpkg takes such a list away with the package it is of."""
    strangers = sorted(held.keys() - set(listed))
    for name in strangers[:MAX_TOLD]:
        path = held[name].path
        yield path, f"the package `{shown(name)}` is not in the image's database, and `{shown(path)}` says it is there"
    if len(strangers) > MAX_TOLD:
        yield INFO, f"{len(strangers) - MAX_TOLD} more packages are not in the image's database, and have lists of sums"


def unchanged(
    held: dict[str, Leaf], versions: dict[str, str], layer: int, before: Sequence[Installed]
) -> Iterator[tuple[str, str]]:
    """Packages another layer only calls by another version: dpkg writes the list of sums anew with every version.

    `before` is what the database of a lower `layer` lists, `versions` what the one that shows does.
    """
    for each in before:
        name, version = each.package.name, each.package.version
        leaf = held.get(name)
        if versions.get(name, version) != version and leaf is not None and leaf.layer <= layer:
            yield leaf.path, _renumbered(name, version, versions[name])


def kept(view: View, versions: dict[str, str], layer: int, before: Database) -> Iterator[tuple[str, str]]:
    """The same for apk, by the files themselves: those of a package that is gone are gone, and those of another version
    are not all of the lower layer still."""
    room = MAX_LOOKED
    for each, files in zip(before.packages, before.brought, strict=True):
        name, version = each.package.name, each.package.version
        if versions.get(name) == version:
            continue
        room -= len(files)
        if room < 0:
            yield records.APK[0], "too many packages were taken away to see whether their files were"
            return
        # Configuration that was changed stays behind.
        paths = [path for path, _ in files if not path.startswith("etc/")]
        shows = [path for path in paths if (leaf := view.find(path)) is not None and leaf.layer <= layer]
        if name not in versions and shows:
            path = shown(shows[0])
            yield (
                shows[0],
                f"the package `{shown(name)}` is no longer in the image's database, and `{path}` is still there",
            )
        elif versions.get(name, version) != version and paths and len(shows) == len(paths):
            yield shows[0], _renumbered(name, version, versions[name])


def _renumbered(name: str, version: str, now: str) -> str:
    return (
        f"the image's database says that `{shown(name)}` is {shown(now)}, "
        f"and none of its files changed since it was {shown(version)}"
    )


def traces(view: View) -> Iterator[tuple[str, str]]:
    """Of a system whose database is nowhere, each manager once."""
    told: set[str] = set()
    for path, manager in TRACES.items():
        if manager not in told and view.find(path) is not None:
            told.add(manager)
            yield path, f"the image holds `{path}` and no database of {manager}, so what is installed is not known"
