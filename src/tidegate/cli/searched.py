"""The searches `tidegate baseline` rests on: the tree, and where asked the history and the built artifacts."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.acts import Ask
from tidegate.cli import wire
from tidegate.cli.accepting import Match
from tidegate.cli.gate import Gate, bare_releases, take_releases
from tidegate.cli.where import Asked, question
from tidegate.domain.secrets import rules
from tidegate.errors import FormatError, UnavailableError, UserError
from tidegate.formats.records import dump, from_plain
from tidegate.formats.secret_baseline import Entry
from tidegate.model.control import Control, Scope
from tidegate.model.search import Search
from tidegate.model.verdict import Outcome, Run
from tidegate.policy.durations import duration
from tidegate.policy.schema import Policy
from tidegate.ports import Done, Job
from tidegate.runner import Runner

_GAPS = frozenset(each.id for each in (rules.HISTORY, rules.UNSCANNED, rules.ARTIFACT, rules.IMAGE, rules.TOO_MANY))


def with_baseline(policy: Policy, name: str, text: str) -> Policy:
    """The policy as if it named this baseline."""
    plain = json.loads(policy.model_dump_json(by_alias=True))
    rules = plain["model"]["controls"]["secrets"]
    rules |= {"baseline": name, "required": True, "reason": None}
    plain["files"][name] = text
    return Policy.model_validate_json(json.dumps(plain))


@dataclass(slots=True)
class Searched:
    """What was searched so far, under the policy of `made`."""

    made: Gate
    past: list[Run] = field(default_factory=list)
    artifacts: bool = False

    def runs(self, paths: Sequence[str], *, history: bool, artifacts: bool) -> list[Run]:
        """Search, and judge by what the baseline accepts already. Raises UserError, UnavailableError."""
        self.past = [self._run(each) for each in self._questions(paths, history)]
        if artifacts:
            self.past.append(self._run(None))
        self.artifacts = artifacts
        return self.past

    def _questions(self, paths: Sequence[str], history: bool) -> list[Search]:
        """The tree, and as much of the history as the gate itself would search; with `history`, all of it."""
        made, named = self.made, tuple(paths)
        asked = [Asked(named)]
        rule = made.policy.controls.secrets.history
        if history or (rule == "all" and made.head):
            asked.append(Asked(named, history=True))
        elif rule == "since-base" and made.head and (base := self._base()):
            asked.append(Asked(named, range=f"{base}..{made.head}"))
        return [question(each, made.root, made.git) for each in asked]

    def _base(self) -> str:
        """What the next release, or else the next review, is compared with; "" where there is nothing."""
        git, head = self.made.git, self.made.head
        branch = git.default_branch()
        base = git.previous_tag(head) or (git.merge_base(branch, head) if branch else None)
        return base if base and base != head else ""

    def _run(self, search: Search | None) -> Run:
        made = self.made
        ask = Ask(
            scope=Scope.EXAMINE,
            policy=made.policy,
            releases=bare_releases(made) if search else take_releases(made),
            means=made.means(),
            only=frozenset({Control.SECRETS}),
            question=dump(search) if search else "",
        )
        run = Runner(wire.workers(say=made.progress), wire.clock(), made.progress).run(ask)
        for verdict in run.verdicts:
            if verdict.outcome is Outcome.UNDECIDED and not verdict.findings and not verdict.coverage:
                told = "; ".join(verdict.reasons) or "no reason was given"
                raise UnavailableError(f"the search failed: {told}", hint="run `tidegate secrets` to see more")
        return run

    def matches(self, sha1s: Sequence[str], paths: Sequence[str], history: bool) -> tuple[Match, ...]:
        """Which values of what is found have one of these hashes. The values stay in the worker."""
        found: list[Match] = []
        for asked in [Asked(tuple(paths))] + ([Asked(tuple(paths), history=True)] if history else []):
            search = dump(question(asked, self.made.root, self.made.git))
            policy = self.made.policy.model_dump_json(by_alias=True)
            text = (
                f'{{"means":{self.made.means()},"policy":{policy},"search":{search},"sha1":{json.dumps(list(sha1s))}}}'
            )
            found += from_plain(tuple[Match, ...], self._answer(Job("matches", "matches", text)))
        return tuple(found)

    def refuse_credentials(self, *texts: str) -> None:
        """What is written into a baseline is published with it."""
        payload = f'{{"means":{self.made.means()},"payloads":{json.dumps(list(texts))}}}'
        kinds = self._answer(Job("payloads", "payloads", payload))
        if kinds:
            raise UserError("`--owner` or `--reason` holds a credential", hint="word them without it, and revoke it")

    def _answer(self, job: Job) -> object:
        deadline = duration(self.made.policy.model.limits.deadline).total_seconds()
        done = next(iter(wire.workers(say=self.made.progress).run([job], deadline)), Done(job.id))
        if done.failed or not done.text:
            raise UnavailableError(f"the search failed: {done.failed or 'no answer'}", hint=done.hint or "run it again")
        try:
            plain: object = json.loads(done.text)
        except (FormatError, ValueError, RecursionError):
            raise UnavailableError("the search failed: its worker gave no answer", hint="run it again") from None
        return plain

    def gaps(self) -> list[str]:
        """What was to be searched and was not."""
        told = [reason for run in self.past for v in run.verdicts for reason in v.reasons]
        found = (j.finding for run in self.past for v in run.verdicts for j in v.findings)
        return list(dict.fromkeys([*told, *(f.message for f in found if f.rule in _GAPS)]))

    def tell_gaps(self) -> None:
        from tidegate.reporters.escape import terminal

        for gap in self.gaps()[:20]:
            sys.stderr.write(f"warning: not everything was searched: {terminal(gap, 500)}\n")

    def covers(self, entry: Entry) -> bool:
        """Does the gate look where an entry speaks of, and was that searched? A history it does not look at counts."""
        if entry.rule == rules.IN_ARTIFACT.id:
            return self.artifacts
        outer, bang, _ = entry.path.partition("!/")
        # What only an artifact holds is named by its file, which is no file of the repository.
        return not bang or self.artifacts or Path(self.made.root, outer).exists()
