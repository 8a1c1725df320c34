"""Gemfile and gems.rb are programs: the gems they name plainly are read, everything else makes them computed."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from tidegate.formats import repopath
from tidegate.formats.locks import pins
from tidegate.formats.locks.gemfile_lock import ECOSYSTEM as ECOSYSTEM
from tidegate.formats.manifests import candidates
from tidegate.formats.manifests.ruby_lines import Arguments, arguments, statements
from tidegate.formats.text import decode, shown, subject
from tidegate.model.package import Manifest, Problem

FORMAT = "Gemfile"
LIMIT = 2 * 1024 * 1024
LOCKS = {"Gemfile": "Gemfile.lock", "gems.rb": "gems.locked"}
_SOURCED = frozenset({"git", "github", "gist", "bitbucket", "gitlab", "path", "source"})
_PLATFORMS = frozenset({"platform", "platforms", "install_if"})
_CALL = re.compile(r"([a-z_]+)\b\s*(.*)", re.DOTALL)
_BLOCK = re.compile(r"\bdo(?:\s*\|[a-z_, ]*\|)?$")
_OPENS = re.compile(r"(?:if|unless|case|begin|while|until|for|def|class|module)\b")
_GIT_SOURCE = re.compile(r"git_source\(?\s*:[a-z_]+\)?\s*(?:\{.*\}|do\s*\|[a-z_]+\|)", re.DOTALL)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in LOCKS


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a Gemfile. A wish is `name@requirements`, with `!` at its end where its source is named. Raises FormatError.

    Gems of some platforms only are `optional`: the lock may do without them.
    """
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=LIMIT, what="the manifest")
    reader = _Reader(path)
    for number, statement in statements(text):
        reader.take(number, statement)
    lock = repopath.join(repopath.folder(path), LOCKS[path.rsplit("/", 1)[-1]])
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=tuple(reader.requires),
        optional=tuple(reader.optional),
        locks=(lock,) if lock in candidates.beside(path, present) else (),
        problems=tuple(reader.problems),
        dynamic=reader.dynamic or bool(reader.blocks),
    )


@dataclass(slots=True)
class _Reader:
    path: str
    blocks: list[str] = field(default_factory=list)
    """What each open block does to the gems inside: "" nothing, `sourced`, `platforms`, or `unread`."""
    requires: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    dynamic: bool = False

    def take(self, number: int, statement: str) -> None:
        if statement == "end":
            if self.blocks:
                self.blocks.pop()
            else:
                self.dynamic = True
            return
        if "unread" in self.blocks:
            self._skip(statement)
            return
        if _GIT_SOURCE.fullmatch(statement):
            if not statement.endswith("}"):
                self.blocks.append("unread")
            return
        block = _BLOCK.search(statement)
        call = _CALL.fullmatch(statement[: block.start()] if block else statement)
        said = arguments(call[2]) if call else None
        if _OPENS.match(statement) or (block and (call is None or not self._opened(call[1], said))):
            self.dynamic = True
            self._skip(statement)
        elif not block and (call is None or not self._called(number, call[1], said, call[2])):
            self.dynamic = True

    def _skip(self, statement: str) -> None:
        if re.match(r"gem\b", statement):
            self.dynamic = True
        if (_OPENS.match(statement) or _BLOCK.search(statement)) and not re.search(r"\bend$", statement):
            self.blocks.append("unread")

    def _opened(self, word: str, said: Arguments | None) -> bool:
        """Does a block have a known meaning?"""
        if word == "group":
            self.blocks.append("")
        elif word in ("platforms", "platform"):
            self.blocks.append("platforms")
        elif word in ("source", "git", "path", "github") and said is not None:
            self.blocks.append("sourced")
        else:
            return False
        return True

    def _called(self, number: int, word: str, said: Arguments | None, rest: str) -> bool:
        """Is a line understood in full?"""
        if word == "gem":
            return said is not None and self._gem(said)
        if word == "source":
            self.sources.append(said.texts[0] if said and said.texts else rest)
            if len(set(self.sources)) > 1:
                url = pins.without_secrets(self.sources[-1])
                message = f"`{shown(url, 80)}` is a second source for every gem"
                self.problems.append(Problem("index-mixed", f"{self.path}#{subject(url)}", message, number))
            return said is not None and len(said.texts) == 1
        return word == "ruby"

    def _gem(self, said: Arguments) -> bool:
        if not said.texts or not re.fullmatch(r"[A-Za-z0-9._-]+", said.texts[0]):
            return False
        own = "sourced" in self.blocks or bool(_SOURCED & said.options.keys())
        wish = f"{said.texts[0]}@{', '.join(said.texts[1:])}" + ("!" if own else "")
        some = "platforms" in self.blocks or bool(_PLATFORMS & said.options.keys())
        (self.optional if some else self.requires).append(wish)
        return True
