"""Mappings joined as GitLab joins them: key by key, the later one winning, sequences replaced whole."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tidegate.errors import FormatError
from tidegate.formats.gitlab.tree import MAX_DEPTH, Node
from tidegate.model.pipeline import At

MAX_MERGED = 6_000_000
MAX_FLAT_DEPTH = 10
MAX_FLAT = 200_000


class Merger:
    """Joins nodes, and counts what it does. Raises FormatError when the files ask for too much."""

    def __init__(self) -> None:
        self.left = MAX_MERGED

    def merge(self, below: Node, above: Node, depth: int = 0) -> Node:
        """`above` wins; its place is kept."""
        if above.keys is not None and below.refers:
            return replace(above, under=above.under or below)
        if below.keys is None or above.keys is None or below is above:
            return above
        if depth > MAX_DEPTH:
            raise FormatError(f"the joined files are nested deeper than {MAX_DEPTH} levels", line=above.at.line)
        self.spend(len(below.keys) + len(above.keys), above.at)
        keys = dict(below.keys)
        for key, node in above.keys.items():
            known = keys.get(key)
            keys[key] = node if known is None else self.merge(known, node, depth + 1)
        return replace(above, keys=keys, under=above.under or below.under)

    def spend(self, cost: int, at: At) -> None:
        self.left -= cost
        if self.left < 0:
            raise FormatError("the joined files have too many parts", line=at.line)


def flat(node: Node | None) -> Iterator[Node]:
    """The entries of a sequence with nested ones opened, as GitLab does for scripts; a lone value is one entry.

    Deeper nesting than GitLab allows, and what an unresolved `!reference` stands for, is left out.
    """
    return _some(_flat(node, 0))


def _some(nodes: Iterable[Node]) -> Iterator[Node]:
    for count, node in enumerate(nodes):
        if count >= MAX_FLAT:
            raise FormatError("a list is too long once its parts are joined", line=node.at.line)
        yield node


def _flat(node: Node | None, depth: int) -> Iterator[Node]:
    if node is None or node.empty or node.refers:
        return
    if node.items is None:
        yield node
        return
    if depth > MAX_FLAT_DEPTH:
        raise FormatError(f"a list is nested deeper than {MAX_FLAT_DEPTH} levels", line=node.at.line)
    for item in node.items:
        yield from _flat(item, depth + 1)
