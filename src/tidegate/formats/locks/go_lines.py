"""go.mod and go.work, taken apart into directives (Go Modules Reference, "Lexical elements")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.text import decode, shown

MAX_LINE = 20_000
MAX_LINES = 200_000
_TOKEN = re.compile(r'\s+|"((?:[^"\\]|\\.)*)"|`([^`]*)`|(=>|[(),])|([^\s"`(),]+)')


@dataclass(frozen=True, slots=True)
class Directive:
    """One line or one line of a block: its verb, its words, the comment after `//`, and its 1-based line."""

    verb: str
    words: tuple[str, ...]
    comment: str
    line: int

    @property
    def indirect(self) -> bool:
        return self.comment == "indirect" or self.comment.startswith("indirect;")


def directives(raw: bytes, *, limit: int, what: str) -> Iterator[Directive]:
    """Every directive in order. Raises FormatError for what Go would refuse to read."""
    text = decode(raw, limit=limit, what=what)
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise FormatError(f"{what} has more than {MAX_LINES} lines")
    block = ""
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            raise FormatError(f"{what} has a line too long to read", line=number)
        words, comment = _split(line.removesuffix("\r"), number, what)
        if not words:
            continue
        if block:
            if words == [")"]:
                block = ""
                continue
            yield Directive(block, tuple(words), comment, number)
        elif words[-1] == "(" and len(words) == 2:
            block = words[0]
        else:
            yield Directive(words[0], tuple(words[1:]), comment, number)
    if block:
        raise FormatError(f"{what} has a block that does not end")


def _split(line: str, number: int, what: str) -> tuple[list[str], str]:
    """The words of a line, and its comment."""
    words: list[str] = []
    at = 0
    while at < len(line):
        if line.startswith("//", at):
            return words, line[at + 2 :].strip()
        match = _TOKEN.match(line, at)
        if match is None:
            raise FormatError(f"{what} has a line that is no directive: `{shown(line, 60)}`", line=number)
        word = next((part for part in match.groups() if part is not None), None)
        at = match.end()
        if word is None:
            continue
        if match[4] and "//" in word:
            word, _, _ = word.partition("//")
            at = match.start() + len(word)
        words.append(word)
    return words, ""
