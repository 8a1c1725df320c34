"""A script's commands where they stand: alone, inside something, asked and not obeyed, or never reached.

Nothing is run and nothing is expanded. What cannot be told is read as if it ran; what certainly does not is the text of
here-documents, branches of constants, functions nobody calls, and whatever stands behind the end of the script.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from tidegate.domain.grants import script_pieces, shell
from tidegate.domain.grants.script_pieces import Placed
from tidegate.domain.grants.shell import Command

MAX_INSIDE = 3
"""Substitutions in substitutions that are opened."""
MAX_MARKED = 20
"""Compounds in compounds whose commands are told what follows them."""

_TOKEN = re.compile(
    r"""(?P<skip>\\\r?\n|`\r?\n)|(?P<comment>\#[^\n]*)|(?P<space>[ \t\r]+)|(?P<line>\n)"""
    r"""|(?P<here><<-?[ \t]{0,8}(?:'[^'\n]{1,80}'|"[^"\n]{1,80}"|\\?[\w.!-]{1,80}))"""
    r"""|(?P<redirect><<<|[0-9]*[<>]&-?|&>>?|>\|)|(?P<operator>&&|\|\||\|&|;;&?|;&|[;|&])"""
    r"""|(?P<substitution>[$<>]\(|`)|(?P<open>\()|(?P<close>\))"""
    r"""|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<plain>(?:\$\{[^{}\n]*\}|\\.|[^\s;|&()'"`\\$<>#])+|.)""",
    re.DOTALL,
)
_REDIRECT = re.compile(r"[0-9]*(?:<<<|[<>]{1,2}|[<>]&-?|&>>?)")
_OPENERS = {"if": "fi", "while": "done", "until": "done", "for": "done", "select": "done", "case": "esac", "{": "}"}
_CLOSERS = frozenset(_OPENERS.values())
LOSING = frozenset({"||", "|", "|&", "&"})
"""Operators behind a compound by which its exit code is lost, or may be."""


@dataclass(slots=True)
class _Frame:
    """Something with an end. `status` is how its commands so far always end, `answer` what its condition says."""

    opener: str = ""
    closer: str = ""
    first: int = 0
    asking: bool = False
    negated: bool = False
    dead: bool = False
    function: str = ""
    before: str = ""
    status: bool | None = None
    answer: bool | None = None


@lru_cache(maxsize=256)
def placed(script: str) -> tuple[Placed, ...]:
    """Every command that can be made out, in order; bounded like `shell.commands`."""
    reader = _Reader()
    reader.read(shell.plainly(script))
    return tuple(_with_uncalled(reader.found))


@lru_cache(maxsize=256)
def running(script: str) -> tuple[Command, ...]:
    """The commands that may run."""
    return tuple(each.words for each in placed(script) if not each.dead)


def _with_uncalled(found: list[Placed]) -> Iterator[Placed]:
    """What only stands in functions that nobody calls never runs."""
    called: set[str] = set()
    for _ in range(8):
        more = {each.words[0] for each in found if not each.dead and each.function in ("", *called)}
        if more <= called:
            break
        called |= more
    for each in found:
        yield replace(each, dead=True) if each.function and each.function not in called else each


@dataclass(slots=True)
class _Reader:
    depth: int = 0
    found: list[Placed] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=lambda: [_Frame()])
    words: list[str] = field(default_factory=list)
    word: str | None = None
    bare: bool = True
    negated: bool = False
    over: bool = False
    named: str = ""
    documents: list[str] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    closed: _Frame | None = None
    """What has just ended, until the operator behind it is known."""
    unclosed: bool = False

    def read(self, script: str) -> None:
        position = 0
        while position < len(script):
            token = _TOKEN.match(script, position)
            if token is None:
                break
            kind, position = token.lastgroup or "", token.end()
            if kind == "comment" and self.word is not None:
                # Inside a word `#` is a letter.
                kind, position = "plain", token.start() + 1
                self._text("plain", "#")
            elif kind == "substitution":
                position = self._substitution(script, token)
            elif kind in ("single", "double", "plain", "redirect"):
                self._text(kind, token[kind])
            elif kind == "open":
                self._open()
            elif kind == "close":
                self._end("")
                self._close(")")
            elif kind not in ("skip", "comment"):
                self._word_ends()
                if kind == "here":
                    self.documents.append(token[0].lstrip("<-").strip().strip("'\"\\"))
                elif kind == "operator":
                    self._end(token[0])
                elif kind == "line":
                    self._end("\n")
                    position = self._behind_documents(script, position)
        self._end("")

    def _behind_documents(self, script: str, position: int) -> int:
        for wanted in self.documents:
            end = re.compile(rf"^[ \t]*{re.escape(wanted)}[ \t\r]*$", re.MULTILINE).search(script, position)
            position = end.end() if end else len(script)
        self.documents.clear()
        return position

    def _substitution(self, script: str, token: re.Match[str]) -> int:
        """Take out `$( … )` and what stands in backticks; without an end it is text."""
        end = -1 if self.unclosed else script_pieces.end_of(script, token.end(), token[0])
        self._text("double", "$")
        if end < 0:
            self.unclosed = True
            return token.end()
        self.inner.append(script[token.end() : end])
        return end + 1

    def _text(self, kind: str, text: str) -> None:
        if kind == "double" and not self.unclosed and self.depth < MAX_INSIDE:
            self.inner.extend(script_pieces.inside(text))
        self.bare = kind == "plain" and (self.bare or self.word is None)
        self.word = (self.word or "") + text

    def _word_ends(self) -> None:
        word, bare, self.word, self.bare = self.word, self.bare, None, True
        if word is None:
            return
        if self.words[:1] == ["function"] and word == "{":
            self.named, self.words = (self.words[1:] or [word])[0], []
        if self.words or not bare or not self._reserved(word):
            self.words.append(word)

    def _reserved(self, word: str) -> bool:
        """Does a word at the place of a command belong to the shell's grammar? It is taken in then."""
        frame = self.frames[-1]
        if word == "!":
            self.negated = not self.negated
        elif word in ("then", "do"):
            frame.asking = False
            frame.answer = frame.status if frame.opener != "until" else script_pieces.opposite(frame.status)
            frame.dead, frame.status = frame.dead or (frame.answer is False and frame.opener != "for"), None
        elif word in ("elif", "else") and frame.opener == "if":
            above = self.frames[-2]
            frame.asking, frame.dead, frame.status = (
                word == "elif",
                self._outer_dead(above) or frame.answer is True,
                None,
            )
        elif word in _CLOSERS:
            self._end("")
            self._close(word)
        elif word in _OPENERS:
            self._push(_Frame(word, _OPENERS[word], asking=word in ("if", "while", "until")))
            return word not in ("for", "select", "case")
        else:
            return word == "time"
        return True

    def _open(self) -> None:
        if self.word is not None and not self.words:
            self.named, self.word = self.word, None
        elif self.words[:1] == ["function"]:
            self._word_ends()
            self.named, self.words = (self.words[1:] or ["function"])[0], []
        self._end("")
        self._push(_Frame("(", ")"))

    def _push(self, frame: _Frame) -> None:
        outer = self.frames[-1]
        if self.named and frame.opener in ("{", "(") and not (frame.opener == "(" and self.named.startswith("()")):
            frame.function = self.named
        frame.first, frame.negated, self.negated = len(self.found), self.negated, False
        frame.dead = self._outer_dead(outer)
        frame.asking = frame.asking or outer.asking
        frame.function = frame.function or outer.function
        self.frames.append(frame)

    def _outer_dead(self, outer: _Frame) -> bool:
        return outer.dead or self.over or _skips(outer)

    def _close(self, closer: str) -> None:
        frame = self.frames[-1]
        if len(self.frames) == 1 or frame.closer != closer:
            return
        self.frames.pop()
        self.frames[-1].status = None
        empty = closer == ")" and frame.first == len(self.found) and bool(self.named)
        # `name()` opens and closes a bracket with nothing in it before the body comes.
        self.named = self.named if empty else ""
        self.closed = None if empty else frame

    def _end(self, operator: str) -> None:
        self._word_ends()
        frame, words = self.frames[-1], self.words
        if words[:1] == ["function"]:
            self.named = (words[1:] or [""])[0]
        elif words:
            self._keep(tuple(words), operator)
        elif self.closed is not None and operator:
            self._mark(self.closed, operator)
        if operator:
            frame.before = operator
            if operator not in ("&&", "||"):
                frame.status = frame.status if frame.asking else None
            self.closed, self.negated = None, False
        self.words, self.inner = [], []

    def _mark(self, ended: _Frame, operator: str) -> None:
        """What follows a compound follows what is in it."""
        if len(self.frames) <= MAX_MARKED and (operator in LOSING or ended.negated):
            for index in range(ended.first, len(self.found)):
                self.found[index] = replace(self.found[index], after=operator if operator in LOSING else "||")

    def _keep(self, words: Command, operator: str) -> None:
        frame = self.frames[-1]
        dead = self._outer_dead(frame)
        while words and _REDIRECT.fullmatch(words[0]):
            words = words[2:]
        if not words or len(self.found) >= shell.MAX_COMMANDS:
            return
        status = None if operator in ("|", "|&", "&") else script_pieces.constant(words)
        status = script_pieces.opposite(status) if self.negated else status
        command = shell.started(words)
        if command:
            self.found.append(
                Placed(
                    command,
                    frame.before,
                    operator,
                    len(self.frames) - 1,
                    asked=frame.asking or self.negated,
                    dead=dead,
                    function=frame.function,
                )
            )
        for script in (*self.inner, *shell.handed_on(command)):
            self._nested(script, operator, dead, taken=not command)
        if not _skips(frame):
            frame.status = status
        alone = (
            len(self.frames) == 1 and frame.before not in ("&&", "||", "|", "|&") and operator not in ("|", "|&", "&")
        )
        self.over = self.over or (alone and (words[0] == "exit" or (words[0] == "exec" and len(words) > 1)))

    def _nested(self, script: str, operator: str, dead: bool, *, taken: bool) -> None:
        """What stands in a substitution. An assignment takes the exit code of the one command in it (`taken`)."""
        if self.depth >= MAX_INSIDE:
            return
        reader = _Reader(self.depth + 1)
        reader.read(script)
        frame, room = self.frames[-1], shell.MAX_COMMANDS - len(self.found)
        for each in reader.found[: max(room, 0)]:
            whole = taken and len(reader.found) == 1 and not each.inside
            self.found.append(
                replace(
                    each,
                    before=frame.before if whole else each.before,
                    after=operator if whole else each.after,
                    inside=each.inside + len(self.frames) - 1,
                    asked=each.asked or frame.asking or self.negated,
                    quoted=each.quoted or not whole,
                    dead=each.dead or dead,
                    function=each.function or frame.function,
                )
            )


def _skips(frame: _Frame) -> bool:
    return (frame.before == "&&" and frame.status is False) or (frame.before == "||" and frame.status is True)
