"""Where each component stands: how far from the root, by which way, and how much it brings along.

Nothing is placed by chance or by force: components are numbered in the order a reader meets them when every component
is shown once, below the first one on its shortest way from the root.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from tidegate.formats.sbom_model import Component
from tidegate.reporters.picture.links import Links


@dataclass(frozen=True, slots=True)
class Node:
    """`depth` is the least number of steps from the root, -1 where no way leads. `way` is the node before it, or -1.

    `size` counts the nodes shown below it, itself among them: they have the numbers after its own. `brings` counts all
    it leads to, `leads` those of them that are marked. `at` is its number among the links.
    """

    component: Component
    at: int
    depth: int
    row: int
    way: int
    size: int
    brings: int
    leads: int
    needs: tuple[int, ...]
    holds: tuple[int, ...]


def layout(links: Links, marked: Set[int]) -> tuple[Node, ...]:
    """The nodes, the root first. What leads to a marked one comes before what does not, then what brings more."""
    count = len(links.components)
    way, depth, row, order = _ways(links)
    brings, leads = _reach(count, links.onward, marked)
    below: list[list[int]] = [[] for _ in range(count)]
    tops: list[int] = []
    for each in order:
        (below[way[each]] if way[each] >= 0 else tops).append(each)
    size = [1] * count
    for each in reversed(order):
        if way[each] >= 0:
            size[way[each]] += size[each]
    loud = [leads[each] + (each in marked) for each in range(count)]

    def shown(numbers: Iterable[int]) -> list[int]:
        return sorted(numbers, key=lambda each: (not loud[each], -size[each], -brings[each], each))

    placed = _placed([0, *shown(top for top in tops if top)], below, shown)
    new = {old: number for number, old in enumerate(placed)}

    def renumbered(numbers: Iterable[int]) -> tuple[int, ...]:
        wanted = sorted(numbers, key=lambda each: (not loud[each], -brings[each], each))
        return tuple(new[each] for each in wanted)

    return tuple(
        Node(
            component=links.components[old],
            at=old,
            depth=depth[old],
            row=row[old],
            way=new[way[old]] if way[old] >= 0 else -1,
            size=size[old],
            brings=brings[old],
            leads=leads[old],
            needs=renumbered(links.needs[old]),
            holds=renumbered(links.holds[old]),
        )
        for old in placed
    )


def _ways(links: Links) -> tuple[list[int], list[int], list[int], list[int]]:
    """The one before each, its depth (-1 where no way leads), its row in the picture, and the order of meeting them."""
    count = len(links.components)
    way, depth, row = [-1] * count, [-1] * count, [-1] * count
    order: list[int] = []

    def walk(top: int, first: int, reached: bool) -> None:
        row[top] = first
        depth[top] = 0 if reached else -1
        queue = deque([top])
        while queue:
            here = queue.popleft()
            order.append(here)
            for onward in links.onward(here):
                if row[onward] < 0:
                    way[onward], row[onward] = here, row[here] + 1
                    depth[onward] = row[onward] if reached else -1
                    queue.append(onward)

    walk(0, 0, True)
    needed = {onward for each in range(count) if row[each] < 0 for onward in links.onward(each) if onward != each}
    left = [each for each in range(count) if row[each] < 0]
    # First those nobody needs, then whatever is left of circles.
    for each in sorted(left, key=lambda each: (each in needed, each)):
        if row[each] < 0:
            walk(each, 1, False)
    return way, depth, row, order


def _placed(tops: list[int], below: list[list[int]], shown: Callable[[Iterable[int]], list[int]]) -> list[int]:
    placed = []
    stack = tops[::-1]
    while stack:
        here = stack.pop()
        placed.append(here)
        stack.extend(shown(below[here])[::-1])
    return placed


def _reach(count: int, onward: Callable[[int], Sequence[int]], marked: Set[int]) -> tuple[list[int], list[int]]:
    """How many others each leads to, and how many marked ones: exact, circles included."""
    mask = sum(1 << each for each in marked)
    closure = [0] * count
    for circle in _circles(count, onward):
        bits = 0
        for each in circle:
            bits |= 1 << each
        for each in circle:
            for further in onward(each):
                bits |= closure[further] | (1 << further)
        for each in circle:
            closure[each] = bits
    brings = [(closure[each] & ~(1 << each)).bit_count() for each in range(count)]
    leads = [(closure[each] & mask & ~(1 << each)).bit_count() for each in range(count)]
    return brings, leads


def _circles(count: int, onward: Callable[[int], Sequence[int]]) -> list[list[int]]:
    """Strongly connected components, each after those it leads to (Kosaraju, without recursion)."""
    backward: list[list[int]] = [[] for _ in range(count)]
    for each in range(count):
        for further in onward(each):
            backward[further].append(each)
    met, taken = [False] * count, [False] * count
    circles = []
    for start in reversed(list(_finished(count, onward, met))):
        if not taken[start]:
            taken[start] = True
            circle, stack = [start], [start]
            while stack:
                for each in backward[stack.pop()]:
                    if not taken[each]:
                        taken[each] = True
                        circle.append(each)
                        stack.append(each)
            circles.append(circle)
    return circles[::-1]


def _finished(count: int, onward: Callable[[int], Sequence[int]], met: list[bool]) -> Iterator[int]:
    """Every node after all that could still be met from it."""
    for start in range(count):
        if met[start]:
            continue
        met[start] = True
        work = [(start, iter(onward(start)))]
        while work:
            here, rest = work[-1]
            further = next((each for each in rest if not met[each]), -1)
            if further < 0:
                work.pop()
                yield here
            else:
                met[further] = True
                work.append((further, iter(onward(further))))
