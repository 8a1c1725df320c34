"""Elixir's literals (strings, atoms, numbers, lists, tuples, maps) read as data; whatever is code is not read."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from tidegate.errors import FormatError

MAX_DEPTH = 32
MAX_TOKENS = 400_000


@dataclass(frozen=True, slots=True)
class Atom:
    """`:name`, and the words `true`, `false` and `nil`."""

    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One `key: value`, `"key": value` or `"key" => value` of a list or map. `line` is the key's."""

    key: str
    value: "Term"
    line: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """`kind` is `{` for a tuple, `[` for a list and `%{` for a map; `line` is where it begins."""

    kind: str
    items: tuple["Term", ...]
    line: int

    def option(self, key: str) -> "Term | None":
        """The value of a `key: value` among its items."""
        return next((one.value for one in self.items if isinstance(one, Pair) and one.key == key), None)


Term = str | int | Atom | Pair | Sequence

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|\#[^\n]*)
    |(?P<open>%\{|\{|\[)
    |(?P<close>[}\]])
    |(?P<comma>,)
    |(?P<arrow>=>)
    |(?P<string>"(?:[^"\\]|\\.)*")(?P<strkey>:(?=[ \t\r\n]))?
    |(?P<key>[A-Za-z_][A-Za-z0-9_]*[?!]?):(?=[ \t\r\n])
    |:(?:(?P<atom>[A-Za-z_][A-Za-z0-9_@]*[?!]?)|(?P<quoted>"(?:[^"\\]|\\.)*"))
    |(?P<number>-?[0-9][0-9_]*(?![0-9A-Za-z_.]))
    |(?P<word>true|false|nil)(?![A-Za-z0-9_?!:.(])""",
    re.VERBOSE | re.DOTALL,
)
_SPREAD = frozenset({"space", "string", "strkey", "quoted"})
"""What may go over several lines."""
_ESCAPE = re.compile(r"\\(.)|#(?=\{)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "#": "#", "s": " ", "0": "\0", "e": "\x1b"}


def read(text: str, what: str, start: int = 0) -> tuple[Term, int]:
    """The literal that begins at `start`, and the offset behind it. Raises FormatError for anything else."""
    return _Reader(text, what, start).top()


def loads(text: str, what: str) -> Term:
    """A text that is one literal. Raises FormatError."""
    term, end = read(text, what)
    rest = re.sub(r"#[^\n]*", "", text[end:]) if len(text) - end < 10_000 else text[end:]
    if rest.strip():
        raise FormatError(f"{what} goes on behind its end", line=text.count("\n", 0, end) + 1)
    return term


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class _Reader:
    def __init__(self, text: str, what: str, start: int) -> None:
        self.text = text
        self.what = what
        self.at = start
        self.line = text.count("\n", 0, start) + 1
        self.count = 0

    def top(self) -> tuple[Term, int]:
        return self._term(self._next(), 1), self.at

    def _next(self) -> _Token:
        while True:
            match = _TOKEN.match(self.text, self.at)
            if match is None:
                raise self._error("holds something that is no plain data" if self.at < len(self.text) else "ends early")
            line, self.at = self.line, match.end()
            kind = match.lastgroup or ""
            if kind in _SPREAD:
                self.line += match[0].count("\n")
            if kind == "space":
                continue
            self.count += 1
            if self.count > MAX_TOKENS:
                raise self._error("holds too many parts")
            if kind in _SPREAD:
                plain = self._unescaped(match["quoted"] or match["string"])
                return _Token({"strkey": "key", "quoted": "atom"}.get(kind, kind), plain, line)
            return _Token(kind, match[kind], line)

    def _term(self, token: _Token, depth: int) -> Term:
        match token.kind:
            case "string":
                return token.text
            case "atom" | "word":
                return Atom(token.text)
            case "number":
                if len(token.text) > 30:
                    raise self._error("holds a number too large to read")
                return int(token.text.replace("_", ""))
            case "open":
                return self._sequence(token, depth)
        raise self._error("holds something that is no plain data")

    def _sequence(self, opening: _Token, depth: int) -> Sequence:
        if depth > MAX_DEPTH:
            raise self._error("is nested too deeply")
        closing = "]" if opening.text == "[" else "}"
        items: list[Term] = []
        keys: set[str] = set()
        token = self._next()
        while token.kind != "close":
            item = self._item(token, depth, arrows=opening.text == "%{")
            if isinstance(item, Pair):
                if item.key in keys:
                    raise FormatError(f"{self.what} has the key {item.key[:80]!a} twice", line=item.line)
                keys.add(item.key)
            elif opening.text == "%{":
                raise self._error("has a value without a key in a map")
            items.append(item)
            token = self._next()
            if token.kind == "comma":
                token = self._next()
            elif token.kind != "close":
                raise self._error("lacks a comma")
        if token.text != closing:
            raise self._error("closes what it did not open")
        return Sequence(opening.text, tuple(items), opening.line)

    def _item(self, token: _Token, depth: int, *, arrows: bool) -> Term:
        if token.kind == "key":
            return Pair(token.text, self._term(self._next(), depth + 1), token.line)
        term = self._term(token, depth + 1)
        if not arrows:
            return term
        arrow = self._next()
        if arrow.kind != "arrow" or not isinstance(term, str | Atom):
            raise self._error("has a value without a key in a map")
        key = term if isinstance(term, str) else term.name
        return Pair(key, self._term(self._next(), depth + 1), token.line)

    def _unescaped(self, quoted: str) -> str:
        def one(match: re.Match[str]) -> str:
            plain = _ESCAPES.get(match[1] or "")
            if plain is None:
                raise self._error("has an escape or an interpolation in a text")
            return plain

        return _ESCAPE.sub(one, quoted[1:-1]) if "\\" in quoted or "#{" in quoted else quoted[1:-1]

    def _error(self, message: str) -> FormatError:
        return FormatError(f"{self.what} {message}", line=self.line)
