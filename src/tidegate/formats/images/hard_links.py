"""Records that are hard links to a file of another name: package managers share files that way."""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from tidegate.formats.archive_members import ArchiveMember
from tidegate.formats.images import records
from tidegate.formats.images.layer_names import LayerNames, path_of
from tidegate.formats.inside.inside import HEAD, UNREAD, Inside
from tidegate.formats.text import shown
from tidegate.model.package import Problem

MAX_HOPS = 16
Offer = Callable[[str, bytes, bytes, int], None]
"""Path, first bytes, what was kept, and how much there is."""


def follow(names: LayerNames, again: Iterable[ArchiveMember], inside: Inside, offer: Offer) -> Iterator[Problem]:
    """Offer each record under the name of the link, too: the other name may be deleted later, and the link stays.

    `again` are the layer's members once more. FormatError when they cannot be read on.
    """
    wanted: dict[str, list[str]] = {}
    for path in names.hard:
        if records.limit_of(path):  # nothing that installs packages writes its database as a link
            yield Problem("package-database-unread", path, f"`{shown(path)}` is a hard link and was not read")
        elif inside.wanted(path, b"") or inside.wanted(path, b"PK\3\4"):
            wanted.setdefault(_target(names, path), []).append(path)
    for member in again if wanted else ():
        path = path_of(member.path)
        if member.stream is not None and path in wanted:
            _offer(wanted.pop(path), _Peeked(member.stream), inside, offer)
    for path in (path for paths in wanted.values() for path in paths):
        yield Problem(UNREAD, path, f"`{shown(path)}` is a hard link to what its layer does not hold")


def _offer(links: list[str], member: "_Peeked", inside: Inside, offer: Offer) -> None:
    head = member.peek(HEAD)[:HEAD]
    for link in links:
        keep = inside.wanted(link, head)
        if keep:
            raw = member.peek(keep)
            offer(link, head, raw[:keep], len(raw))


class _Peeked:
    """One member whose beginning can be looked at several times."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._raw = b""

    def peek(self, size: int) -> bytes:
        """The first `size` bytes, and one more where there are more."""
        missing = size + 1 - len(self._raw)
        if missing > 0:
            self._raw += self._stream.read(missing)
        return self._raw[: size + 1]


def _target(names: LayerNames, path: str) -> str:
    for _ in range(MAX_HOPS):
        if path not in names.hard:
            break
        path = names.hard[path]
    return path
