"""Files the packages of a distribution brought, by the sums its package manager keeps of them."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from tidegate.formats.images import records
from tidegate.formats.images.layer import Layer
from tidegate.formats.images.view import View

MAX_SUMS = 128 << 20
"""Bytes of such lists that are read; what stands in no list that was read is nobody's."""

ENDING = ".md5sums"

# Where a distribution's own packages put programs and libraries. Nobody signs the lists: elsewhere they prove nothing.
_OWN = re.compile(r"(?:usr/(?!local/)|lib[0-9a-z]*/|s?bin/|etc/)")
_INFO = re.compile(r"var/lib/dpkg/(?:info|status\.d)/([^/:]+)(?::[^/]*)?\.md5sums")

Sums = tuple[str, str]
"""md5 and sha1."""


class Brought:
    """`sums` and `files` are (path, md5) and (path, sha1) as dpkg and apk tell them."""

    def __init__(self, sums: Iterable[Sums] = (), files: Iterable[Sums] = ()) -> None:
        self._sums = frozenset(sums)
        self._files = frozenset(files)

    def holds(self, path: str, sums: Sums | None) -> bool:
        """Did the distribution bring exactly this file? Then it is part of a package that is listed already."""
        if sums is None or not _OWN.match(path):
            return False
        md5, sha1 = sums
        return (path, md5) in self._sums or (path, sha1) in self._files


def owner(path: str) -> str:
    """The package whose sums a list of dpkg holds, "" for what is no such list."""
    match = _INFO.fullmatch(path)
    return match[1] if match else ""


def told(view: View, layers: Sequence[Layer], listed: Collection[str]) -> Iterator[Sums]:
    """What the lists that show say of files somebody asks about; only those of packages that are `listed` count."""
    wanted = {path for layer in layers for path in layer.sums}
    room = MAX_SUMS
    for number, layer in enumerate(layers):
        for path, raw in sorted(layer.kept.items()) if wanted else ():
            if not records.is_sums(path) or owner(path) not in listed or not view.shows(number, path):
                continue
            room -= len(raw)
            if room < 0:
                return
            for line in raw.decode("utf-8", "replace").split("\n"):
                md5, _, name = line.partition("  ")
                if name in wanted:
                    yield name, md5
