"""Why a step needs a write scope: a known action, a known command or a known call of the API, each with its source."""

from dataclasses import dataclass

from tidegate.domain.grants import known_actions, known_calls, known_commands, shell
from tidegate.domain.grants.following import Worked
from tidegate.formats.text import shown
from tidegate.model.workflow import Step

SCRIPT = "actions/github-script"


@dataclass(frozen=True, slots=True)
class Reason:
    """`kind` is action, command, call, workflow or policy; `what` it is; `source` the document that says so."""

    kind: str
    what: str
    source: str
    path: str = ""
    line: int | None = None


def reasons(worked: Worked) -> dict[str, Reason]:
    """For each scope a step is known to need, the first reason."""
    return {
        scope: Reason(kind, what, source, worked.path, worked.step.line)
        for scope, (kind, what, source) in _needs(worked.step).items()
    }


def _needs_of_action(uses: str, with_: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, str, str]]:
    step = Step(uses=uses, with_=with_)
    found: dict[str, tuple[str, str, str]] = {}
    for row in known_actions.known(uses):
        if row.holds(step):
            for scope in sorted(row.scopes):
                found.setdefault(scope, ("action", row.action, row.source))
    return found


def _needs(step: Step) -> dict[str, tuple[str, str, str]]:
    if not step.uses:
        return _of_run(step.run)
    if known_actions.named(step.uses) == SCRIPT:
        return _of_script(step.given("script"))
    return _needs_of_action(step.uses, step.with_) if known_actions.known(step.uses) else {}


def _of_script(script: str) -> dict[str, tuple[str, str, str]]:
    found = {scope: ("call", SCRIPT, known_calls.SOURCE) for scope in sorted(known_calls.of_script(script))}
    if known_calls.asks_for_identity(script):
        found["id-token"] = ("call", "getIDToken", known_calls.OIDC)
    return found


def _of_run(script: str) -> dict[str, tuple[str, str, str]]:
    if not script:
        return {}
    found: dict[str, tuple[str, str, str]] = {}
    for command in shell.commands(script):
        for row in known_commands.known(command):
            for scope in sorted(row.scopes):
                found.setdefault(scope, ("command", row.shown, row.source))
        for scope in sorted(known_calls.of_command(command)):
            found.setdefault(scope, ("call", shown(" ".join(command[:2]), 60), known_calls.SOURCE))
    if known_calls.asks_for_identity(script):
        found.setdefault("id-token", ("call", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", known_calls.OIDC))
    return found
