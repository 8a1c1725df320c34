"""What is drawn: an SBOM, and what a run has to say about it."""

from collections import Counter
from dataclasses import dataclass

from tidegate.formats.reconciliation import Reconciliation
from tidegate.formats.sbom_model import Aggregate, Bom, Component
from tidegate.model import purl
from tidegate.model.verdict import Run
from tidegate.reporters.picture.layout import Node, layout
from tidegate.reporters.picture.links import Links, links
from tidegate.reporters.picture.marks import Mark, marks

_TYPES = {kind: name for name, kind in purl.TYPES.items()} | {kind: kind for kind in purl.MANAGERS.values()}
_WORST = (Aggregate.UNKNOWN, Aggregate.NOT_SPECIFIED)


@dataclass(frozen=True, slots=True)
class Given:
    """`name` is what the SBOM's file is called. Without `run` nothing is known of findings, of files without
    `reconciliation`."""

    name: str
    bom: Bom
    run: Run | None = None
    release: str = ""
    reconciliation: Reconciliation | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A given release, laid out. `marks` are by number of the node, `elsewhere` counts findings about no component."""

    given: Given
    links: Links
    nodes: tuple[Node, ...]
    marks: dict[int, tuple[Mark, ...]]
    elsewhere: int
    needs_known: tuple[str, ...]
    """Of each node, how completely the document knows what it needs; "" where it does not say."""


def picture(given: Given) -> Picture:
    linked = links(given.bom)
    marked = marks(linked.components, given.run, given.release, given.reconciliation)
    nodes = layout(linked, marked.of.keys())
    said = _needs_known(given.bom)
    return Picture(
        given=given,
        links=linked,
        nodes=nodes,
        marks={number: marked.of[node.at] for number, node in enumerate(nodes) if node.at in marked.of},
        elsewhere=marked.elsewhere,
        needs_known=tuple(said.get(node.component.ref, "") for node in nodes),
    )


def ecosystem(component: Component) -> str:
    """Where it comes from, or what it is where nothing says so."""
    if component.purl.startswith("pkg:"):
        kind = component.purl[4:].partition("/")[0].lower()
        return _TYPES.get(kind, kind) if kind != "generic" else component.kind or "component"
    return component.kind or "component"


def ecosystems(picture: Picture) -> list[tuple[str, int]]:
    """Every component but the root, counted; the most first."""
    counted = Counter(ecosystem(node.component) for node in picture.nodes[1:])
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _needs_known(bom: Bom) -> dict[str, str]:
    """The least anybody says: what is called complete and incomplete is incomplete."""
    said: dict[str, str] = {}
    for composition in sorted(bom.compositions, key=lambda each: _rank(each.aggregate)):
        for ref in composition.dependencies:
            said.setdefault(ref, composition.aggregate.value)
    return said


def _rank(aggregate: Aggregate) -> int:
    if aggregate is Aggregate.COMPLETE:
        return 2
    return 1 if aggregate in _WORST else 0
