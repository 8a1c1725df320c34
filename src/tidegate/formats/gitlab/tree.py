"""GitLab's YAML as nodes that remember their file and line: two documents, merge keys, and `!reference`.

GitLab reads with Ruby's Psych. Where that and other readers differ, Psych's meaning is taken and the spot is told.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import yaml

from tidegate.errors import FormatError
from tidegate.formats.text import shown
from tidegate.formats.yaml_documents import Scalar, checked, resolve
from tidegate.model.package import Problem
from tidegate.model.pipeline import At

LIMIT = 1_000_000
MAX_DEPTH = 64
MAX_NODES = 200_000
MAX_KEY = 1024
MAX_PROBLEMS = 20
REFERENCE = "!reference"
RULE = "ci-config-malformed"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a sequence (`items`) or a mapping (`keys`); `refers` marks a sequence tagged `!reference`.

    `at` is the key of a mapping's value, else the value itself. Nodes are shared and never changed. `under` is a
    `!reference` that a mapping was joined with before anybody knew what it stands for.
    """

    at: At
    scalar: Scalar = None
    items: "tuple[Node, ...] | None" = None
    keys: "Mapping[str, Node] | None" = None
    refers: bool = False
    under: "Node | None" = None

    def get(self, key: str) -> "Node | None":
        """The value of a key; None when there is none, it is null, or this is no mapping."""
        node = self.keys.get(key) if self.keys is not None else None
        return None if node is None or node.empty else node

    @property
    def empty(self) -> bool:
        return self.scalar is None and self.items is None and self.keys is None

    @property
    def text(self) -> str:
        """A scalar as text, booleans spelled `true` and `false`; "" for anything else."""
        if isinstance(self.scalar, bool):
            return "true" if self.scalar else "false"
        return "" if self.scalar is None else str(self.scalar)


def mapping(at: At, keys: Mapping[str, Node]) -> Node:
    return Node(at, keys=keys)


@dataclass(frozen=True, slots=True)
class File:
    """One file: its header (`spec:`), or None, and its content."""

    path: str
    header: Node | None
    content: Node


@dataclass(slots=True)
class Problems:
    """What is wrong, each once and not without end."""

    told: dict[Problem, None] = field(default_factory=dict)

    def tell(self, at: At, message: str) -> None:
        if len(self.told) < MAX_PROBLEMS:
            self.told[Problem(RULE, at.path, message, at.line)] = None


def load(path: str, raw: bytes, problems: Problems) -> File:
    """Read a file. Raises FormatError when it is no YAML; what has two readings is told and read as GitLab does."""
    text = checked(raw, LIMIT, "the file")
    try:
        documents = _Composer(path, problems).documents(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        raise FormatError(f"the file is not YAML: {error.problem or error.context}", line=line) from None
    except (yaml.YAMLError, RecursionError, ValueError, MemoryError) as error:
        raise FormatError(f"the file is not YAML: {type(error).__name__}") from None
    empty = Node(At(path, 1))
    header = documents[0] if documents and documents[0].get("spec") is not None else None
    if header is not None and len(documents) == 1:
        return File(path, header, empty)
    if len(documents) > (2 if header is not None else 1):
        problems.tell(documents[-1].at, "a document that GitLab does not read: only a `spec:` header may come before")
    at = 1 if header is not None else 0
    return File(path, header, documents[at] if len(documents) > at else empty)


class _Composer:
    """Events to nodes, so that depth and number are ours to bound; an alias is the anchored node itself."""

    def __init__(self, path: str, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self.anchors: dict[str, Node] = {}
        self.nodes = 0

    def documents(self, text: str) -> list[Node]:
        events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        found = []
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
            elif isinstance(event, yaml.NodeEvent):
                found.append(self._node(event, events, 1))
        return found

    def _node(self, event: yaml.Event | None, events: Iterator[yaml.Event], depth: int) -> Node:
        at = self._at(event)
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise FormatError(f"the file is nested deeper than {MAX_DEPTH} levels", line=at.line)
        if self.nodes > MAX_NODES:
            raise FormatError(f"the file has more than {MAX_NODES} parts", line=at.line)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor or "", at)
        if isinstance(event, yaml.ScalarEvent):
            node = Node(at, scalar=self._scalar(event, at))
        elif isinstance(event, yaml.SequenceStartEvent):
            refers = event.tag == REFERENCE
            if not refers:
                self._tag(event.tag, "seq", at)
            items = self._run(events, yaml.SequenceEndEvent, lambda each: self._node(each, events, depth + 1))
            node = Node(at, items=tuple(items), refers=refers)
        elif isinstance(event, yaml.MappingStartEvent):
            self._tag(event.tag, "map", at)
            node = Node(at, keys=self._mapping(events, depth))
        else:
            raise FormatError("the file ends in the middle", line=at.line)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str, at: At) -> Node:
        node = self.anchors.get(anchor)
        if node is None:
            raise FormatError(f"uses the anchor `{shown(anchor, 80)}` before it is complete", line=at.line)
        return node

    def _run(
        self, events: Iterator[yaml.Event], end: type[yaml.Event], read: Callable[[yaml.Event], Node]
    ) -> Iterator[Node]:
        for event in events:
            if isinstance(event, end):
                return
            yield read(event)

    def _mapping(self, events: Iterator[yaml.Event], depth: int) -> dict[str, Node]:
        """Keys in order; a `<<` is spread where it stands, as Psych does, and later keys win."""
        keys: dict[str, Node] = {}
        merged: set[str] = set()
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            at = self._at(event)
            key = self._key(event, at)
            child = self._node(next(events, None), events, depth + 1)
            if key == "<<":
                self._spread(child, at, keys, merged)
                continue
            if key in keys and key not in merged:
                self.problems.tell(at, f"the key `{shown(key, 80)}` stands twice; GitLab takes the last")
            merged.discard(key)
            keys[key] = replace(child, at=at)
        return keys

    def _spread(self, node: Node, at: At, keys: dict[str, Node], merged: set[str]) -> None:
        parts = reversed(node.items) if node.items is not None and not node.refers else [node]
        new: dict[str, Node] = {}
        for part in parts:
            if part.keys is None:
                self.problems.tell(at, "a merge key `<<` without a mapping")
                continue
            new |= part.keys
        for key, value in new.items():
            if key in keys and key not in merged and keys[key] != value:
                message = f"`<<` comes after the key `{shown(key, 80)}` that it sets again; GitLab takes the merged one"
                self.problems.tell(at, message)
        keys.update(new)
        merged.update(new)

    def _key(self, event: yaml.Event, at: At) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise FormatError("the file has a key that is not a string", line=at.line)
        key: str = event.value
        if len(key) > MAX_KEY:
            raise FormatError(f"the file has a key longer than {MAX_KEY} characters", line=at.line)
        return key

    def _scalar(self, event: yaml.ScalarEvent, at: At) -> Scalar:
        text: str = event.value
        if "\0" in text or any("\ud800" <= each <= "\udfff" for each in text):
            raise FormatError("the file has an escape for a character no text may hold", line=at.line)
        if event.tag in (None, "") and event.implicit[0]:
            return resolve(text)
        if event.tag not in (None, "", "!", _CORE + "str"):
            if not event.tag.startswith(_CORE):
                self.problems.tell(at, f"the tag `{shown(event.tag, 80)}` is not known")
            return resolve(text)
        return text

    def _tag(self, tag: str | None, kind: str, at: At) -> None:
        if tag not in (None, "", "!", _CORE + kind):
            self.problems.tell(at, f"the tag `{shown(tag or '', 80)}` is not known")

    def _at(self, event: yaml.Event | None) -> At:
        mark = event.start_mark if event is not None else None
        return At(self.path, mark.line + 1 if mark is not None else 1)
