"""The same version before and after: are these the same bytes?"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from tidegate.model.package import Locked

_MANY = frozenset({"PyPI", "RubyGems", "Maven", "Terraform"})
"""Ecosystems whose releases have several files, so that a lock may come to know more of them."""


class Bytes(StrEnum):
    """What two sets of hashes say about the files of one version."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    UNCOMPARED = "uncompared"
    LOST = "lost"


def judge(before: Locked, after: Locked) -> Bytes:
    """A file that kept its name and not its hash is changed; hashes of different algorithms say nothing."""
    if not before.hashes:
        return Bytes.SAME
    if not after.hashes:
        return Bytes.LOST
    if before.hashes_of != after.hashes_of:
        return Bytes.UNCOMPARED
    old, new = _by_file(before), _by_file(after)
    if old and new and old.keys() & new.keys():
        return _files(old, new)
    return _set(before, after)


_Hashes = Mapping[str, frozenset[str]]
"""The digests of one file by algorithm; of several an installer takes any, so each of them counts."""


def _files(old: Mapping[str, _Hashes], new: Mapping[str, _Hashes]) -> Bytes:
    told = Bytes.SAME
    for name, hashes in new.items():
        known = old.get(name)
        if known is None:
            told = Bytes.ADDED if told is Bytes.SAME else told
            continue
        shared = known.keys() & hashes.keys()
        if any(not hashes[algorithm] <= known[algorithm] for algorithm in shared):
            return Bytes.CHANGED
        if known and not shared:
            told = Bytes.UNCOMPARED if hashes else Bytes.LOST
    return told


def _set(before: Locked, after: Locked) -> Bytes:
    shared = {one.algorithm for one in before.hashes} & {one.algorithm for one in after.hashes}
    if not shared:
        return Bytes.UNCOMPARED
    told = Bytes.SAME
    for algorithm in shared:
        old = {one.value for one in before.hashes if one.algorithm == algorithm}
        new = {one.value for one in after.hashes if one.algorithm == algorithm}
        if new <= old:
            continue
        if not old <= new or after.ecosystem not in _MANY:
            return Bytes.CHANGED
        told = Bytes.ADDED
    return told


def _by_file(package: Locked) -> dict[str, _Hashes]:
    """File name to hashes by algorithm; empty unless every file has a name of its own and a hash."""
    found: dict[str, _Hashes] = {}
    for name, hashes in _named(package):
        if not name or name in found or not hashes:
            return {}
        found[name] = hashes
    return found


def _named(package: Locked) -> Iterator[tuple[str, _Hashes]]:
    for file in package.files:
        hashes: dict[str, frozenset[str]] = {}
        for one in file.hashes:
            hashes[one.algorithm] = hashes.get(one.algorithm, frozenset()) | {one.value}
        yield file.called, hashes
