"""Where a component stands: the shortest way to it, what it brings, and what no way leads to."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from support import pictures
from tidegate.formats.sbom_model import NOBODY, Bom, Component
from tidegate.reporters.picture.layout import Node, layout
from tidegate.reporters.picture.links import MAX_EDGES, links

ROOT = Component("root", "application", "app")


def bom(needs: dict[str, str], *more: Component, root: Component = ROOT) -> Bom:
    """One component a letter; `needs` leads from names to letters."""
    letters = sorted({letter for each in needs.items() for letter in "".join(each) if letter not in "root"} - {"_"})
    parts = [Component(letter, "library", letter, "1") for letter in letters]
    return Bom(root, (*parts, *more), tuple((name, tuple(to)) for name, to in needs.items()), (), "")


def laid(document: Bom, *marked: str) -> dict[str, Node]:
    linked = links(document)
    numbers = {number for number, each in enumerate(linked.components) if each.ref in marked}
    return {node.component.ref: node for node in layout(linked, numbers)}


def test_the_way_shown_is_the_shortest() -> None:
    nodes = laid(bom({"root": "ab", "a": "c", "c": "d", "b": "d", "d": "e"}))
    assert [nodes[name].depth for name in ("root", "a", "b", "c", "d", "e")] == [0, 1, 1, 2, 2, 3]
    numbered = list(nodes.values())
    assert numbered[nodes["d"].way].component.ref == "b"


def test_what_a_component_brings_is_counted_once_however_many_ways_lead_there() -> None:
    nodes = laid(bom({"root": "ab", "a": "cd", "b": "cd", "c": "e", "d": "e"}))
    assert {name: node.brings for name, node in nodes.items()} == {
        "root": 5,
        "a": 3,
        "b": 3,
        "c": 1,
        "d": 1,
        "e": 0,
    }


def test_circles_end_and_do_not_count_themselves() -> None:
    nodes = laid(bom({"root": "a", "a": "b", "b": "c", "c": "a"}), "b")
    assert [nodes[name].brings for name in "abc"] == [2, 2, 2]
    assert [nodes[name].leads for name in "abc"] == [1, 0, 1]


def test_what_leads_to_a_marked_component_stands_first() -> None:
    document = bom({"root": "abx", "a": "cdefg", "b": "h"})
    assert [each.component.ref for each in laid(document).values()][:2] == ["root", "a"]
    assert [each.component.ref for each in laid(document, "h").values()][:3] == ["root", "b", "h"]
    assert laid(document, "h")["root"].needs[0] == 1


def test_a_component_no_way_leads_to_is_told_apart() -> None:
    nodes = laid(bom({"root": "a", "b": "c", "d": "e", "e": "d"}))
    assert [nodes[name].depth for name in "abcde"] == [1, -1, -1, -1, -1]
    assert [nodes[name].row for name in "bcde"] == [1, 2, 1, 2]
    assert nodes["root"].brings == 1


def test_parts_stand_below_what_holds_them() -> None:
    part = Component("p", "file", "lib.so")
    nodes = laid(bom({"root": "a"}, Component("w", "file", "w.whl", parts=(part,))))
    assert nodes["w"].brings == 1
    assert nodes["p"].row == nodes["w"].row + 1


def test_a_document_without_root_or_references_is_drawn() -> None:
    nameless = tuple(Component("", "library", f"n{number}") for number in range(3))
    linked = links(Bom(NOBODY, nameless, (), (), ""))
    nodes = layout(linked, frozenset())
    assert [node.component.name for node in nodes] == ["", "n0", "n1", "n2"]
    assert all(node.depth == -1 for node in nodes[1:])


def test_edges_that_name_nothing_are_counted() -> None:
    document = replace(bom({"root": "a"}), edges=(("root", ("a", "gone")), ("ghost", ("a",))))
    assert links(document).dangling == 2


def test_edges_beyond_the_bound_are_counted_and_left_out() -> None:
    many = tuple(pictures.component(f"p{number:03}") for number in range(300))
    refs = tuple(each.ref for each in many)
    dense = Bom(ROOT, many, tuple((ref, refs) for ref in refs), (), "")
    linked = links(dense)
    assert linked.cut == 300 * 299 - MAX_EDGES
    assert sum(map(len, linked.needs)) == MAX_EDGES


graphs = st.integers(1, 14).flatmap(
    lambda count: st.lists(st.tuples(st.integers(0, count), st.integers(0, count)), max_size=40).map(
        lambda edges: (count, edges)
    )
)


@given(graphs, st.sets(st.integers(1, 14)))
@settings(max_examples=60, deadline=None)
def test_every_count_is_that_of_a_plain_walk(graph: tuple[int, list[tuple[int, int]]], marked: set[int]) -> None:
    count, pairs = graph
    names = ["root", *(f"n{number:02}" for number in range(1, count + 1))]
    parts = tuple(Component(name, "library", name) for name in names[1:])
    edges: dict[str, set[str]] = {}
    for a, b in pairs:
        edges.setdefault(names[a], set()).add(names[b])
    document = Bom(ROOT, parts, tuple((ref, tuple(sorted(to))) for ref, to in edges.items()), (), "")
    chosen = {names[number] for number in marked if number <= count}
    nodes = laid(document, *chosen)

    def walk(start: str) -> dict[str, int]:
        steps, left = {start: 0}, [start]
        for here in left:
            for onward in edges.get(here, ()):
                if onward not in steps:
                    steps[onward] = steps[here] + 1
                    left.append(onward)
        return steps

    assert set(nodes) == set(names)
    for name, node in nodes.items():
        reached = set(walk(name)) - {name}
        assert node.brings == len(reached)
        assert node.leads == len(reached & chosen)
        assert node.depth == walk("root").get(name, -1)
    listed = list(nodes.values())
    for number, node in enumerate(listed):
        below = [each for each in listed if each.way == number]
        assert node.size == 1 + sum(each.size for each in below)
        assert all(number < listed.index(each) < number + node.size for each in below)
