"""Which steps run code that is not the job's own: packages, builds, tests, and actions nobody here has looked at."""

import itertools
import re

from tidegate.domain.grants import known_actions, known_commands, shell
from tidegate.domain.grants.following import Repository, Worked
from tidegate.domain.grants.gate_scripts import NAME
from tidegate.formats.text import shown
from tidegate.model.workflow import Step

_ANY = frozenset({""})
# Program to the subcommands that run or install foreign code; "" stands for all of them.
_PROGRAMS: dict[str, frozenset[str]] = {
    "ant": _ANY,
    "bash": _ANY,
    "bazel": _ANY,
    "build": _ANY,
    "bun": frozenset({"i", "install", "add", "run", "test", "x", "build"}),
    "bundle": frozenset({"", "install", "update", "add"}),
    "cargo": frozenset(
        {"build", "test", "run", "install", "bench", "check", "clippy", "nextest", "package", "publish"}
    ),
    "cmake": _ANY,
    "composer": frozenset({"i", "install", "update", "require", "run", "test"}),
    "deno": frozenset({"run", "test", "task", "install"}),
    "docker": frozenset({"run", "compose"}),
    "docker-compose": _ANY,
    "dotnet": frozenset({"build", "restore", "test", "run", "pack", "publish", "tool"}),
    "eval": _ANY,
    "gem": frozenset({"install"}),
    "go": frozenset({"build", "test", "run", "install", "generate", "get", "tool"}),
    "gradle": _ANY,
    "gradlew": _ANY,
    "hatch": frozenset({"build", "test", "run"}),
    "java": _ANY,
    "jest": _ANY,
    "just": _ANY,
    "make": _ANY,
    "meson": _ANY,
    "mix": _ANY,
    "mvn": _ANY,
    "mvnw": _ANY,
    "ninja": _ANY,
    "node": _ANY,
    "nox": _ANY,
    "npm": frozenset(
        {
            "ci",
            "i",
            "install",
            "run",
            "run-script",
            "exec",
            "cit",
            "install-test",
            "install-ci-test",
            "test",
            "start",
            "add",
            "t",
            "it",
            "rebuild",
        }
    ),
    "pdm": frozenset({"install", "sync", "build", "add"}),
    "phpunit": _ANY,
    "pip": frozenset({"install", "wheel"}),
    "pip3": frozenset({"install", "wheel"}),
    "pipx": frozenset({"install", "run"}),
    "pnpm": frozenset({"i", "install", "run", "test", "add", "build"}),
    "poetry": frozenset({"install", "build", "update", "add"}),
    "pre-commit": _ANY,
    "pypy": _ANY,
    "pytest": _ANY,
    "python": _ANY,
    "python3": _ANY,
    "rake": _ANY,
    "rspec": _ANY,
    "ruby": _ANY,
    "sbt": _ANY,
    "sh": _ANY,
    "source": _ANY,
    "swift": frozenset({"build", "test", "run"}),
    "task": _ANY,
    "terraform": frozenset({"apply", "init", "plan"}),
    "tox": _ANY,
    "uv": frozenset({"sync", "build", "pip"}),
    "yarn": _ANY,
}
_SCRIPT = re.compile(r"(?:\./|\$GITHUB_WORKSPACE/|\$\{GITHUB_WORKSPACE\}/)?[\w./-]+\.(?:sh|py|js|mjs|cjs|ts|rb|pl|ps1)")
_WORD = re.compile(r"[A-Za-z0-9._/:@$-]{1,32}")
_BY_PATH = re.compile(r"(?:^|[\n;|&(]|\b(?:sudo|then|do|else|time|if|!) )[ \t]{0,80}(\.{1,2}/[\w./-]{1,200})")
_VARIABLE = re.compile(r"\$[A-Za-z_]\w*")
_VERSIONED = re.compile(r"^(python|pip|pypy)(?:3(?:\.[0-9]{1,2})?)?$")
_FIRST = frozenset({"actions", "github"})
# Owners whose actions set up a toolchain or log in to their own service.
_LOOKED_AT = frozenset(
    {
        "anchore",
        "astral-sh",
        "aws-actions",
        "azure",
        "docker",
        "dtolnay",
        "google-github-actions",
        "goreleaser",
        "hashicorp",
        "ko-build",
        "oven-sh",
        "pnpm",
        "pypa",
        "ruby",
        "rust-lang",
        "sigstore",
        "slsa-framework",
        "step-security",
    }
)


def runs(worked: Worked, repository: Repository) -> str:
    """What foreign code a step runs, in a few words; "" when it runs none that is known as such."""
    step = worked.step
    if step.uses:
        if known_actions.named(step.uses).split("/")[1:2] == [NAME]:
            return ""
        return "" if trusted(step, repository) else f"`{shown(known_actions.named(step.uses), 120)}`"
    return command(step.run)


def command(script: str) -> str:
    """The first command of a script that runs foreign code, "" when there is none."""
    for words in shell.commands(script) if script else ():
        if words[0] == shell.FETCHED:
            if not known_commands.known(words[1:]) and words[1] != NAME:
                return f"`{plainly(words[1:])}`, fetched to be run"
            continue
        if _VARIABLE.fullmatch(words[0]):
            return f"`{shown(words[0], 30)}`"
        rows = _PROGRAMS.get(_VERSIONED.sub(r"\1", words[0]))
        if rows is not None and (rows is _ANY or next((w for w in words[1:] if not w.startswith("-")), "") in rows):
            return f"`{plainly(words)}`"
        if _SCRIPT.fullmatch(words[0]):
            return f"`{plainly(words[:1])}`"
    path = _BY_PATH.search(script[: shell.MAX_SCRIPT])
    return f"`{shown(path[1], 60)}`" if path else ""


def plainly(words: shell.Command) -> str:
    """The first words of a command, up to one that could be a credential."""
    safe = list(itertools.takewhile(lambda word: _WORD.fullmatch(word) is not None, words[:3]))
    return " ".join(safe) or shown(words[0], 30)


def trusted(step: Step, repository: Repository) -> bool:
    """Is an action the platform's, this owner's, in the table of known actions, or of an owner looked at?"""
    action = known_actions.named(step.uses)
    owner = action.partition("/")[0]
    if action.startswith(("./", "$/")) or owner in _FIRST or owner in _LOOKED_AT:
        return True
    own = repository.name.partition("/")[0].lower()
    return (own != "" and owner == own) or bool(known_actions.known(step.uses))
