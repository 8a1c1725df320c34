"""What is signed, when, and why not: nothing that failed act 1, changed since, or carries a secret.

The signer lives here, in the parent; it is given bytes tidegate wrote and private copies of artifacts, nothing else.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from tidegate import papers
from tidegate.acts import OPEN, SIGNING_REFUSED, Ask, Seal, policy_facts
from tidegate.domain.claims import build, certified, levels, manifest, resource, result, signable
from tidegate.domain.claims.listing import EXAMINED
from tidegate.domain.claims.vsa import MANIFEST
from tidegate.errors import FormatError, TidegateError, UnavailableError, UndecidedError, UnsealedError
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.records import from_plain
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.evidence import Blind, Report
from tidegate.model.finding import Finding, Place, found
from tidegate.model.inventory import Content, Inventory
from tidegate.model.release import Artifact, Release
from tidegate.model.verdict import Outcome, Verdict
from tidegate.policy.values import duration
from tidegate.ports import CIFacts, Clock, Fact, Job, Signer, Store, Taken, Workers

SIGNING_DEADLINE = 120.0
_SCAN_DEADLINE = 60.0
_ATTESTED = frozenset(form.media_type for form in FORMATS.values() if form.predicate)
"""SBOMs that become attestations; XML has no predicate type."""

T = TypeVar("T")


class Sealer(Seal):
    """Makes the missing signatures and attestations, and the verdict; see `runner.Seal` for when it is asked."""

    def __init__(
        self,
        workers: Workers,
        clock: Clock,
        signers: tuple[Signer | None, Signer | None],
        store: Store,
        taken: Taken,
        facts: CIFacts,
    ) -> None:
        self._workers = workers
        self._clock = clock
        self._signer, self._judge = signers
        self._store = store
        self._taken = taken
        self._facts = facts
        self._refused: dict[str, str] = {}
        self._contents: dict[str, Content] = {}
        self._undecided: dict[str, Blind] = {}
        self._silent: dict[int, UndecidedError] = {}
        """Signers that did not answer: nobody waits for them twice."""
        self._notes: list[str] = []
        self._findings: list[Finding] = []
        for signer in {id(s): s for s in signers if s is not None}.values():
            self._notes += signer.facts().warnings

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._notes)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._findings)

    @property
    def undecided(self) -> Mapping[str, Blind]:
        return self._undecided

    def seal(
        self, ask: Ask, inventory: Inventory, reports: Mapping[Control, Report], refused: Mapping[str, str]
    ) -> None:
        self._refused = dict(refused)
        self._contents = {content.artifact: content for content in inventory.contents}
        for release in ask.releases:
            if release.name in self._refused:
                continue
            if ask.policy.controls.signing.sign == "auto" and self._signer is not None and release.artifacts:
                try:
                    self._prepare(ask, self._signer)
                except TidegateError as error:
                    self._refuse(release, error)
                    continue
                self._seal_release(release, ask, inventory, reports, self._signer)

    def _prepare(self, ask: Ask, signer: Signer) -> None:
        """Make the signer ready; what its certificate says of the job stands before what variables say."""
        self._wait(ask, signer, signer.ready)
        said = certified.facts(dict(signer.facts().claims), self._facts.system)
        proven = tuple(Fact(name, value, "oidc", True) for name, value in said)
        others = tuple(fact for fact in self._facts.facts if fact not in proven)
        self._facts = replace(self._facts, facts=proven + others)

    def _wait(self, ask: Ask, signer: Signer, call: Callable[[], T]) -> T:
        """Call the signer with the policy's deadline, and never again when it did not answer."""
        known = self._silent.get(id(signer))
        if known is not None:
            raise known
        try:
            return bounded(call, duration(ask.policy.model.limits.signing).total_seconds())
        except UndecidedError as error:
            self._silent[id(signer)] = error
            raise

    def _seal_release(
        self, release: Release, ask: Ask, inventory: Inventory, reports: Mapping[Control, Report], signer: Signer
    ) -> None:
        """All of a release or nothing: every payload is built and scanned before the first one is signed."""
        try:
            for artifact in release.artifacts:
                self._signable(ask, artifact)
            payloads = {a: self._statements(a, release, inventory, reports) for a in release.artifacts}
            self._scan(ask, [text for texts in payloads.values() for text in texts])
        except TidegateError as error:
            self._refuse(release, error)
            return
        for artifact, statements in payloads.items():
            try:
                self._seal_artifact(ask, artifact, statements, signer)
            except TidegateError as error:
                self._refuse(release, error, f"`{artifact.name}` was not signed: {error.message}")
                return

    def _signable(self, ask: Ask, artifact: Artifact) -> None:
        """Raises UnsealedError for bytes that must not be signed as a file."""
        with self._taken.open(artifact) as data:
            head = data.read(signable.HEAD)
        also = signable.disguised(head)
        if also:
            message = f"`{artifact.name}` is made so that its signature would also be {also}"
            raise UnsealedError(message, hint="find out who made the file")
        if signable.denied(artifact, head, ask.policy.controls.deployment.denied) is not None:
            raise UnsealedError(f"the policy denies what `{artifact.name}` is made of", hint="release another image")

    def _refuse(self, release: Release, error: TidegateError, reason: str = "") -> None:
        """Why a release is not signed: for the team to mend, or because somebody outside did not answer."""
        reason = reason or error.message
        self._refused[release.name] = reason
        if isinstance(error, UndecidedError):
            self._undecided[release.name] = Blind(f"not signed: {reason}", error.hint, release.name)
            return
        fix = error.hint if isinstance(error, UnsealedError) else ""
        place = Place(release.root)
        self._findings.append(found(SIGNING_REFUSED, release.name, reason, release=release.name, place=place, fix=fix))

    def _statements(
        self, artifact: Artifact, release: Release, inventory: Inventory, reports: Mapping[Control, Report]
    ) -> list[bytes]:
        """What this artifact's attestations lack: provenance, and the SBOM in every form that can be attested."""
        there = self._store.read(papers.attestations(artifact))
        if there is not None and not papers.only_approved(there):
            return []
        statements = [build.provenance_statement(artifact, self._facts, inventory.source)]
        report = reports.get(Control.SBOM)
        documents = [p for p in report.produced if p.release in (None, release.name)] if report else []
        return statements + [build.sbom_statement(artifact, p.text) for p in documents if p.media_type in _ATTESTED]

    def _scan(self, ask: Ask, payloads: Sequence[bytes]) -> None:
        """Return only when a worker looked at all payloads and found no secret.

        Raises UnsealedError for a secret, UnavailableError when they could not be searched.
        """
        texts = json.dumps([payload.decode("utf-8") for payload in payloads])
        job = Job("payloads", "payloads", f'{{"means":{ask.means},"payloads":{texts}}}')
        failed, leaks = "no answer", tuple[str, ...]()
        for done in self._workers.run([job], _SCAN_DEADLINE):
            failed = done.failed
            try:
                leaks = () if failed else from_plain(tuple[str, ...], json.loads(done.text))
            except (ValueError, FormatError):
                failed = "no readable answer"
        if failed:
            raise UnavailableError(f"the payloads could not be searched for secrets: {failed}", hint="run again")
        if leaks:
            raise UnsealedError(
                f"a payload carries a secret: {leaks[0]}", hint="take the secret out of what the SBOM and CI facts say"
            )

    def _seal_artifact(self, ask: Ask, artifact: Artifact, statements: Sequence[bytes], signer: Signer) -> None:
        """Sign the private copy, whose digest is checked again as it is opened, and the statements about it."""
        name = papers.signature(artifact)
        if self._store.read(name) is None:
            with self._taken.open(artifact) as data:
                self._store.write(name, self._wait(ask, signer, partial(signer.sign_digest, artifact, data)))
        if statements:
            bundles = [self._wait(ask, signer, partial(signer.sign_statement, text)) for text in statements]
            # What is there was verified and stays; approvals come before what they approve is signed.
            name = papers.attestations(artifact)
            self._store.write(name, papers.grown(self._store.read(name) or "", bundles), replace=True)

    def prove(self, ask: Ask, verdicts: Sequence[Verdict], reports: Mapping[Control, Report]) -> None:
        examined = papers.examined(policy_facts(ask.policy), ask.releases, verdicts, reports)
        self._store.write(EXAMINED, examined)
        files = {name: Digest.of((self._store.read(name) or "").encode()) for name in self._store.names()}
        self._store.write(MANIFEST, manifest.render(files))
        due: list[tuple[Release, list[Verdict], Signer]] = []
        for release in ask.releases:
            if release.name in self._refused:
                continue
            cells = [v for v in verdicts if v.release == release.name]
            shut = [f"{v.control} is {v.outcome.value}" for v in cells if v.outcome not in OPEN]
            if shut or not cells:
                self._notes.append(f"{release.name}: no verdict was signed, {', '.join(shut) or 'nothing was judged'}")
            elif self._judge is None:
                self._notes.append(f"{release.name}: no verdict was signed, there is no signer for it")
            else:
                due.append((release, cells, self._judge))
        traced = reports.get(Control.PROVENANCE)
        for release, mine, signer in due:
            try:
                self._wait(ask, signer, signer.ready)
                statements: dict[str, bytes] = {}
                for artifact in release.artifacts:
                    reached = levels.reached(traced.facts if traced else (), release.name, artifact.name)
                    statements |= self._summaries(artifact, release, ask, mine, signer, reached)
                self._scan(ask, list(statements.values()))
                signed = {
                    n: self._wait(ask, signer, partial(signer.sign_statement, text)) for n, text in statements.items()
                }
            except TidegateError as error:
                self._without_verdict(release, error)
                continue
            # All verdicts of a release or none: half of it must not look as if the gate had opened.
            for name, bundle in signed.items():
                self._store.write(name, bundle)

    def _without_verdict(self, release: Release, error: TidegateError) -> None:
        self._notes.append(f"{release.name}: no verdict was signed, {error.message}")
        if isinstance(error, UndecidedError):
            why = f"no verdict was signed: {error.message}"
            self._undecided[release.name] = Blind(why, error.hint, release.name)

    def _summaries(
        self,
        artifact: Artifact,
        release: Release,
        ask: Ask,
        cells: Sequence[Verdict],
        signer: Signer,
        reached: Sequence[str],
    ) -> dict[str, bytes]:
        """The verdict about one artifact by file name, in both forms. Raises FormatError when it cannot be written."""
        facts = signer.facts()
        verifier, now = build.verifier_id(facts.kind, facts.identity), self._clock.now()
        names = [MANIFEST, papers.signature(artifact), papers.attestations(artifact)]
        passed = all(cell.outcome is not Outcome.WOULD_SHUT for cell in cells)
        rows = {cell.control.value: cell.outcome.value for cell in cells}
        policy = (f"file:{ask.policy.path}", ask.policy.digest)
        written = {
            papers.verdict(artifact): build.vsa_statement(
                artifact,
                passed,
                ask.policy.digest,
                policy[0],
                verifier,
                [(name, Digest.of(text.encode())) for name in names if (text := self._store.read(name)) is not None],
                now,
                reached,
                rows,
                self._resource(artifact, release, ask),
            )
        }
        if ask.policy.controls.deployment.svr and passed:
            written[papers.result(artifact)] = result.statement(artifact, policy, verifier, now, reached, rows)
        return written

    def _resource(self, artifact: Artifact, release: Release, ask: Ask) -> str:
        uri = next((r.uri for r in ask.policy.model.releases if r.name == release.name and r.uri), "")
        return resource.uri(artifact, self._contents.get(artifact.name), uri)


def bounded(call: Callable[[], T], seconds: float = SIGNING_DEADLINE) -> T:
    """Call the signer with a deadline of ours. Raises UnavailableError when it does not come back."""
    box: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            box.append(call())
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not box:
        raise UnavailableError("the signer did not answer in time", hint="run again, or sign with another key")
    return box[0]
