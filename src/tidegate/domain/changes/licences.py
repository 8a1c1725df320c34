"""Licences of changed packages against the policy: SPDX expressions, read as choices."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from tidegate.domain.changes import rules
from tidegate.domain.changes.change import Change, named
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Place, found

MAX_LENGTH = 1000
MAX_DEPTH = 20
_NO, _UNKNOWN, _YES = range(3)
"""In this order OR is the greatest of its parts and AND the least."""
_VERDICTS = (False, None, True)
_TOKEN = re.compile(r"\s*([()]|[A-Za-z0-9.+:-]+)\s*")


@dataclass(frozen=True, slots=True)
class Licences:
    """What the policy says: `allow` names all that may be used, or `deny` what may not."""

    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()

    @classmethod
    def of(cls, allow: Collection[str], deny: Collection[str]) -> "Licences":
        """Identifiers ignore case (SPDX 2.3, annex D.2)."""
        return cls(frozenset(map(_folded, allow)), frozenset(map(_folded, deny)))

    def __bool__(self) -> bool:
        return bool(self.allow or self.deny)

    def accepts(self, licence: str) -> bool | None:
        """May it be used? None when nothing says, since it is no SPDX expression. With OR the user chooses."""
        if not licence.strip():
            return None
        try:
            return _VERDICTS[_Reader(licence, self._leaf).read()]
        except ValueError:
            # A text that is no expression ("SEE LICENSE IN …") is at any rate none of the allowed ones.
            return False if self.allow else None

    def _leaf(self, name: str) -> int:
        whole, bare = _folded(name), _folded(name.lower().partition(" with ")[0])
        # An exception only gives more rights than its licence; one that is denied by itself stays denied.
        if self.allow:
            return _YES if whole in self.allow or bare in self.allow else _NO
        if {whole, bare} & self.deny:
            return _NO
        # An identifier nobody knows may be another name of a denied licence.
        return _YES if _is_known(name.partition(" with ")[0]) else _UNKNOWN


def check(changes: Iterable[Change], licences: Licences) -> Iterator[Finding]:
    """Findings about packages that are newly locked, or locked under another licence than before."""
    if not licences:
        return
    for change in changes:
        after, before = change.after, change.before
        if after is None or (before is not None and change.same_version and before.licence == after.licence):
            continue
        at = Place(change.path, after.line)
        verdict = licences.accepts(after.licence)
        if verdict is None:
            what = f"`{shown(after.licence, 80)}`, which is no SPDX expression" if after.licence.strip() else "nothing"
            message = f"{named(after)} says {what} about its licence"
            yield found(rules.LICENCE_UNKNOWN, after.purl, message, place=at)
        elif not verdict:
            was = f", before it was `{shown(before.licence, 80)}`" if before and before.licence != after.licence else ""
            message = f"{named(after)} is under `{shown(after.licence, 80)}`{was}"
            yield found(rules.LICENCE, f"{after.purl}#{subject(after.licence, 80)}", message, place=at)


def _folded(name: str) -> str:
    """One spelling for what SPDX spells in two ways: `GPL-3.0` is `GPL-3.0-only`, `GPL-3.0+` is `GPL-3.0-or-later`."""
    licence, exception, rest = " ".join(name.lower().split()).partition(" with ")
    licence = licence.removesuffix("-only")
    return (f"{licence[:-1]}-or-later" if licence.endswith("+") else licence) + exception + rest


def _is_known(identifier: str) -> bool:
    from cyclonedx.spdx import fixup_id  # heavy to import, and only a deny list asks

    return fixup_id(identifier.removesuffix("+")) is not None


class _Reader:
    """A recursive descent over an expression: OR of AND of licences, exceptions and parentheses (annex D.4)."""

    def __init__(self, text: str, leaf: Callable[[str], int]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._leaf = leaf

    def read(self) -> int:
        value = self._any(0)
        if self._next():
            raise ValueError("something follows the expression")
        return value

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token

    def _any(self, depth: int) -> int:
        value = self._all(depth)
        while self._next().upper() == "OR":
            self._take()
            value = max(value, self._all(depth))
        return value

    def _all(self, depth: int) -> int:
        value = self._one(depth)
        while self._next().upper() == "AND":
            self._take()
            value = min(value, self._one(depth))
        return value

    def _one(self, depth: int) -> int:
        word = self._take()
        if word == "(":
            if depth >= MAX_DEPTH:
                raise ValueError("too deep")
            value = self._any(depth + 1)
            if self._take() != ")":
                raise ValueError("a parenthesis is not closed")
            return value
        if not word or word == ")" or word.upper() in {"AND", "OR", "WITH"}:
            raise ValueError("a licence is missing")
        if self._next().upper() == "WITH":
            self._take()
            exception = self._take()
            if not exception or exception in "()":
                raise ValueError("an exception is missing")
            word = f"{word} with {exception}"
        return self._leaf(word)


def _tokens(text: str) -> list[str]:
    if len(text) > MAX_LENGTH:
        raise ValueError("too long")
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError("not an expression")
        tokens.append(match[1])
        at = match.end()
    return tokens
