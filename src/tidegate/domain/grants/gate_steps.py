"""The gate's own steps, and what would let a pipeline go on when the gate is shut."""

import re
from collections.abc import Iterator

from tidegate.domain.grants import gate_scripts, known_actions, publishing
from tidegate.domain.grants.following import Worked
from tidegate.domain.grants.gate_scripts import NAME, VERBS
from tidegate.domain.grants.reach import condition, goes_on, never, only_after_failure, plain
from tidegate.domain.grants.rules import GATE_TOOTHLESS
from tidegate.domain.grants.sites import Site
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.workflow import Job, Step

_CALLED = re.compile(r"(?:^|[ /_-])tidegate(?:$|[ /_.-])", re.IGNORECASE)
# Text that whoever proposes the change writes.
_PROPOSED = re.compile(
    r"github\.(?:head_ref\b|event\.(?:pull_request\.(?:title|body|head\.(?:ref|label))|head_commit\.message|commits\b"
    r"|comment\.body|issue\.(?:title|body)))"
)
# Variables by which something else runs instead of the gate, or inside it.
_SHIMS = frozenset(
    {"PATH", "BASH_ENV", "ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"}
)


def check(site: Site) -> Iterator[Finding]:
    """One finding a job, about its first fault."""
    guards = [worked for worked in site.steps if is_gate(worked.step)]
    called = any(map(is_named, (site.job.id, site.job.name, site.job.calls)))
    faults = (*_of_job(site), *_of_steps(guards, site)) if guards or called else tuple(_passed_by(site))
    for fault, worked in faults:
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
    return gate_scripts.mentions(step.run)


def _of_job(site: Site) -> Iterator[tuple[str, Worked | None]]:
    if _on(site.job.continue_on_error):
        yield "`continue-on-error` of the job", None
    for fault in _of_condition(site.job.if_):
        yield f"{fault} of the job", None


def _of_steps(guards: list[Worked], site: Site) -> Iterator[tuple[str, Worked | None]]:
    windows = any("windows" in label.lower() for label in site.job.runs_on)
    around = {name.upper() for name, _ in (*site.flow.env, *site.job.env)}
    for worked in guards:
        step = worked.step
        if _on(step.continue_on_error):
            yield "`continue-on-error` of the step", worked
        for fault in _of_condition(step.if_):
            yield f"{fault} of the step", worked
        shims = sorted(_SHIMS & (around | {name.upper() for name, _ in step.env}))
        if shims:
            yield f"`env` sets `{shims[0]}`, so something else can run in its place", worked
        lost = gate_scripts.fault(step, windows=windows) if step.run else _asked(step)
        if lost:
            yield lost, worked


def _of_condition(text: str) -> Iterator[str]:
    if never(text):
        yield f"`if: {shown(text, 60)}` is never true, which is the condition"
    elif only_after_failure(text):
        yield f"`if: {shown(text, 60)}` is true only when something else has failed, which is the condition"
    elif _PROPOSED.search(plain(condition(text))):
        yield f"`if: {shown(text, 60)}` is decided by whoever proposes the change, which is the condition"


def _asked(step: Step) -> str:
    """What is wrong with the inputs of the action."""
    words = step.given("args").split()
    useless = next((word for word in words if word in gate_scripts.USELESS), "")
    if useless:
        return f"`{shown(useless, 80)}` swallows its exit code"
    command = step.given("command").split()
    if command and "$" not in command[0] and not VERBS & set(command):
        return f"`{shown(' '.join(command), 80)}` decides nothing"
    return ""


def _passed_by(site: Site) -> Iterator[tuple[str, Worked | None]]:
    """A job that waits for the gate and goes on whatever it says, with something to lose."""
    text = condition(site.job.if_)
    if not goes_on(text) or "needs." in plain(text):
        return
    needed = [job for job in site.flow.jobs if job.id in site.job.needs and _guards(job)]
    if needed and (site.writes() or site.job.environment or any(map(publishing.publishes, site.steps))):
        yield f"`if: {shown(site.job.if_, 60)}` of the job goes on when `{needed[0].id}` has shut it", None


def _guards(job: Job) -> bool:
    return any(map(is_named, (job.id, job.name, job.calls))) or any(map(is_gate, job.steps))


def _on(text: str) -> bool:
    """Anything but a plain `false`: an expression may be true."""
    return text.strip().lower() not in ("", "false", "${{ false }}")
