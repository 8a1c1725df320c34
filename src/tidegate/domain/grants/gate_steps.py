"""The gate's own steps, and what would let a pipeline go on when the gate is shut."""

import re
from collections.abc import Iterator

from tidegate.domain.grants import known_actions, shell
from tidegate.domain.grants.following import Worked
from tidegate.domain.grants.reach import never
from tidegate.domain.grants.rules import GATE_TOOTHLESS
from tidegate.domain.grants.sites import Site
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.workflow import Step

NAME = "tidegate"
_VERBS = frozenset({"check", "review", "verify", "deps", "secrets", "ci", "rebuild"})
_OPERATOR = re.compile(r"(\|\||&&|[;|&\n])")
_DECIDES = re.compile(r"\btidegate +(?:-[^\s]{1,60} +){0,8}(?:check|review|verify|deps|secrets|ci|rebuild)\b")
_SHRUGS = re.compile(r"(?:true|:|exit +0|echo|printf)(?:\s|$)")
_GOES_ON = re.compile(r"^[ \t]{0,200}set +\+e\b", re.MULTILINE)
_ENDS_WELL = re.compile(r"(?:^|[\n;]) *exit +0\s*\Z")
_HANDS_ON = re.compile(r"\bexit +\"?\$")
_CALLED = re.compile(r"(?:^|[ /_-])tidegate(?:$|[ /_.-])", re.IGNORECASE)


def check(site: Site) -> Iterator[Finding]:
    """One finding a job, about its first fault."""
    guards = [worked for worked in site.steps if is_gate(worked.step)]
    called = any(map(is_named, (site.job.id, site.job.name, site.job.calls)))
    if not guards and not called:
        return
    for fault, worked in (*_of_job(site), *_of_steps(guards)):
        place = Place(worked.path, worked.step.line) if worked else site.place
        message = f"the gate in job `{site.job.id}` does not hold: {fault}"
        yield found(GATE_TOOTHLESS, site.about, message, place=place)
        return


def is_named(text: str) -> bool:
    """Does a job's name say that it is the gate?"""
    return _CALLED.search(text) is not None


def is_gate(step: Step) -> bool:
    """Does a step run tidegate, as an action or as a command that decides?"""
    if step.uses:
        action = known_actions.named(step.uses)
        return NAME in action.split("/")[-1] or NAME in action.split("/")[1:2]
    return any(
        words[0] == NAME and _VERBS & set(words[1:]) for words in (shell.commands(step.run) if NAME in step.run else ())
    )


def _of_job(site: Site) -> Iterator[tuple[str, Worked | None]]:
    if _on(site.job.continue_on_error):
        yield "`continue-on-error` of the job", None
    if never(site.job.if_):
        yield f"`if: {shown(site.job.if_, 60)}` of the job is never true", None


def _of_steps(guards: list[Worked]) -> Iterator[tuple[str, Worked | None]]:
    for worked in guards:
        step = worked.step
        if _on(step.continue_on_error):
            yield "`continue-on-error` of the step", worked
        if never(step.if_):
            yield f"`if: {shown(step.if_, 60)}` of the step is never true", worked
        lost = swallowed(step)
        if lost:
            yield f"`{shown(lost, 80)}` swallows its exit code", worked


def swallowed(step: Step) -> str:
    """The words of a script after which the gate's exit code is lost, "" when it ends the step."""
    script = step.run.replace("\\\n", " ")
    if "--exit-zero" in script or "--exit-zero" in step.given("args"):
        return "--exit-zero"
    pieces = _OPERATOR.split(script)
    for index in range(0, len(pieces) - 2, 2):
        if _DECIDES.search(pieces[index]) and _loses(pieces[index + 1], pieces[index + 2], step, script):
            following = pieces[index + 2].split()[:1]
            return " ".join(("tidegate …", pieces[index + 1], *(word[:20] for word in following)))
    goes_on = _GOES_ON.search(script) or _ENDS_WELL.search(script)
    return goes_on[0].strip() if goes_on and not _HANDS_ON.search(script) else ""


def _loses(operator: str, following: str, step: Step, script: str) -> bool:
    """Is the exit code of a command lost to what follows it?"""
    if operator == "|":
        # Without `shell: bash` a step's shell lacks `pipefail`: a pipe ends with the code of its last command.
        return step.shell != "bash" and "pipefail" not in script
    if operator in ("||", ";"):
        return _SHRUGS.match(following.strip()) is not None
    return operator == "&"


def _on(text: str) -> bool:
    """Anything but a plain `false`: an expression may be true."""
    return text.strip().lower() not in ("", "false", "${{ false }}")
