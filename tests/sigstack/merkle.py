"""An RFC 6962 Merkle tree: roots and inclusion proofs that verifiers recompute."""

import hashlib


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Append-only; whole subtrees are hashed once."""

    def __init__(self) -> None:
        self._leaves: list[bytes] = []
        self._known: dict[tuple[int, int], bytes] = {}

    def __len__(self) -> int:
        return len(self._leaves)

    def append(self, leaf: bytes) -> int:
        """The index of the new leaf."""
        self._leaves.append(leaf_hash(leaf))
        return len(self._leaves) - 1

    def root(self) -> bytes:
        return self._hash(0, len(self._leaves))

    def proof(self, index: int) -> list[bytes]:
        """The audit path of a leaf, lowest sibling first."""
        return self._path(index, 0, len(self._leaves))

    def _hash(self, start: int, end: int) -> bytes:
        if end - start == 1:
            return self._leaves[start]
        known = self._known.get((start, end))
        if known is not None:
            return known
        middle = start + _split(end - start)
        made = _node(self._hash(start, middle), self._hash(middle, end))
        if (end - start) & (end - start - 1) == 0:
            self._known[start, end] = made
        return made

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(start, middle)]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
