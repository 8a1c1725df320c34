"""The components of an SBOM and what leads from one to another, numbered alike whatever their order in the document."""

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.formats.sbom_model import NOBODY, Bom, Component

MAX_COMPONENTS = 10_000
"""More components than these are counted and not drawn."""

MAX_EDGES = 60_000
"""More edges than these are counted and not drawn."""


@dataclass(frozen=True, slots=True)
class Links:
    """The root is number 0. `needs` are dependencies, `holds` parts; both lead from number to numbers.

    `omitted` components and `cut` edges are left out for their number; `dangling` edges name what the document does not
    hold.
    """

    components: tuple[Component, ...]
    needs: tuple[tuple[int, ...], ...]
    holds: tuple[tuple[int, ...], ...]
    omitted: int = 0
    cut: int = 0
    dangling: int = 0

    def onward(self, number: int) -> tuple[int, ...]:
        return (*self.needs[number], *self.holds[number])


def label(component: Component) -> str:
    """The name a person knows it by, without version."""
    return f"{component.group}/{component.name}" if component.group else component.name


def links(bom: Bom) -> Links:
    """Numbered by name and version. A document without root gets an empty one."""
    listed = list(_listed(bom))
    order = sorted(range(1, len(listed)), key=lambda place: _key(listed[place][0]))
    kept = [0, *order[: MAX_COMPONENTS - 1]]
    number = {place: new for new, place in enumerate(kept)}
    components = tuple(listed[place][0] for place in kept)
    holds: list[set[int]] = [set() for _ in kept]
    for new, place in enumerate(kept):
        holder = number.get(listed[place][1])
        # What lies at the top of the document lies in nothing but the document.
        if holder is not None and new:
            holds[holder].add(new)
    numbered: dict[str, int] = {}
    for new, component in enumerate(components):
        if component.ref:
            numbered.setdefault(component.ref, new)
    every = {component.ref for component, _ in listed}
    needs: list[set[int]] = [set() for _ in kept]
    dangling = 0
    for ref, targets in bom.edges:
        for target in targets:
            if ref not in every or target not in every or not ref or not target:
                dangling += 1
            elif ref in numbered and target in numbered and ref != target:
                needs[numbered[ref]].add(numbered[target])
    told, cut = _bounded(needs)
    return Links(components, told, tuple(map(_sorted, holds)), len(listed) - len(kept), cut, dangling)


def _listed(bom: Bom) -> Iterator[tuple[Component, int]]:
    """Each component with the place of the one it is a part of, -1 for none; the root first."""
    root = bom.root if bom.root.name or bom.root.ref else NOBODY
    yield root, -1
    place = 0
    stack = [(each, 0) for each in root.parts[::-1]]
    stack = [(each, -1) for each in bom.components[::-1]] + stack
    while stack:
        component, holder = stack.pop()
        place += 1
        yield component, holder
        stack.extend((part, place) for part in component.parts[::-1])


def _key(component: Component) -> tuple[str, str, str, str, str]:
    name = label(component)
    return name.lower(), name, component.version, component.ref, component.purl


def _bounded(needs: list[set[int]]) -> tuple[tuple[tuple[int, ...], ...], int]:
    """Breadth of few is kept before the depth of many: edges are dropped from the end."""
    room, cut = MAX_EDGES, 0
    told = []
    for targets in needs:
        kept = _sorted(targets)[:room]
        cut += len(targets) - len(kept)
        room -= len(kept)
        told.append(kept)
    return tuple(told), cut


def _sorted(numbers: set[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))
