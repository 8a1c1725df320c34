"""One repository's rows, from a commit's objects alone: in a process without tokens, each row in a child of it."""

import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tidegate import __version__
from tidegate.all_stages import ROWS
from tidegate.cli import wire
from tidegate.cli.fleet.question import Answer, Asked, Question
from tidegate.errors import NotARepository, TidegateError, UndecidedError
from tidegate.formats import fleet_result
from tidegate.formats.records import dump
from tidegate.model.control import Control, Scope
from tidegate.model.digest import Digest
from tidegate.model.exit_code import ExitCode
from tidegate.model.fleet import Cell, Examined, Told
from tidegate.model.release import Release
from tidegate.model.verdict import Judged, Run, Verdict
from tidegate.policy.schema import Policy
from tidegate.ports import CIFacts

MOST_TOLD = 50
MOST_TEXT = 500
SECONDS = 300.0


def answer(question: Question) -> Answer:
    """What became of one repository. Whatever is wrong with it is said of it alone."""
    folder = Path(tempfile.mkdtemp(prefix="tidegate-fleet-"))
    try:
        policy = _policy(question.asked)
        root, commit = _commit(question, policy, folder)
        if question.known and commit == question.known:
            return Answer(same=True)
        return Answer(fleet_result.render(_examined(question, policy, root, commit)))
    except TidegateError as error:
        return Answer(fleet_result.render(undecided(question, error.message, error.hint)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def undecided(question: Question, why: str, hint: str) -> Examined:
    asked, listed = question.asked, question.listed
    return Examined(
        name=listed.name,
        address=listed.address,
        ref=listed.ref,
        commit="",
        policy=asked.policy_digest,
        question=asked.question,
        day=today(),
        exit_code=ExitCode.UNDECIDED,
        why=why[:MOST_TEXT] or "no reason given",
        hint=hint[:MOST_TEXT],
    )


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def _policy(asked: Asked) -> Policy:
    """The policy of this digest. Raises UndecidedError when the text is that of another, or the tool is."""
    if asked.tool != __version__:
        raise UndecidedError(f"the worker is tidegate {__version__}, not {asked.tool}", hint="install the same on all")
    if str(Digest.of(asked.policy.encode())) != asked.text_digest:
        raise UndecidedError("the worker was given another policy than it was told", hint="run it again")
    policy = Policy.model_validate_json(asked.policy)
    if policy.digest != asked.policy_digest:
        raise UndecidedError("the worker's policy has another digest", hint="run it again")
    return policy


def _commit(question: Question, policy: Policy, folder: Path) -> tuple[Path, str]:
    """Where the repository's objects are, and the commit to look at."""
    place, ref = question.place, question.listed.ref
    if "://" not in place:
        root = Path(place)
        if (root / ".git").exists():
            return root, _resolved(root, ref)
        if not (root / "objects").is_dir():
            raise NotARepository(f"there is no repository at `{question.listed.address}`", hint="clone it there")
        place = root.as_uri()
    fetcher = wire.fetcher(place, folder, SECONDS)
    oid = fetcher.resolve(ref)
    if oid == question.known:
        return folder, oid
    whole = Control.SECRETS in question.asked.rows and policy.controls.secrets.history == "all"
    return folder, fetcher.fetch(oid, whole=whole)


def _resolved(root: Path, ref: str) -> str:
    from tidegate.cli.gate import branch

    git = wire.git(root)
    commit = (branch(git, ref) or git.resolve(ref)) if ref else git.resolve("HEAD")
    if commit is None:
        raise UndecidedError(f"there is no commit `{ref or 'HEAD'}`", hint="fetch it, or name another ref")
    return commit


def _examined(question: Question, policy: Policy, root: Path, commit: str) -> Examined:
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    asked, listed, day = question.asked, question.listed, today()
    means = wire.Means(
        root=str(root),
        taken=str(root / ".git" / "nothing-is-taken"),
        evidence="",
        facts=CIFacts("local", ()),
        database=asked.database,
        cache=asked.cache,
        commit=commit,
    )
    ask = Ask(
        scope=Scope.EXAMINE,
        policy=policy,
        releases=tuple(Release(each.name, each.root) for each in policy.model.releases)
        or (Release("repository", "."),),
        means=dump(means),
        only=frozenset(asked.rows),
    )
    run = Runner(wire.forked_workers(_perform), wire.clock(), lambda _text: None).run(ask)
    return Examined(
        name=listed.name,
        address=listed.address,
        ref=listed.ref,
        commit=commit,
        policy=policy.digest,
        question=asked.question,
        day=day,
        exit_code=run.exit_code,
        cells=_cells(run),
        notes=run.notes,
    )


def _perform(task: str, payload: str) -> str:
    from tidegate.cli import worker

    worker.bound()
    return worker.perform(task, json.loads(payload), ROWS)


def _cells(run: Run) -> tuple[Cell, ...]:
    return tuple(_cell(verdict) for verdict in run.verdicts if verdict.control in run.rows)


def _cell(verdict: Verdict) -> Cell:
    judged = sorted(verdict.findings, key=lambda each: not each.shuts)
    return Cell(
        control=verdict.control,
        release=verdict.release,
        outcome=verdict.outcome,
        count=sum(each.shuts for each in judged),
        told=tuple(_told(each) for each in judged[:MOST_TOLD]),
        reasons=tuple(reason[:MOST_TEXT] for reason in verdict.reasons),
        seen=tuple(f"{each.what}: {each.examined} of {each.expected}" for each in verdict.coverage),
    )


def _told(judged: Judged) -> Told:
    finding = judged.finding
    place = finding.place
    return Told(
        rule=finding.rule,
        level="allowed" if judged.exemption else judged.level.value,
        about=finding.about[:MOST_TEXT],
        message=finding.message[:MOST_TEXT],
        path=place.path if place else "",
        line=place.line if place else None,
    )
