"""Indented `key: value` lines, the part of YAML that writers of lockfiles use, read a line at a time.

What is read here means the same to every YAML parser, except that scalars are left to the caller. Everything else is
Unknown: anchors, tags, comments beside text, several documents, folded text, tabs, trailing spaces, odd indentation,
keys twice.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

Value = str | None | bool | int | float | list["Value"] | dict[str, "Value"]
Scalar = Callable[[str], Value]
"""What a plain scalar means."""

MAX_DEPTH = 12

# A plain scalar of a key holds `:` only before something that is no space, and no space at all.
_LINE = re.compile(
    r"( *)(?:'((?:[^'\n]|'')*)'|\"((?:[^\"\\\n]|\\[\"\\/nrtbf])*)\"|"
    r"([A-Za-z0-9/._(](?:[A-Za-z0-9/._()@+~^=<>#$!*?&%;-]|:(?=\S))*)):(?: (.+))?"
)
_ITEM = re.compile(r"( *)- (.+)")
_LONG_KEY = re.compile(r'\? ("(?:[^"\\\n]|\\["\\/nrtbf])*")')
_QUOTED = re.compile(r'"(?:[^"\\]|\\(?:["\\/nrtbf]|u(?!0000|[dD][89abAB-Fa-f])[0-9a-fA-F]{4}))*"')
_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._(^~<=$+")
_FLOW_VALUE = r"'(?:[^']|'')*'|[A-Za-z0-9/._(^~<=$+][^,\[\]{}'\"#?]*"
_FLOW_PAIR = re.compile(rf" *(?:([A-Za-z][A-Za-z0-9_-]*)|'([^'\n]*)'): +({_FLOW_VALUE}) *(?:,|$)")
_FLOW_ITEM = re.compile(rf" *({_FLOW_VALUE}) *(?:,|$)")


class Unknown(Exception):
    """A line this reader does not know, which is no fault of the text; `line` is 1-based."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Lines:
    """`lines` are the 1-based lines of the keys of the two upper levels; a key of the second follows its parent's."""

    value: dict[str, Value]
    lines: dict[tuple[str, ...], int]


def read(text: str, scalar: Scalar) -> Lines:
    """A mapping of mappings. Raises Unknown; `text` is known to hold no character that YAML forbids."""
    return _Reader(scalar).read(text)


class _Reader:
    def __init__(self, scalar: Scalar) -> None:
        self.scalar = scalar
        self.root: dict[str, Value] = {}
        self.stack = [self.root]
        self.lines: dict[tuple[str, ...], int] = {}
        self.open: tuple[dict[str, Value], str] | None = None
        """The last key, while it has no value."""
        self.items: list[Value] | None = None
        self.indent = 0
        self.top = ""

    def read(self, text: str) -> Lines:
        match = _LINE.fullmatch
        lines = iter(enumerate(text.split("\n"), 1))
        for number, line in lines:
            if not line or line[0] == "#":
                continue
            found = match(line)
            if found is not None:
                indent, single, double, plain, value = found.groups()
                key = self._key(single, double, plain, number)
                self._pair(len(indent), key, value, number)
            elif line.startswith("? "):
                self._long_key(line, next(lines, (number, "")), number)
            else:
                self._item(line, number)
        return Lines(self.root, self.lines)

    def _key(self, single: str | None, double: str | None, plain: str | None, number: int) -> str:
        if plain is not None:
            if self.scalar(plain) != plain:
                raise Unknown(number)
            return plain
        if single is not None:
            return single.replace("''", "'")
        text = double or ""
        return str(json.loads(f'"{text}"')) if "\\" in text else text

    def _long_key(self, line: str, after: tuple[int, str], number: int) -> None:
        """A key of more than 1024 characters: `? "key"`, and a line of `:` alone."""
        found = _LONG_KEY.fullmatch(line)
        if found is None or after[1] != ":":
            raise Unknown(number)
        self._pair(0, str(json.loads(found[1])), None, number)

    def _pair(self, indent: int, key: str, value: str | None, number: int) -> None:
        depth, odd = divmod(indent, 2)
        stack = self.stack
        if self.open is not None:
            if depth == len(stack) and depth < MAX_DEPTH:
                child: dict[str, Value] = {}
                mapping, name = self.open
                mapping[name] = child
                stack.append(child)
            self.open = None
        if odd or depth >= len(stack):
            raise Unknown(number)
        self.items = None
        del stack[depth + 1 :]
        mapping = stack[depth]
        if key in mapping or key == "<<" or len(key) > 4096:
            raise Unknown(number)
        if depth == 0:
            self.top = key
            self.lines[(key,)] = number
        elif depth == 1:
            self.lines[self.top, key] = number
        if value is None:
            mapping[key] = None
            self.open = (mapping, key)
        else:
            mapping[key] = self._value(value, number)

    def _item(self, line: str, number: int) -> None:
        found = _ITEM.fullmatch(line)
        if found is None:
            raise Unknown(number)
        indent = len(found[1])
        if self.open is not None:
            if indent not in (2 * len(self.stack), 2 * len(self.stack) - 2):
                raise Unknown(number)
            mapping, key = self.open
            self.items = []
            mapping[key] = self.items
            self.open, self.indent = None, indent
        if self.items is None or indent != self.indent:
            raise Unknown(number)
        if found[2][0] in "{[":
            raise Unknown(number)
        self.items.append(self._value(found[2], number))

    def _value(self, text: str, number: int) -> Value:
        first = text[0]
        if first in _FIRST:
            if ": " in text or " #" in text or text[-1] in ": " or "\t" in text:
                raise Unknown(number)
            return self.scalar(text)
        if first == "'":
            inner = text[1:-1]
            if len(text) > 1 and text[-1] == "'" and "'" not in inner.replace("''", ""):
                return inner.replace("''", "'")
        elif first == '"':
            if _QUOTED.fullmatch(text):
                return text[1:-1] if "\\" not in text else str(json.loads(text))
        elif first == "{" and text[-1] == "}":
            return self._flow_map(text[1:-1], number)
        elif first == "[" and text[-1] == "]":
            return self._flow_list(text[1:-1], number)
        raise Unknown(number)

    def _flow_map(self, inner: str, number: int) -> Value:
        found: dict[str, Value] = {}
        at = 0
        while at < len(inner):
            pair = _FLOW_PAIR.match(inner, at)
            if pair is None:
                raise Unknown(number)
            word, quoted, value = pair.groups()
            key = quoted if word is None else word
            if key in found or key == "<<" or (word is not None and self.scalar(word) != word):
                raise Unknown(number)
            found[key] = self._flow_value(value, number)
            at = pair.end()
        if inner.rstrip().endswith(","):
            raise Unknown(number)
        return found

    def _flow_list(self, inner: str, number: int) -> Value:
        found: list[Value] = []
        at = 0
        while at < len(inner):
            item = _FLOW_ITEM.match(inner, at)
            if item is None:
                raise Unknown(number)
            found.append(self._flow_value(item[1], number))
            at = item.end()
        if inner.rstrip().endswith(","):
            raise Unknown(number)
        return found

    def _flow_value(self, text: str, number: int) -> Value:
        if text[0] == "'":
            return text[1:-1].replace("''", "'")
        plain = text.rstrip(" ")
        if ": " in plain or plain[-1] == ":" or "\t" in plain:
            raise Unknown(number)
        return self.scalar(plain)
