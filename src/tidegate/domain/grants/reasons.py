"""Why a step needs a write scope: a known action, a known command or a known call of the API, each with its source."""

import re
from dataclasses import dataclass, replace

from tidegate.domain.grants import known_actions, known_calls, known_commands, script_shape
from tidegate.domain.grants.following import Repository, Worked
from tidegate.domain.grants.reach import never
from tidegate.model.workflow import Step

SCRIPT = "actions/github-script"
_SCRIPTS = ("command", "run", "script")
"""Inputs by which an action is told a command to run."""
_TOLD = re.compile(r"retry|witness|emulator|xvfb|docker-run|run-on|[/-](?:vm|run|exec|shell)\b")
"""Names of actions that are there to run a command (`retry`, `witness-run`, emulators)."""
_REMARK = re.compile(r"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)
_NOT_RUN = re.compile(r"-[a-z]*n[a-z]*|--noexec")
_OTHERS = frozenset(
    {"true", "false", "echo", "cat", "tee", "printf", "test", ":", "node", "ruby", "perl", "php", "deno", "bun"}
)
_SHELL = re.compile(
    r"(?:.*[/\\])?(?:ba|z|da|k|fi|nu)?sh(?:\.exe)?|(?:.*[/\\])?(?:pwsh|powershell|cmd)(?:\.exe)?|msys2|.*-shell|alpine\.sh"
)


@dataclass(frozen=True, slots=True)
class Reason:
    """`kind` is action, command, call, workflow or policy; `what` it is; `source` the document that says so."""

    kind: str
    what: str
    source: str
    path: str = ""
    line: int | None = None


def reasons(worked: Worked, repository: Repository) -> dict[str, Reason]:
    """For each scope a step is known to need, the first reason. A local action counts as what it is published as."""
    step = worked.step
    if step.uses:
        step = replace(step, uses=repository.published(step.uses))
    return {
        scope: Reason(kind, what, source, worked.path, step.line)
        for scope, (kind, what, source) in _needs(step).items()
    }


def _needs_of_action(step: Step) -> dict[str, tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    for row in known_actions.known(step.uses):
        if row.holds(step):
            for scope in sorted(row.scopes):
                found.setdefault(scope, ("action", row.action, row.source))
    return found


def _needs(step: Step) -> dict[str, tuple[str, str, str]]:
    if never(step.if_):
        return {}
    if not step.uses:
        return _of_run(step.run) if _by_a_shell(step.shell) else _of_program(step.run)
    if known_actions.named(step.uses) == SCRIPT:
        return _of_script(step.given("script"))
    found = _needs_of_action(step)
    for name in _SCRIPTS if _TOLD.search(known_actions.named(step.uses)) else ():
        for scope, why in _of_run(step.given(name)).items():
            found.setdefault(scope, why)
    return found


def _of_script(script: str) -> dict[str, tuple[str, str, str]]:
    found = dict.fromkeys(sorted(known_calls.of_script(script)), ("call", SCRIPT, known_calls.SOURCE))
    if known_calls.asks_for_identity(known_calls.bare(script)):
        found["id-token"] = ("call", "getIDToken", known_calls.OIDC)
    return found


def _by_a_shell(shell_: str) -> bool:
    """Does the text of a step's `shell` run its script as commands? A program of another language does not."""
    words = shell_.lower().split()
    if not words:
        return True
    first = words[0].replace("\\", "/").rpartition("/")[2]
    if first in _OTHERS or first.startswith("python") or any(_NOT_RUN.fullmatch(word) for word in words[1:]):
        return False
    told = next((words[index + 1 :] for index, word in enumerate(words[:-1]) if word == "-c"), None)
    return any(_SHELL.fullmatch(word) for word in words) and (
        told is None or (told[0].startswith(("'", '"')) and "{0}" in shell_) or "{0}" in told[0]
    )


def _of_run(script: str) -> dict[str, tuple[str, str, str]]:
    if not script:
        return {}
    found: dict[str, tuple[str, str, str]] = {}
    own = {each.function for each in script_shape.placed(script)}
    for command in script_shape.running(script):
        if command[0] in own:
            continue
        for row in known_commands.known(command):
            for scope in sorted(row.scopes):
                found.setdefault(scope, ("command", row.shown, row.source))
        for scope in sorted(known_calls.of_command(command)):
            found.setdefault(scope, ("call", "gh api" if command[0] == "gh" else command[0], known_calls.SOURCE))
    return found | _of_program(script)


def _of_program(script: str) -> dict[str, tuple[str, str, str]]:
    """What the text of a program in any language shows."""
    asks = known_calls.asks_for_identity(_REMARK.sub(" ", script))
    return {"id-token": ("call", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", known_calls.OIDC)} if asks else {}
