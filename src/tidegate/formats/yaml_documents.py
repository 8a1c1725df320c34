"""YAML read strictly: one document, one meaning; whatever two parsers could read differently is an error.

Scalars follow the YAML 1.2 core schema, so `on`, `yes`, `no` and dates are strings. Duplicate keys, merge keys, keys
that are not strings, foreign tags, further documents and anything over the bounds raise FormatError with its line.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from tidegate.errors import FormatError
from tidegate.formats.text import shown, utf8

Scalar = None | bool | int | float | str
Plain = Scalar | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]
Mark = tuple[int, int]

MAX_DEPTH = 64
MAX_NODES = 200_000
MAX_KEY = 1024

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,63})", re.ASCII)
_RADIX = re.compile(r"0(?:o[0-7]{1,64}|x[0-9a-fA-F]{1,64})", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,64}|[0-9]{1,64}(?:\.[0-9]{0,64})?)(?:[eE][-+]?[0-9]{1,8})?", re.ASCII)
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", re.ASCII)
# NEL, LS and PS and a lone CR end a line for some parsers and not for others; the bidirectional overrides make a
# reader see another file than the parser does.
_UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\r(?!\n)")
_BAD_VALUE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A document's plain value and where each part of it stands.

    `marks` maps a path to the 1-based (line, column) of the key for mapping entries and of the item for sequences;
    `()` is the root.
    """

    value: Plain
    marks: dict[Path, Mark]

    def line(self, *path: str | int) -> int | None:
        """The line of a path, None when the document has no such path."""
        mark = self.marks.get(path)
        return mark[0] if mark else None


@dataclass(slots=True)
class _Node:
    """A scalar (`items` None), sequence (keys None) or mapping; an alias is the anchored node itself."""

    mark: Mark
    scalar: Plain = None
    items: list[tuple[str | None, Mark, "_Node"]] | None = None
    is_map: bool = False
    seen: set[str] = field(default_factory=set)


def load(raw: bytes, *, limit: int, what: str) -> Document:
    """Read one document of at most `limit` bytes; `what` names it in messages. Raises FormatError only."""
    text = checked(raw, limit, what)
    try:
        root = _Composer(what).compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        raise FormatError(f"{what} is not YAML: {error.problem or error.context}", line=line) from None
    except (yaml.YAMLError, RecursionError, ValueError, MemoryError) as error:
        raise FormatError(f"{what} is not YAML: {type(error).__name__}") from None
    builder = _Builder(what)
    value = builder.build(root, (), root.mark)
    return Document(value, builder.marks)


def checked(raw: bytes, limit: int, what: str) -> str:
    """The text, known to hold no character that readers disagree on. Raises FormatError with the line."""
    text = utf8(raw, limit=limit, what=what).removeprefix("\ufeff")
    unfit = _UNFIT.search(text)
    if unfit is not None:
        line = text.count("\n", 0, unfit.start()) + 1
        raise FormatError(f"{what} holds the character U+{ord(unfit[0][0]):04X}, which readers disagree on", line=line)
    return text


class _Composer:
    """Events to nodes without recursion of the parser, so that depth is ours to bound."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.anchors: dict[str, _Node] = {}
        self.nodes = 0

    def compose(self, text: str) -> _Node:
        events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        root: _Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._start(event, root)
            elif isinstance(event, yaml.NodeEvent):
                root = self._node(event, events, 1)
        return root or _Node((1, 1))

    def _start(self, event: yaml.DocumentStartEvent, root: _Node | None) -> None:
        line = _mark(event)[0]
        if root is not None:
            raise self._error("holds more than one document", line)
        if event.tags or event.version not in (None, (1, 2)):
            raise self._error("has a directive other than `%YAML 1.2`", line)

    def _node(self, event: yaml.Event | None, events: Iterator[yaml.Event], depth: int) -> _Node:
        mark = _mark(event)
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise self._error(f"is nested deeper than {MAX_DEPTH} levels", mark[0])
        if self.nodes > MAX_NODES:
            raise self._error(f"has more than {MAX_NODES} parts", mark[0])
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, mark[0])
        if isinstance(event, yaml.ScalarEvent):
            node = _Node(mark, scalar=self._scalar(event, mark[0]))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._collection_tag(event.tag, "seq", mark[0])
            node = self._sequence(mark, events, depth)
        elif isinstance(event, yaml.MappingStartEvent):
            self._collection_tag(event.tag, "map", mark[0])
            node = self._mapping(mark, events, depth)
        else:
            raise self._error("ends in the middle", mark[0])
        if event.anchor:
            if event.anchor in self.anchors:
                raise self._error(f"defines the anchor `{shown(event.anchor, 80)}` twice", mark[0])
            self.anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str | None, line: int) -> _Node:
        node = self.anchors.get(anchor or "")
        if node is None:
            raise self._error(f"uses the anchor `{shown(anchor or '', 80)}` before it is complete", line)
        return node

    def _sequence(self, mark: Mark, events: Iterator[yaml.Event], depth: int) -> _Node:
        node = _Node(mark, items=[])
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            child = self._node(event, events, depth + 1)
            _items(node).append((None, _mark(event), child))
        return node

    def _mapping(self, mark: Mark, events: Iterator[yaml.Event], depth: int) -> _Node:
        node = _Node(mark, items=[], is_map=True)
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            place = _mark(event)
            key = self._key(event, place[0], node.seen)
            child = self._node(next(events, None), events, depth + 1)
            _items(node).append((key, place, child))
        return node

    def _key(self, event: yaml.Event, line: int, seen: set[str]) -> str:
        if not isinstance(event, yaml.ScalarEvent) or not isinstance(key := self._scalar(event, line), str):
            raise self._error("has a key that is not a string", line)
        if event.anchor:
            raise self._error("has an anchor on a key", line)
        if key == "<<":
            raise self._error("has a merge key `<<`", line)
        if len(key) > MAX_KEY:
            raise self._error(f"has a key longer than {MAX_KEY} characters", line)
        if key in seen:
            raise self._error(f"has the key `{shown(key, 80)}` twice", line)
        seen.add(key)
        return key

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Plain:
        text: str = event.value
        if _BAD_VALUE.search(text):
            raise self._error("has an escape for a character no text may hold", line)
        if event.tag in (None, "") and event.implicit[0]:
            return resolve(text)
        if event.tag in (None, "", "!", _CORE + "str"):
            return text
        kinds: dict[str, tuple[type, ...]] = {
            "null": (type(None),),
            "bool": (bool,),
            "int": (int,),
            "float": (float, int),
        }
        wanted = kinds.get(event.tag.removeprefix(_CORE)) if event.tag.startswith(_CORE) else None
        if wanted is None:
            raise self._error(f"has the tag `{shown(event.tag, 80)}`", line)
        value = resolve(text)
        if type(value) not in wanted:
            raise self._error(f"has a value that is not what its tag `{shown(event.tag, 80)}` says", line)
        return value

    def _collection_tag(self, tag: str | None, kind: str, line: int) -> None:
        if tag not in (None, "", "!", _CORE + kind):
            raise self._error(f"has the tag `{shown(tag or '', 80)}`", line)

    def _error(self, message: str, line: int) -> FormatError:
        return FormatError(f"{self.what} {message}", line=line)


def _mark(event: yaml.Event | None) -> Mark:
    mark = event.start_mark if event is not None else None
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _items(node: _Node) -> list[tuple[str | None, Mark, _Node]]:
    return node.items if node.items is not None else []


class _Builder:
    """Nodes to plain values, aliases spelled out and counted."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.marks: dict[Path, Mark] = {}

    def build(self, node: _Node, path: Path, mark: Mark) -> Plain:
        if len(self.marks) >= MAX_NODES:
            raise FormatError(f"{self.what} has more than {MAX_NODES} parts once aliases are spelled out", line=mark[0])
        if len(path) > MAX_DEPTH:
            raise FormatError(f"{self.what} is nested deeper than {MAX_DEPTH} levels", line=mark[0])
        self.marks[path] = mark
        if node.items is None:
            return node.scalar
        if node.is_map:
            return {key: self.build(child, (*path, key), place) for key, place, child in node.items if key is not None}
        return [self.build(child, (*path, index), place) for index, (_, place, child) in enumerate(node.items)]


def resolve(text: str) -> Scalar:
    """A plain scalar's value in the core schema.

    Numbers with leading zeros (octal for some, decimal for others) and numbers too large to hold stay strings.
    """
    if text in _NULL:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _RADIX.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", "", 1))
    if _FLOAT.fullmatch(text) and not re.fullmatch(r"[-+]?[0-9]+", text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
