"""Row 4: every CI file is read, its jobs' permissions are checked, and a sensor has completed each of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.domain.grants import ledger_document
from tidegate.domain.grants.following import Repository, named_by
from tidegate.domain.grants.ledger import Ledger, keep
from tidegate.domain.grants.rules import MALFORMED, RULES, UNSUPPORTED
from tidegate.domain.grants.sensing import Observation, Told, tell, without_echoes
from tidegate.domain.grants.wholly import findings
from tidegate.errors import FormatError, UndecidedError
from tidegate.formats.all_workflows import reader_for
from tidegate.formats.workflows.others import foreign_ci
from tidegate.model.control import Control
from tidegate.model.evidence import Blind, Coverage, Produced, Report
from tidegate.model.finding import Finding, Place, found
from tidegate.model.inventory import Inventory, TreeFile
from tidegate.ports import Sensed, Sensing, World
from tidegate.stages.task import Task

LIMIT = 1_000_000
# Where the sensor would look for its settings, were it asked to.
SENSOR_SETTINGS = frozenset({"zizmor.yml", "zizmor.yaml", ".github/zizmor.yml", ".github/zizmor.yaml"})
SUPPRESSION = re.compile(rb"# *zizmor: *ignore\[")
SUBMODULE = "160000"
# Files beside workflows that start foreign code; the sensor reads them, we have no model of them.
SENSED_ONLY = frozenset(
    {
        ".github/dependabot.yml",
        ".github/dependabot.yaml",
        ".pre-commit-config.yaml",
        ".pre-commit-hooks.yaml",
    }
)


def examine(task: Task, world: World) -> Report:
    """Repository-wide: every finding counts for every release."""
    desk = _Desk(task.inventory)
    desk.read(world)
    repository = Repository(task.inventory.workflows, named_by(task.inventory.source.remote))
    ledger = keep(repository)
    gitlab, settings = _gitlab(task.inventory)
    own = tuple(findings(repository, ledger))
    sensing, blind = _sense(world, desk.texts)
    told = tell(map(_observation, sensing.sensed), task.inventory.workflows) if sensing else Told((), 0, 0, 0)
    completed = sensing.completed if sensing else frozenset()
    refused = _refused(sensing, desk.texts) if sensing else []
    shipped = sorted(file.path for file in task.inventory.files if file.path in SENSOR_SETTINGS)
    comments = sum(len(SUPPRESSION.findall(text)) for text in desk.texts.values())
    return Report(
        control=Control.CI_TOKENS,
        coverage=tuple(_coverage(task.inventory, desk, completed, ledger)),
        findings=(
            *desk.findings,
            *refused,
            *without_echoes(own, told.findings),
            *gitlab,
        ),
        produced=_documents(task, ledger),
        blind=blind,
        rules=RULES,
        notes=(*_notes(told, shipped), *settings),
        facts=_facts(sensing, told, shipped, comments),
    )


@dataclass(slots=True)
class _Desk:
    """The files at hand: `texts` are readable, `findings` say which are not."""

    inventory: Inventory
    texts: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def read(self, world: World) -> None:
        for problem in self.inventory.problems:
            if problem.rule == MALFORMED.id:
                place = Place(problem.about, problem.line)
                self.findings.append(found(MALFORMED, problem.about, problem.message, place=place))
        for workflow in self.inventory.workflows:
            for problem in workflow.problems:
                place = Place(workflow.path, problem.line)
                self.findings.append(found(MALFORMED, problem.about, problem.message, place=place))
        for path in self.inventory.other_ci:
            message = f"{foreign_ci(path) or 'this CI system'} is not read yet"
            self.findings.append(found(UNSUPPORTED, path, message, place=Place(path)))
        for path in sorted({*(w.path for w in self.inventory.workflows), *self.sensed_only()}):
            try:
                self.texts[path] = world.files.read(path, LIMIT)
            except FormatError as error:
                self.findings.append(found(MALFORMED, path, error.message, place=Place(path, error.line)))

    def sensed_only(self) -> list[str]:
        return [file.path for file in self.inventory.files if file.path in SENSED_ONLY]

    def expected(self) -> set[str]:
        """Every path that should have become a workflow, whether or not the inventory made one of it."""
        listed = {file.path for file in self.inventory.files if reader_for(file.path) and not _foreign(file)}
        malformed = {problem.about for problem in self.inventory.problems if problem.rule == MALFORMED.id}
        return listed | malformed | {workflow.path for workflow in self.inventory.workflows}


def _sense(world: World, texts: dict[str, bytes]) -> tuple[Sensing | None, tuple[Blind, ...]]:
    if not texts:
        return None, ()
    try:
        sensing = world.workflow_sensor.sense(texts)
    except UndecidedError as error:
        return None, (Blind(error.message, error.hint),)
    silent = sorted(set(texts) - sensing.completed - set(sensing.refused))
    if silent:
        reason = f"the sensor did not complete {len(silent)} of {len(texts)} files, first `{silent[0]}`"
        return sensing, (Blind(reason, "run again; reinstall the sensor when it stays"),)
    return sensing, ()


def _refused(sensing: Sensing, texts: dict[str, bytes]) -> list[Finding]:
    return [
        found(MALFORMED, path, f"the sensor cannot read it: {reason}", place=Place(path))
        for path, reason in sorted(sensing.refused.items())
        if path in texts and path not in sensing.completed
    ]


def _observation(seen: Sensed) -> Observation:
    return Observation(
        ident=seen.ident,
        confidence=seen.confidence,
        message=seen.message,
        path=seen.path,
        line=seen.line,
        column=seen.column,
        job=seen.job,
        subject=seen.subject,
        ignored=seen.ignored,
        persona=seen.persona,
    )


def _foreign(file: TreeFile) -> bool:
    """Submodules, and installed packages nobody committed, bring files that this repository's CI does not read."""
    return file.mode == SUBMODULE or (not file.tracked and "node_modules" in file.path.split("/"))


def _documents(task: Task, ledger: Ledger) -> tuple[Produced, ...]:
    if not ledger.entries:
        return ()
    declared = {entry.about: entry.reason for entry in task.policy.controls.ci_tokens.grants}
    text = ledger_document.render(ledger, declared)
    return (Produced(ledger_document.NAME, ledger_document.MEDIA_TYPE, text),)


def _coverage(inventory: Inventory, desk: _Desk, completed: frozenset[str], ledger: Ledger) -> Iterator[Coverage]:
    """Only workflows, actions and pipelines keep the row from being empty; other files are counted beside them."""
    yield from _pipelines_covered(inventory)
    expected = desk.expected()
    examined = {workflow.path for workflow in inventory.workflows} & completed
    if expected or not inventory.pipelines:
        yield Coverage("workflow files", len(examined), len(expected))
    if not examined:
        return
    jobs = sum(len(workflow.jobs) for workflow in inventory.workflows)
    yield Coverage("jobs", jobs, jobs)
    grants = len(ledger.grants)
    if grants:
        # Each was looked at; what stayed unexplained is a finding, not something unseen.
        yield Coverage("write grants", grants, grants, detail=f"{ledger.explained} explained")
    others = desk.sensed_only()
    if others:
        yield Coverage("other CI files", sum(path in completed for path in others), len(others))


def _gitlab(inventory: Inventory) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Findings and notes about GitLab's pipelines."""
    if not inventory.pipelines:
        return (), ()
    from tidegate.domain.grants.gitlab import wholly  # most repositories have none

    return tuple(wholly.findings(inventory.pipelines)), tuple(wholly.notes(inventory))


def _pipelines_covered(inventory: Inventory) -> Iterator[Coverage]:
    """GitLab's files and jobs; no sensor reads those, so what our own reader has read was examined."""
    if not any("gitlab-ci" in file.path.lower() for file in inventory.files) and not inventory.pipelines:
        return
    from tidegate.formats.gitlab.reader import roots  # most repositories have none

    read = {path for pipeline in inventory.pipelines for path in pipeline.files}
    unread = {path for pipeline in inventory.pipelines for path in pipeline.unread}
    listed = {file.path for file in inventory.files if not _foreign(file)}
    expected = read | unread | set(roots(listed))
    if not expected:
        return
    yield Coverage("pipeline files", len(read - unread), len(expected))
    jobs = [job for pipeline in inventory.pipelines for job in pipeline.jobs]
    if jobs:
        yield Coverage("pipeline jobs", sum(not job.lost for job in jobs), len(jobs))


def _notes(told: Told, shipped: list[str]) -> tuple[str, ...]:
    notes = [f"`{path}` configures the sensor in this repository's favour; it is not followed" for path in shipped]
    if told.suppressed:
        notes.append(f"{told.suppressed} findings are suppressed by comments in CI files; comments are not exceptions")
    return tuple(notes)


def _facts(sensing: Sensing | None, told: Told, shipped: list[str], comments: int) -> tuple[tuple[str, str], ...]:
    if sensing is None:
        return ()
    return (
        ("hygiene", str(told.hygiene)),
        ("sensor", f"{sensing.tool} {sensing.version}"),
        ("sensor digest", sensing.digest),
        ("sensor settings not followed", str(len(shipped))),
        ("suppressed", str(told.suppressed)),
        ("suppression comments", str(comments)),
        ("unmapped", str(told.unmapped)),
    )
