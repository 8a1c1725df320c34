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

_Text = tuple[int, str, str | bytes]
"""(line, key, value)"""
_STR, _MAP, _SEQ = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))
MAX_SLOW = 512 << 10
"""Characters that the library's parser, which does 250,000 a second, may get."""
MAX_PAIRS = 200_000
"""Pairs that merge keys may make of a file."""
MAX_MADE = 16 << 20
"""Characters of comments, which every value of their line gets."""
_DEEP = re.compile(r"(?:[\[{][^\[{\]}\n]{0,8}+){64}")
"""The library's parser takes a time quadratic in what is opened in one line."""
_HASH = re.compile(r"(?<=\s)#[\S ]*")


def lines(text: str) -> list[str]:
    """The lines made of `text`. Raises FormatError: it is no YAML that the library reads, or too large to be read."""
    # Some of what is constructed, such as dates and deep nesting, raises what is no error of YAML.
    try:
        if _DEEP.search(text):
            raise FormatError("this file would take too long")
        found = _read_fast(text) if len(text) > MAX_SLOW // 4 else None
        if found is None:
            found = sorted(_texts(_read(text)), key=lambda each: each[0])
        return _quoted(found, text.splitlines())
    except Exception as error:
        raise FormatError("this is no YAML file") from error


def _read(text: str) -> Any:
    from detect_secrets.transformers.yaml import YAMLFileParser

    if len(text) > MAX_SLOW:
        raise FormatError("this file would take too long")
    parser = YAMLFileParser(StringIO(text))  # type: ignore[arg-type]
    _bound(parser.loader)
    return parser.json()


def _read_fast(text: str) -> list[_Text] | None:
    """The same from the C parser, or None: aliases, merges, tags, `?`, braces over lines are not placed alike."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        root = loader.get_single_node()
    except yaml.YAMLError:
        return None
    found: list[_Text] = []
    seen: set[int] = set()
    left: deque[Any] = deque([root] if root is not None else [])
    while left:
        node = left.popleft()
        if id(node) in seen:
            return None
        seen.add(id(node))
        if node.tag == _MAP:
            if not _take(node, text, loader, found, left, seen):
                return None
        elif node.tag == _SEQ:
            left += node.value
        elif not isinstance(node, yaml.ScalarNode):
            return None
        elif node.tag != _STR:
            loader.construct_object(node)
    return sorted(found, key=lambda each: each[0])


def _take(node: Any, text: str, loader: Any, found: list[_Text], left: deque[Any], seen: set[int]) -> bool:
    """Take the texts of a mapping. Is it one whose values the library places on the line of their key's colon?"""
    if node.flow_style and node.start_mark.line != node.end_mark.line:
        return False
    if len({key.value for key, _ in node.value if key.tag == _STR}) != len(node.value):
        return False
    for key, value in node.value:
        mark = key.end_mark
        if key.start_mark.line != mark.line or not (node.flow_style or text.startswith(":", mark.index)):
            return False
        if value.tag.endswith((":str", ":binary")):
            if id(value) in seen:
                return False
            seen.add(id(value))
            found.append((mark.line + 1, key.value, loader.construct_object(value)))
        else:
            left.append(value)
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


def _texts(root: Any) -> Iterator[_Text]:
    """Every text in a mapping; what an alias repeats once, since repeats are dropped later."""
    left, seen = deque([root]), set()
    while left:
        item = left.popleft()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, dict):
            if "__line__" in item:
                yield item["__line__"], item["__original_key__"], item["__value__"]
            else:
                left.extend(item.values())
        elif isinstance(item, list | set | tuple):
            left.extend(item)


def _quoted(found: list[_Text], source: list[str]) -> list[str]:
    made: list[str] = []
    seen = set()
    last, comment, room = 0, "", MAX_MADE
    for number, key, value in found:
        if (number, key, value) in seen:
            continue
        seen.add((number, key, value))
        made += [""] * (number - 1 - len(made))
        if number != last:
            last, comment = number, _comment(source[number - 1])
        room -= len(comment)
        if room < 0:
            raise FormatError("the comments of one line would be repeated too often")
        said = base64.b64encode(value).decode() if isinstance(value, bytes) else value
        escaped = said.replace('"', '\\"')
        made.append(f'{key}: "{escaped}"{comment}')
    return made


def _comment(line: str) -> str:
    line = line.strip()
    match = _HASH.search(line)
    return "" if match is None else line[len(line[: match.start()].rstrip()) : match.end()]
