"""The blobs of a history: a hundred thousand of them in a few megabytes."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import field

from tidegate.late import dataclass


@dataclass(slots=True)
class Listing:
    """Ids in the order of the history, each with one of its paths. `missing` are ids that are not in this clone."""

    missing: list[str] = field(default_factory=list)
    _ids: bytearray = field(default_factory=bytearray)
    _width: int = 20
    _numbers: "array[int]" = field(default_factory=lambda: array("L"))
    _paths: dict[str, int] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)

    def add(self, oid: str, path: str) -> None:
        raw = bytes.fromhex(oid)
        self._width = len(raw)
        self._ids += raw
        number = self._paths.setdefault(path, len(self._names))
        if number == len(self._names):
            self._names.append(path)
        self._numbers.append(number)

    def __len__(self) -> int:
        return len(self._numbers)

    def oid(self, index: int) -> str:
        return self._ids[index * self._width : (index + 1) * self._width].hex()

    def path(self, index: int) -> str:
        return self._names[self._numbers[index]]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """(id, path) of each."""
        return ((self.oid(index), self.path(index)) for index in range(len(self)))

    def only(self, wanted: Callable[[str, str], bool]) -> "Listing":
        """Those of which `wanted(id, path)` is true; what is missing stays missing."""
        kept = Listing(list(self.missing))
        for oid, path in self:
            if wanted(oid, path):
                kept.add(oid, path)
        return kept
