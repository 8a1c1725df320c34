"""Which steps run files of the working tree, where those files are somebody else's.

Whatever is not known to leave them alone counts as running them: nearly every build tool reads a file that says what
to run.
"""

import re
from dataclasses import dataclass

from tidegate.domain.grants import foreign_code, known_actions, script_shape
from tidegate.domain.grants.fetching import Fetched
from tidegate.domain.grants.following import Repository, Worked, local
from tidegate.domain.grants.shell import Command
from tidegate.formats.text import shown
from tidegate.model.workflow import Step

# Programs that read, copy, compare or send files and start nothing that stands in them.
_HARMLESS = frozenset(
    [
        "[",
        "[[",
        ":",
        ".",
        "awk",
        "base64",
        "basename",
        "break",
        "case",
        "cat",
        "cd",
        "chmod",
        "chown",
        "cmp",
        "comm",
        "continue",
        "cp",
        "curl",
        "cut",
        "date",
        "declare",
        "df",
        "diff",
        "dirname",
        "du",
        "echo",
        "egrep",
        "exit",
        "export",
        "expr",
        "false",
        "fgrep",
        "file",
        "for",
        "function",
        "gawk",
        "getopts",
        "gh",
        "git",
        "grep",
        "gunzip",
        "gzip",
        "head",
        "hostname",
        "id",
        "jq",
        "let",
        "ln",
        "local",
        "ls",
        "md5sum",
        "mkdir",
        "mktemp",
        "mv",
        "openssl",
        "paste",
        "popd",
        "printf",
        "pushd",
        "pwd",
        "read",
        "readlink",
        "readonly",
        "realpath",
        "return",
        "rm",
        "rmdir",
        "rsync",
        "sed",
        "select",
        "seq",
        "set",
        "sha1sum",
        "sha256sum",
        "sha512sum",
        "shift",
        "shopt",
        "sleep",
        "sort",
        "split",
        "stat",
        "strings",
        "tail",
        "tar",
        "tee",
        "test",
        "touch",
        "tr",
        "trap",
        "true",
        "tree",
        "type",
        "uname",
        "uniq",
        "unset",
        "unzip",
        "wait",
        "wc",
        "wget",
        "which",
        "whoami",
        "xmllint",
        "xz",
        "yq",
        "zip",
        "zstd",
    ]
) - {"."}
# Actions that run what the tree says, and not only on the event's own code.
_RUNNERS = re.compile(
    r"[^/]+/(?:[^/]*(?:lint|pre-commit|megalinter)[^/]*|[^/]*retry[^/]*)|pre-commit/action|goreleaser/goreleaser-action"
    r"|docker/(?:build-push|bake)-action|depot/(?:build-push|bake)-action|cypress-io/github-action"
    r"|github/codeql-action/autobuild|gradle/gradle-build-action|bahmutov/npm-install|changesets/action|borales/.*"
)
_SCRIPT_LOADS = re.compile(
    r"\b(?:require|import)\s*\(\s*[^)]{0,80}(?:\./|workspace|cwd)|\bexec\.(?:exec|getExecOutput)\b"
)
_PROGRAM_STARTS = re.compile(
    r"\bsubprocess\b|\bos\.(?:system|exec|popen)|\bexec\w*\(|\brequire\(|\bimport_module\b|\bsystem\("
)
_INPUTS = ("command", "run", "script")


@dataclass(frozen=True, slots=True)
class Executed:
    """What is run, "" when nothing; `certain` where it is known to run files of the tree."""

    text: str = ""
    certain: bool = True


def runs(worked: Worked, brought: Fetched, repository: Repository) -> Executed:
    """What a step runs of what was brought in."""
    step, folder = worked.step, brought.folder
    if worked is brought.worked:
        return Executed(_first(brought.rest))
    if step.uses.startswith(("./", "$/")) or step.uses == ".":
        path = local(step.uses) or ""
        inside = path == folder or path.startswith(folder + "/") or "../" in step.uses
        return Executed(f"`{shown(step.uses, 120)}`" if not folder or inside else "")
    if folder and not _there(step, folder):
        return Executed()
    if step.uses:
        return _by_action(step, repository)
    if step.shell and not re.search(r"sh\b|cmd|shell", step.shell.lower()):
        starts = _PROGRAM_STARTS.search(step.run[:200_000])
        return Executed(f"a script of `{shown(step.shell, 40)}`" if starts else "")
    return Executed(command(step.run))


def command(script: str) -> str:
    """The first command of a script that is not known to leave the tree alone."""
    return foreign_code.command(script) or _first(script_shape.running(script), script)


def _first(commands: tuple[Command, ...], script: str = "") -> str:
    own = {each.function for each in script_shape.placed(script)} if script else set()
    for words in commands:
        if words[0] in own or (words[0] in _HARMLESS and not _hands_over(words)):
            continue
        return f"`{foreign_code.plainly(words)}`"
    return ""


def _hands_over(words: Command) -> bool:
    """Does a harmless program start something of the tree all the same?"""
    return words[0] == "git" and "submodule" in words[1:4] and "--recursive" in words


def _there(step: Step, folder: str) -> bool:
    """Is a step at work in the folder? One that goes to where a variable or pattern says may be."""
    texts = (step.folder, step.run, *(value for _, value in (*step.with_, *step.env)))
    return (
        any(folder in text for text in texts) or re.search(r"(?:\bcd|-C|pushd) +\S{0,200}[*?$]", step.run) is not None
    )


def _by_action(step: Step, repository: Repository) -> Executed:
    action = known_actions.named(step.uses)
    if action.startswith("docker://"):
        return Executed()
    name = f"`{shown(action, 120)}`"
    if action == "actions/github-script":
        return Executed(name if _SCRIPT_LOADS.search(step.given("script")[:200_000]) else "")
    for key in _INPUTS:
        what = command(step.given(key)) if _RUNNERS.fullmatch(action) else ""
        if what:
            return Executed(what)
    if _RUNNERS.fullmatch(action):
        return Executed(name)
    return Executed("" if foreign_code.trusted(step, repository) else name, certain=False)
