"""Two states of a lockfile, package by package: what was added, removed, moved to another version or another place.

Several versions of one name are sets: what both sides hold is paired with itself, the rest from the highest version
down, so that a fallen maximum is a downgrade whatever else is there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from tidegate.domain.changes.change import Change, Kind
from tidegate.domain.changes.places import hosts, place
from tidegate.model.package import Locked

Key = Callable[[str], Any]
OrderOf = Callable[[str], Key | None]
"""An ecosystem's version order (text to something that knows `<`, ValueError for no version), None if unknown."""

_Entry = tuple[str, str, str]
"""Version, place and commit."""
_Group = dict[_Entry, Locked]


def compare(before: Iterable[Locked], after: Iterable[Locked], path: str, order_of: OrderOf) -> tuple[Change, ...]:
    """Every change of one lockfile, in order of ecosystem and name."""
    old, new = _grouped(before), _grouped(after)
    changes: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        left, right = old.get(name, ()), new.get(name, ())
        if left != right:
            changes += _of_name(left, right, path, order_of)
    return tuple(changes)


def _grouped(packages: Iterable[Locked]) -> dict[tuple[str, str], list[Locked]]:
    """By ecosystem and name. Lines and what only shapes the graph do not count, so that a moved entry is no change."""
    found: dict[tuple[str, str], list[Locked]] = {}
    for package in packages:
        found.setdefault((package.ecosystem, package.name), []).append(package)
    return found


def _of_name(left: Sequence[Locked], right: Sequence[Locked], path: str, order_of: OrderOf) -> Iterator[Change]:
    old, new = _merged(left), _merged(right)
    both = old.keys() & new.keys()
    known = {place(package) for package in left}
    gone = [package for key, package in old.items() if key not in both]
    come = [package for key, package in new.items() if key not in both]
    left_behind = _left_behind([(old[key], new[key]) for key in both], gone, come)
    direct = any(package.direct for package in left)
    for key in sorted(both):
        yield from _kept(old[key], new[key], path, direct, told=old[key] is left_behind)
    for before, after in _pairs([*gone, *([left_behind] if left_behind else [])], come, order_of):
        moved = _moved(known, before, after)
        kind = _kind(before, after, order_of)
        yield Change(kind, path, before, after, new=after is not None and not left, moved=moved)


def _left_behind(
    both: Sequence[tuple[Locked, Locked]], gone: Sequence[Locked], come: Sequence[Locked]
) -> Locked | None:
    """The version a project asked for itself before and another package still needs, now that the project asks for
    one that is new: what the project has was moved, though nothing is gone."""
    if gone or len(come) != 1 or not come[0].direct:
        return None
    fallen = [before for before, after in both if before.direct and not after.direct]
    return fallen[0] if len(fallen) == 1 else None


def _merged(packages: Sequence[Locked]) -> _Group:
    """One entry a version, place and commit: npm installs the same package at many places of its tree."""
    merged: _Group = {}
    for package in packages:
        key = (package.version, place(package), package.source.ref)
        known = merged.get(key)
        if known is None:
            merged[key] = package
        elif _said(known) != _said(package):
            merged[key] = replace(
                known,
                hashes=tuple(dict.fromkeys((*known.hashes, *package.hashes))),
                files=tuple(dict.fromkeys((*known.files, *package.files))),
                direct=known.direct or package.direct,
                install_script=known.install_script or package.install_script,
                deprecated=known.deprecated or package.deprecated,
                yanked=known.yanked or package.yanked,
                licence=known.licence if known.licence == package.licence else "",
            )
    return merged


def _said(package: Locked) -> tuple[object, ...]:
    return (*_marks(package), package.hashes, package.files, package.direct)


def _marks(package: Locked) -> tuple[object, ...]:
    return package.licence, package.install_script, package.deprecated, package.yanked


def _kept(before: Locked, after: Locked, path: str, direct: bool, told: bool) -> Iterator[Change]:
    """One version at one place on both sides; `told` where another change says that it is no longer direct."""
    moved = _moved_hosts(before, after)
    same_files = set(before.hashes) == set(after.hashes) and _named(before) == _named(after)
    if moved or not same_files:
        yield Change(Kind.REPLACED, path, before, after, moved=moved)
    elif _marks(before) != _marks(after):
        yield Change(Kind.MARKED, path, before, after)
    if after.direct and not direct:
        yield Change(Kind.DIRECT, path, before, after)
    elif before.direct and not after.direct and not told:
        yield Change(Kind.TRANSITIVE, path, before, after)


def _named(package: Locked) -> frozenset[tuple[str, object]]:
    return frozenset((file.name, file.hashes) for file in package.files if file.name)


def _pairs(
    gone: Iterable[Locked], come: Iterable[Locked], order_of: OrderOf
) -> Iterator[tuple[Locked | None, Locked | None]]:
    left, right = list(gone), list(come)
    for after in tuple(right):
        # The same version from another place is that version replaced, whatever else moved.
        before = next((one for one in left if one.version == after.version), None)
        if before is not None:
            left.remove(before)
            right.remove(after)
            yield before, after
    ecosystem = next((package.ecosystem for package in (*left, *right)), "")
    rank = _rank(order_of(ecosystem))
    left.sort(key=rank, reverse=True)
    right.sort(key=rank, reverse=True)
    for number in range(max(len(left), len(right))):
        yield left[number] if number < len(left) else None, right[number] if number < len(right) else None


def _rank(order: Key | None) -> Callable[[Locked], tuple[Any, ...]]:
    """Versions without an order come last, by their text."""

    def rank(package: Locked) -> tuple[Any, ...]:
        try:
            return (1, order(package.version), package.version) if order else (0, 0, package.version)
        except ValueError:
            return 0, 0, package.version

    return rank


def _kind(before: Locked | None, after: Locked | None, order_of: OrderOf) -> Kind:
    if before is None:
        return Kind.ADDED
    if after is None:
        return Kind.REMOVED
    if before.version == after.version:
        return Kind.REPLACED
    order = order_of(after.ecosystem)
    try:
        if order is None:
            return Kind.CHANGED
        low, high = order(before.version), order(after.version)
    except ValueError:
        return Kind.CHANGED
    if low < high:
        return Kind.UPGRADED
    return Kind.DOWNGRADED if high < low else Kind.CHANGED


def _moved(known: set[str], before: Locked | None, after: Locked | None) -> str:
    if after is None or not known:
        return ""
    if place(after) not in known:
        return place(before) if before is not None else sorted(known)[0]
    return _moved_hosts(before, after) if before is not None and place(before) == place(after) else ""


def _moved_hosts(before: Locked, after: Locked) -> str:
    """The hosts that served its files, when another serves (some of) them now; a lock that named none moved nothing."""
    old, new = hosts(before), hosts(after)
    return " and ".join(f"`{host[:200]}`" for host in sorted(old)) if old and new - old else ""
