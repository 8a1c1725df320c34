"""What jobs inherit: `extends` first, then `!reference`, then `default`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tidegate.formats.gitlab.merging import Merger, flat
from tidegate.formats.gitlab.tree import MAX_DEPTH, Node, Problems, mapping
from tidegate.formats.text import shown

MAX_PARENTS = 11
MAX_REFERENCES = 10
GLOBAL_DEFAULTS = ("image", "services", "cache", "before_script", "after_script")
DEFAULTS = frozenset(
    {"after_script", "artifacts", "before_script", "cache", "hooks", "id_tokens", "identity", "image"}
    | {"interruptible", "retry", "services", "tags", "timeout"}
)
GLOBALS = frozenset({"default", "include", "stages", "types", "variables", "workflow", "spec", *GLOBAL_DEFAULTS})
"""Top-level words that are no jobs."""


@dataclass(slots=True)
class Family:
    """The joined files, and every job with what it inherits.

    `partial` says that an include could not be read: a parent or a reference that is missing may then stand there, and
    the jobs that ask for it are `lost`.
    """

    root: Mapping[str, Node]
    merger: Merger
    problems: Problems
    partial: bool
    lost: dict[str, str] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _grown: dict[str, tuple[Node, int]] = field(default_factory=dict)
    _settled: "dict[int, _Settled]" = field(default_factory=dict)

    def grow(self) -> None:
        """Replace every job by what it is after `extends` and `!reference`."""
        grown = {name: self._job(name, node) for name, node in self.root.items()}
        self.root = grown
        settled = {}
        for name, node in grown.items():
            done = self._settle(node, ())
            settled[name] = done.made
            if done.missing:
                self._miss(name, node, done.missing)
        self.root = settled

    def _miss(self, name: str, node: Node, missing: str) -> None:
        if self.partial:
            self.lost.setdefault(name, missing)
        elif not name.startswith("."):
            self.problems.tell(node.at, f"the job `{shown(name, 80)}`: {missing}")

    def _job(self, name: str, node: Node) -> Node:
        if name in GLOBALS or node.keys is None:
            return node
        return self._extended(name, node, ())[0]

    def _extended(self, name: str, node: Node, below: tuple[str, ...]) -> tuple[Node, int]:
        """A job with its parents, left to right, then itself; and how many stand above each other."""
        known = self._grown.get(name)
        if known is not None:
            return known
        base, height = mapping(node.at, {}), 0
        line: list[str] = []
        for each in flat(node.get("extends")):
            parent = each.text
            above = self.root.get(parent)
            if parent == name or parent in below or len(below) > MAX_DEPTH:
                what = "has too many levels of `extends`" if len(below) > MAX_DEPTH else "extends itself"
                self.problems.tell(each.at, f"the job `{shown(name, 80)}` {what}")
                continue
            if above is None or above.keys is None or parent in GLOBALS:
                self._miss(name, node, f"`{shown(parent, 80)}`, which it extends, is not there")
                continue
            grown, taller = self._extended(parent, above, (*below, name))
            if parent in self.lost:
                self.lost.setdefault(name, self.lost[parent])
            base, height = self.merger.merge(base, grown), max(height, taller + 1)
            line += (parent, *self.parents.get(parent, ()))
        if height >= MAX_PARENTS:
            self.problems.tell(node.at, f"the job `{shown(name, 80)}` has more than {MAX_PARENTS} levels of `extends`")
        self.parents[name] = tuple(dict.fromkeys(line))[:MAX_DEPTH]
        own = replace(node, keys={key: value for key, value in (node.keys or {}).items() if key != "extends"})
        done = self._grown[name] = self.merger.merge(base, own), height
        return done

    def _settle(self, node: Node, stack: tuple[tuple[str, ...], ...], depth: int = 0) -> "_Settled":
        """A node with its references replaced; shared nodes are settled once."""
        if node.keys is None and node.items is None:
            return _Settled(node, node)
        known = self._settled.get(id(node))
        if known is not None:
            return known
        if depth > 4 * MAX_DEPTH:
            return _Settled(node, Node(node.at), "its references are nested too deep")
        if node.refers:
            done = self._referred(node, stack, depth)
        elif node.keys is not None:
            parts = {key: self._settle(child, stack, depth + 1) for key, child in node.keys.items()}
            done = _whole(node, replace(node, keys={key: part.made for key, part in parts.items()}), parts.values())
            if node.under is not None:
                below = self._settle(node.under, stack, depth + 1)
                done = _whole(node, self.merger.merge(below.made, replace(done.made, under=None)), (done, below))
        else:
            entries = [self._settle(child, stack, depth + 1) for child in node.items or ()]
            done = _whole(node, replace(node, items=tuple(part.made for part in entries)), entries)
        self._settled[id(node)] = done
        return done

    def _referred(self, node: Node, stack: tuple[tuple[str, ...], ...], depth: int) -> "_Settled":
        way = tuple(each.text for each in node.items or ())
        named = f"`!reference [{shown(', '.join(way), 120)}]`"
        nothing = Node(node.at)
        if way in stack:
            self.problems.tell(node.at, f"{named} refers to itself")
            return _Settled(node, nothing)
        target = self._target(way)
        if target is None:
            return _Settled(node, nothing, f"{named} is not there")
        if way[0] in self.lost:
            return _Settled(node, nothing, self.lost[way[0]])
        done = self._settle(target, (*stack, way), depth + 1)
        if done.height >= MAX_REFERENCES:
            self.problems.tell(node.at, f"{named} is nested deeper than {MAX_REFERENCES} levels")
        return _Settled(node, done.made, done.missing, done.height + 1)

    def _target(self, way: tuple[str, ...]) -> Node | None:
        node: Node | None = self.root.get(way[0]) if way else None
        for step in way[1:]:
            if node is None:
                return None
            if node.items is not None and step.isascii() and step.isdigit() and len(step) < 7:
                node = node.items[int(step)] if int(step) < len(node.items) else None
            else:
                node = node.keys.get(step) if node.keys is not None else None
        return node


def defaults(root: Mapping[str, Node]) -> dict[str, Node]:
    """What jobs inherit: `default`, and the older words at the top."""
    node = root.get("default")
    given = dict(node.keys) if node is not None and node.keys is not None else {}
    return given | {word: root[word] for word in GLOBAL_DEFAULTS if word in root and not root[word].empty}


def with_defaults(job: Node, given: Mapping[str, Node]) -> Node:
    """A job with the defaults it does not set itself and has not declined by `inherit`."""
    keys = dict(job.keys or {})
    for word in _wanted(job, "default", given):
        own = keys.get(word)
        if word in DEFAULTS and (own is None or own.empty):
            keys[word] = given[word]
    return replace(job, keys=keys)


def inherits(job: Node, name: str) -> bool:
    """Does a job take this variable of the pipeline?"""
    return name in _wanted(job, "variables", (name,))


def _wanted(job: Node, what: str, names: "Mapping[str, Node] | tuple[str, ...]") -> list[str]:
    settings = job.get("inherit")
    node = settings.keys.get(what) if settings is not None and settings.keys is not None else None
    if node is None or node.empty or node.text == "true":
        return list(names)
    if node.items is None:
        return []
    chosen = {each.text for each in flat(node)}
    return [name for name in names if name in chosen]


@dataclass(frozen=True, slots=True)
class _Settled:
    """`node` is kept so that its id stays its own; `height` counts references that stand above each other."""

    node: Node
    made: Node
    missing: str = ""
    height: int = 0


def _whole(node: Node, made: Node, parts: Iterable[_Settled]) -> _Settled:
    missing, height = "", 0
    for part in parts:
        missing, height = missing or part.missing, max(height, part.height)
    return _Settled(node, made, missing, height)
