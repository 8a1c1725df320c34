"""Conditions of GitLab rules decided for one way a pipeline can start: true, false, or not known here.

Follows "CI/CD job rules, expressions". Nothing is guessed: a variable that is not among the given ones is not known.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

Truth = bool | None
"""None: not known before the pipeline runs."""
Value = str | None

CHOSEN = "\0chosen"
"""A name that whoever pushes chooses, among those that are not protected: no literal equals it."""
DEFAULT = "\0default"
UNKNOWN = "\0unknown"

MAX_TEXT = 4_000
MAX_DEPTH = 30
_TOKEN = re.compile(
    r"""\s*(?:(?P<op>==|!=|=~|!~|&&|\|\||\(|\))|\$\{?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}?"""
    r"""|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<regex>/(?:[^/\\]|\\.)+/[imsU]*)|(?P<null>null\b))"""
)
# Without quantifiers and dots a pattern costs no time and means the same to every engine.
_SIMPLE = re.compile(r"/\^?[A-Za-z0-9_|()-]{1,200}\$?/")


def decide(text: str, known: Mapping[str, Value]) -> Truth:
    """The truth of an expression; None as well when it cannot be parsed."""
    tokens = _tokens(text)
    if tokens is None:
        return None
    reader = _Reader(tokens, known)
    try:
        found = reader.either(0)
    except _OddError:
        return None
    return found if reader.done() else None


def both(left: Truth, right: Truth) -> Truth:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: Truth, right: Truth) -> Truth:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


class _OddError(Exception):
    """No expression of GitLab's."""


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[tuple[str, str], ...] | None:
    if len(text) > MAX_TEXT:
        return None
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return None
        kind = match.lastgroup or ""
        found.append(("text" if kind in ("double", "single") else kind, match[kind]))
        at = match.end()
    return tuple(found)


class _Reader:
    def __init__(self, tokens: tuple[tuple[str, str], ...], known: Mapping[str, Value]) -> None:
        self.tokens = tokens
        self.known = known
        self.at = 0

    def done(self) -> bool:
        return self.at == len(self.tokens)

    def either(self, depth: int) -> Truth:
        found = self._both(depth)
        while self._takes("||"):
            found = either(found, self._both(depth))
        return found

    def _both(self, depth: int) -> Truth:
        found = self._compared(depth)
        while self._takes("&&"):
            found = both(found, self._compared(depth))
        return found

    def _compared(self, depth: int) -> Truth:
        if self._takes("("):
            if depth > MAX_DEPTH:
                raise _OddError
            found = self.either(depth + 1)
            if not self._takes(")"):
                raise _OddError
            return found
        kind, left = self._operand()
        for sign in ("==", "!=", "=~", "!~"):
            if self._takes(sign):
                found = _compare(left, sign[1] == "~", *self._operand())
                return found if sign[0] == "=" else _not(found)
        if kind not in ("name", "text"):
            raise _OddError
        return None if left == UNKNOWN else bool(left)

    def _operand(self) -> tuple[str, Value]:
        if self.done():
            raise _OddError
        kind, text = self.tokens[self.at]
        if kind == "op":
            raise _OddError
        self.at += 1
        if kind == "name":
            return kind, self.known.get(text, UNKNOWN)
        return kind, None if kind == "null" else text

    def _takes(self, sign: str) -> bool:
        if not self.done() and self.tokens[self.at] == ("op", sign):
            self.at += 1
            return True
        return False


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _compare(left: Value, matches: bool, kind: str, right: Value) -> Truth:
    if UNKNOWN in (left, right):
        return None
    if not matches:
        return left == right
    if left is None:
        return False
    if left in (CHOSEN, DEFAULT) or kind != "regex" or right is None or not _SIMPLE.fullmatch(right):
        return None
    try:
        return re.search(right[1:-1], left) is not None
    except re.error:
        return None
