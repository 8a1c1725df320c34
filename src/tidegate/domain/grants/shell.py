"""The simple commands of a script, near enough to tell what it starts; nothing is run and nothing is expanded."""

import re
from functools import lru_cache

MAX_SCRIPT = 200_000
MAX_COMMANDS = 4_000
Command = tuple[str, ...]

# A word's quoted and plain pieces, and what stands between words and commands. Every alternative takes at least one
# character and none can match the same text in two ways, so the time grows with the length alone.
_PIECE = re.compile(
    r"""(?P<skip>\\\r?\n|`\r?\n)|(?P<comment>(?:(?<=\s)|\A)\#[^\n]*)|(?P<space>[ \t\r]+)|(?P<end>[\n;|&(){}]+)"""
    r"""|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<plain>(?:[^\s;|&(){}'"\\]|\\.)+|.)""",
    re.DOTALL,
)
_SUBSTITUTION = re.compile(r"\$\(([^()]{1,4000})\)")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_EXPRESSION = re.compile(r"\$\{\{(?:[^}$]|\}(?!\})|\$(?!\{\{))*\}\}")
_STARTERS = frozenset(
    {"!", "if", "then", "else", "elif", "while", "until", "do", "time", "sudo", "exec", "command", "nohup", "env"}
    | {"npx", "bunx", "uvx", "xargs", "call"}
)
_RUNNERS = frozenset(
    {
        ("bundle", "exec"),
        ("poetry", "run"),
        ("uv", "run"),
        ("pipx", "run"),
        ("pdm", "run"),
        ("hatch", "run"),
        ("pnpm", "dlx"),
        ("pnpm", "exec"),
        ("yarn", "dlx"),
        ("npm", "exec"),
        ("python", "-m"),
        ("python3", "-m"),
    }
)


@lru_cache(maxsize=512)
def commands(script: str) -> tuple[Command, ...]:
    """Each command's words, without what merely starts another (`sudo`, `npx`, `uv run`), in order; bounded.

    Expressions (`${{ … }}`) stand as `$`, since their text is known only when the workflow runs.
    """
    found: list[Command] = []
    _split(_EXPRESSION.sub("$", script[:MAX_SCRIPT]), found, nested=True)
    return tuple(found)


def _split(script: str, found: list[Command], *, nested: bool) -> None:
    words: list[str] = []
    word: str | None = None
    for piece in _PIECE.finditer(script):
        kind, text = piece.lastgroup or "", piece[0]
        if kind in ("space", "comment", "skip", "end"):
            if word is not None:
                words.append(word)
                word = None
            if kind == "end":
                _keep(words, found)
                words = []
            continue
        inner = piece[kind]
        word = (word or "") + inner
        if kind == "double" and nested and "$(" in text:
            for part in _SUBSTITUTION.finditer(inner):
                _split(part[1], found, nested=False)
    if word is not None:
        words.append(word)
    _keep(words, found)


def _keep(words: list[str], found: list[Command]) -> None:
    start = 0
    while start < len(words):
        if words[start] in _STARTERS or _ASSIGNED.fullmatch(words[start]) or words[start] in ("-y", "--yes"):
            start += 1
        elif (_program(words[start]), *words[start + 1 : start + 2]) in _RUNNERS:
            start += 2
            while start < len(words) and words[start].startswith("-"):
                start += 1
        else:
            break
    if words[start:] and len(found) < MAX_COMMANDS:
        found.append((_program(words[start]), *words[start + 1 :]))


def _program(word: str) -> str:
    return word.rpartition("/")[2] or word
