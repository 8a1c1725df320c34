"""The lines detect-secrets makes of a file that reads as YAML, whatever its aliases and merges would grow to.

Every key of a mapping with a text as its value becomes `key: "value"` on the line where the library finds it.
"""

import base64
import re
from collections import deque
from collections.abc import Iterator
from io import StringIO
from typing import Any

from tidegate.errors import FormatError

_UNREAD = object()
MAX_SLOW = 512 << 10
"""Characters that the library's parser, which does 250,000 a second, may get."""
MAX_PAIRS = 200_000
"""Pairs that merge keys may make of a file."""
_HASH = re.compile(r"(?<=\s)#[\S ]*")


def lines(text: str) -> list[str]:
    """The lines made of `text`. Raises FormatError: it is no YAML that the library reads, or too large to be read."""
    # Some of what is constructed, such as dates and deep nesting, raises what is no error of YAML.
    try:
        root = _read_fast(text) if len(text) > MAX_SLOW // 4 else _UNREAD
        if root is _UNREAD:
            if len(text) > MAX_SLOW:
                raise FormatError("this file is too large")
            root = _read(text)
        found = sorted(_texts(root), key=lambda each: each[0])
        return _quoted(found, text.splitlines())
    except Exception as error:
        raise FormatError("this is no YAML file") from error


def _read(text: str) -> Any:
    from detect_secrets.transformers.yaml import YAMLFileParser

    parser = YAMLFileParser(StringIO(text))  # type: ignore[arg-type]
    _bound(parser.loader)
    return parser.json()


def _read_fast(text: str) -> Any:
    """The same from the C parser, or `_UNREAD`: an alias, a mapping in braces and a `?` key are not placed the same."""
    import yaml
    from detect_secrets.transformers.yaml import _tag_dict_values

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    root = loader.get_single_node()
    if root is None:
        return None
    seen: set[int] = set()
    left: list[Any] = [root]
    mappings: list[Any] = []
    while left:
        node = left.pop()
        if id(node) in seen:
            return _UNREAD
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            left += node.value
        elif isinstance(node, yaml.MappingNode):
            if node.value and (node.flow_style or not _place(node, text)):
                return _UNREAD
            mappings.append(node)
            left += [each for pair in node.value for each in pair]
    for node in mappings:
        if node.tag.endswith(":map"):
            node.value = _tag_dict_values(node).value
    _bound(loader)
    return loader.construct_document(root)


def _place(node: Any, text: str) -> bool:
    """Say of each value the line of its key's colon. Is that where the library places it?"""
    for key, value in node.value:
        mark = key.end_mark
        if key.start_mark.line != mark.line or not text.startswith(":", mark.index):
            return False
        value.__line__ = mark.line + 1
    return True


def _bound(loader: Any) -> None:
    """Count what merging adds; the parser would add it all."""
    flatten, left = loader.flatten_mapping, [MAX_PAIRS]

    def counted(node: Any) -> None:
        flatten(node)
        left[0] -= len(node.value)
        if left[0] < 0:
            raise FormatError("there are too many pairs")

    loader.flatten_mapping = counted


def _texts(root: Any) -> Iterator[tuple[int, str, str | bytes]]:
    """(line, key, value) of every text in a mapping; what an alias repeats once, since repeats are dropped later."""
    left, seen = deque([root]), set()
    while left:
        item = left.popleft()
        if not isinstance(item, dict | list | set | tuple) or id(item) in seen:
            continue
        seen.add(id(item))
        if "__line__" in item:
            yield item["__line__"], item["__original_key__"], item["__value__"]  # type: ignore[call-overload]
        else:
            left.extend(item.values() if isinstance(item, dict) else item)


def _quoted(found: list[tuple[int, str, str | bytes]], source: list[str]) -> list[str]:
    made: list[str] = []
    seen = set()
    for number, key, value in found:
        if (number, key, value) in seen:
            continue
        seen.add((number, key, value))
        made += [""] * (number - 1 - len(made))
        said = base64.b64encode(value).decode() if isinstance(value, bytes) else value
        escaped = said.replace('"', '\\"')
        made.append(f'{key}: "{escaped}"{_comment(source[number - 1])}')
    return made


def _comment(line: str) -> str:
    line = line.strip()
    match = _HASH.search(line)
    return "" if match is None else line[len(line[: match.start()].rstrip()) : match.end()]
