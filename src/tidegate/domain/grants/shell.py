"""The simple commands of a script, near enough to tell what it starts; nothing is run and nothing is expanded."""

import re
from functools import lru_cache

MAX_SCRIPT = 200_000
MAX_COMMANDS = 4_000
MAX_INSIDE = 2
"""Scripts in scripts that are opened."""
Command = tuple[str, ...]

# A word's quoted and plain pieces, and what stands between words and commands. Every alternative takes at least one
# character and none can match the same text in two ways, so the time grows with the length alone.
_PIECE = re.compile(
    r"""(?P<skip>\\\r?\n|`\r?\n)|(?P<comment>(?:(?<=\s)|\A)\#[^\n]*)|(?P<space>[ \t\r]+)|(?P<end>[\n;|&(){}]+)"""
    r"""|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<plain>(?:[^\s;|&(){}'"\\]|\\.)+|.)""",
    re.DOTALL,
)
_SUBSTITUTION = re.compile(r"\$\(([^()]{1,4000})\)")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=.*", re.DOTALL)
_EXPRESSION = re.compile(r"\$\{\{(?:[^}$]|\}(?!\})|\$(?!\{\{))*\}\}")
_STARTERS = frozenset({"!", "if", "then", "else", "elif", "while", "until", "do", "call"})
# What starts another command, and its options that take the next word.
_WRAPPERS: dict[str, frozenset[str]] = {
    "bunx": frozenset({"-p", "--package"}),
    "command": frozenset(),
    "env": frozenset({"-u", "--unset", "-C", "--chdir", "-S"}),
    "exec": frozenset({"-a"}),
    "ionice": frozenset({"-c", "-n", "-p"}),
    "nice": frozenset({"-n", "--adjustment"}),
    "nohup": frozenset(),
    "npx": frozenset({"-p", "--package", "--node-options"}),
    "setsid": frozenset(),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "sudo": frozenset({"-u", "--user", "-g", "--group", "-h", "-p", "-C", "-D", "-R", "-T", "-U"}),
    "time": frozenset({"-o", "-f"}),
    "timeout": frozenset({"-k", "--kill-after", "-s", "--signal"}),
    "uvx": frozenset({"--from", "--with", "-p", "--python", "--index-url"}),
    "xargs": frozenset({"-n", "-I", "-P", "-L", "-d", "-a", "-E", "-s"}),
    "xvfb-run": frozenset({"-s", "-n", "-e", "-f", "-p", "-w"}),
}
_RUNNER_OPTIONS = frozenset({"--with", "--extra", "--group", "--python", "-p", "--package", "--from", "--spec"})
_FETCHERS = frozenset({"npx", "bunx", "uvx"})
_FETCHING = frozenset({("pipx", "run"), ("pnpm", "dlx"), ("yarn", "dlx"), ("npm", "exec"), ("uv", "x")})
FETCHED = "fetched"
"""Stands before a command that is fetched to be run, beside the command itself."""
SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh"})
_TOLD = re.compile(r"-[a-z]{0,6}c")
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
    _split(plainly(script), found, 0)
    return tuple(found)


def _split(script: str, found: list[Command], depth: int) -> None:
    words: list[str] = []
    word: str | None = None
    for piece in _PIECE.finditer(script):
        kind, text = piece.lastgroup or "", piece[0]
        if kind in ("space", "comment", "skip", "end"):
            if word is not None:
                words.append(word)
                word = None
            if kind == "end":
                _keep(words, found, depth)
                words = []
            continue
        inner = piece[kind]
        word = (word or "") + inner
        if kind == "double" and depth < MAX_INSIDE and "$(" in text:
            for part in _SUBSTITUTION.finditer(inner):
                _split(part[1], found, depth + 1)
    if word is not None:
        words.append(word)
    _keep(words, found, depth)


def _keep(words: list[str], found: list[Command], depth: int) -> None:
    command = started(tuple(words))
    if command and len(found) < MAX_COMMANDS:
        found.append(command)
        if _program(words[0]) in _FETCHERS or tuple(words[:2]) in _FETCHING:
            found.append((FETCHED, *command))
        for script in handed_on(command) if depth < MAX_INSIDE else ():
            _split(script, found, depth + 1)


def plainly(script: str) -> str:
    """A script as far as it is read, with `$` for its expressions."""
    return _EXPRESSION.sub("$", script[:MAX_SCRIPT])


def started(words: Command) -> Command:
    """The command that words start in the end, () when they start none."""
    start = 0
    while start < len(words):
        word = words[start]
        name = _program(word)
        if name in _WRAPPERS:
            start = _behind(words, start + 1, _WRAPPERS[name], name == "timeout")
        elif word in _STARTERS or _ASSIGNED.fullmatch(word) or word in ("-y", "--yes"):
            start += 1
        elif (name, *words[start + 1 : start + 2]) in _RUNNERS:
            start = _behind(words, start + 2, _RUNNER_OPTIONS, False)
        else:
            break
    return (_program(words[start]), *words[start + 1 :]) if words[start:] else ()


def handed_on(command: Command) -> tuple[str, ...]:
    """Scripts that a command is told to run: `bash -c …`, `eval …`."""
    if command[:1] == ("eval",):
        return (" ".join(command[1:]),)
    if command and command[0] in SHELLS:
        for index, word in enumerate(command[1:-1], start=1):
            if _TOLD.fullmatch(word):
                return (command[index + 1],)
    return ()


def _behind(words: Command, start: int, options: frozenset[str], operand: bool) -> int:
    """Where the command begins behind a wrapper's own options."""
    while start < len(words) and words[start].startswith("-"):
        start += 2 if words[start] in options else 1
    return start + operand


def _program(word: str) -> str:
    return word.rpartition("/")[2] or word
