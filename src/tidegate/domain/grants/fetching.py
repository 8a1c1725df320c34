"""Which steps bring files into a job that somebody outside has written: checkouts, downloads, foreign artifacts."""

import re
from dataclasses import dataclass

from tidegate.domain.grants import known_actions, script_shape
from tidegate.domain.grants.following import Worked
from tidegate.domain.grants.origins import Names, either
from tidegate.domain.grants.shell import Command
from tidegate.model.workflow import Step

CHECKOUT = "actions/checkout"
_CHECKOUTS = re.compile(r"[^/]+/[^/]*checkout[^/]*")
_GIT = frozenset(
    {"fetch", "checkout", "pull", "switch", "reset", "merge", "clone", "worktree", "cherry-pick", "remote", "rebase"}
)
_ARCHIVE = re.compile(r"tarball|zipball|archive|raw|\.patch|\.diff|/contents/", re.IGNORECASE)
_ARTIFACTS = re.compile(r"[^/]+/[^/]*download[^/]*artifact[^/]*")
_BY_SCRIPT = re.compile(r"\bdownloadArtifact\b|/artifacts?/[^\s]{0,80}zip")
RUN = "workflow_run"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a step brings in and into which folder, "" for the workspace itself or one that is not known.

    `rest` are the commands that the same step runs on it.
    """

    worked: Worked
    how: str
    folder: str
    certain: bool
    rest: tuple[Command, ...] = ()


def fetched(worked: Worked, names: Names) -> Fetched | None:
    """What a step brings in, None when nothing is known to come from outside."""
    step = worked.step
    if step.uses:
        return _by_action(worked, names)
    if not step.run:
        return None
    commands = script_shape.running(step.run)
    for index, words in enumerate(commands):
        how, certain = _by_command(words, commands, step, names)
        if how:
            return Fetched(worked, how, "", certain, commands[index + 1 :])
    return None


def _by_action(worked: Worked, names: Names) -> Fetched | None:
    step, action = worked.step, known_actions.named(worked.step.uses)
    if action == "actions/github-script":
        artifact = RUN in names.site.events and _BY_SCRIPT.search(step.given("script"))
        return Fetched(worked, "takes an artifact of the run that started it", "", True) if artifact else None
    if RUN in names.site.events and _ARTIFACTS.fullmatch(action):
        elsewhere = any(value for key, value in step.with_ if key.lower().replace("_", "-") in ("run-id", "workflow"))
        how = "takes an artifact of the run that started it"
        return Fetched(worked, how, _folder(step), True) if elsewhere else None
    if not _CHECKOUTS.fullmatch(action):
        return None
    texts = (step.given("ref"), step.given("repository")) if action == CHECKOUT else (v for _, v in step.with_)
    chosen = either(names.chosen(text) for text in texts if text)
    if chosen is False:
        return None
    return Fetched(worked, "checks out code from outside", _folder(step), chosen is True)


def _folder(step: Step) -> str:
    path = step.given("path").strip("./ ")
    return "" if "${{" in path or path.startswith("/") else path


def _by_command(words: Command, commands: tuple[Command, ...], step: Step, names: Names) -> tuple[str, bool]:
    outside = "checks out code from outside"
    if words[:3] == ("gh", "pr", "checkout"):
        return outside, True
    if words[:3] == ("gh", "pr", "diff") and any(
        c[:1] == ("patch",) or "apply" in c[:4] or "am" in c[:4] for c in commands
    ):
        return outside, True
    if RUN in names.site.events and (
        words[:3] == ("gh", "run", "download")
        or (words[0] in ("gh", "curl", "wget") and _BY_SCRIPT.search(" ".join(words)))
    ):
        return "takes an artifact of the run that started it", True
    fetches = words[0] == "git" and bool(_GIT & set(words[1:6]))
    fetches = fetches or (words[0] in ("curl", "wget", "gh") and _ARCHIVE.search(" ".join(words)) is not None)
    if not fetches:
        return "", False
    if words[0] == "git" and any("pull/" in word for word in words):
        return outside, True
    around = (*names.site.flow.env, *names.site.job.env, *step.env)
    used = [value for name, value in around if any(_uses(word, name) for word in words)]
    chosen = either(names.chosen(value) for value in used) if used else False
    # Expressions are taken out of the words, so the whole script is asked.
    if "$" in "".join(words) and (chosen or names.chosen(step.run)):
        return outside, True
    return "", False


def _uses(word: str, name: str) -> bool:
    return f"${name}" in word or f"${{{name}" in word
