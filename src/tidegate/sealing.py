"""What is signed, when, and why not: nothing that failed act 1, changed since, or carries a secret.

The signer lives here, in the parent; it is given bytes tidegate wrote and private copies of artifacts, nothing else.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from tidegate.acts import OPEN, SIGNING_REFUSED, Ask, Seal, policy_facts
from tidegate.domain.claims import build, manifest
from tidegate.errors import FormatError, TidegateError, UnavailableError
from tidegate.formats.records import dump, from_plain, to_plain
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.evidence import Report
from tidegate.model.finding import Finding, Place, found
from tidegate.model.inventory import Inventory
from tidegate.model.release import Artifact, Release
from tidegate.model.verdict import Outcome, Verdict
from tidegate.ports import CIFacts, Clock, Job, Signer, Store, Taken, Workers

SIGNING_DEADLINE = 120.0
_SCAN_DEADLINE = 60.0

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

    def seal(
        self, ask: Ask, inventory: Inventory, reports: Mapping[Control, Report], refused: Mapping[str, str]
    ) -> None:
        self._refused = dict(refused)
        for release in ask.releases:
            if release.name in self._refused:
                continue
            if ask.policy.controls.signing.sign == "auto" and self._signer is not None:
                self._seal_release(release, ask, inventory, reports, self._signer)

    def _seal_release(
        self, release: Release, ask: Ask, inventory: Inventory, reports: Mapping[Control, Report], signer: Signer
    ) -> None:
        """All of a release or nothing: every payload is built and scanned before the first one is signed."""
        try:
            payloads = {a: self._statements(a, release, inventory, reports) for a in release.artifacts}
        except FormatError as error:
            self._refuse(release, error.message)
            return
        leak = self._scan(ask, [text for texts in payloads.values() for text in texts])
        if leak:
            self._refuse(release, leak)
            return
        for artifact, statements in payloads.items():
            try:
                self._seal_artifact(artifact, statements, signer)
            except TidegateError as error:
                self._refuse(release, f"`{artifact.name}` was not signed: {error.message}")
                return

    def _refuse(self, release: Release, reason: str) -> None:
        self._refused[release.name] = reason
        self._findings.append(
            found(SIGNING_REFUSED, release.name, reason, release=release.name, place=Place(release.root))
        )

    def _statements(
        self, artifact: Artifact, release: Release, inventory: Inventory, reports: Mapping[Control, Report]
    ) -> list[bytes]:
        """What this artifact's attestations lack: provenance, and the SBOM where there is one."""
        there = self._store.read(_attestations(artifact))
        if there is not None:
            return []
        statements = [build.provenance_statement(artifact, self._facts, inventory.source)]
        report = reports.get(Control.SBOM)
        documents = [p.text for p in report.produced if p.release in (None, release.name)] if report else []
        return statements + [build.sbom_statement(artifact, text) for text in documents[:1]]

    def _scan(self, ask: Ask, payloads: Sequence[bytes]) -> str:
        """Why these payloads must not be signed; "" only when a worker looked at all of them and found no secret."""
        texts = json.dumps([payload.decode("utf-8") for payload in payloads])
        job = Job("payloads", "payloads", f'{{"means":{ask.means},"payloads":{texts}}}')
        for done in self._workers.run([job], _SCAN_DEADLINE):
            if done.failed:
                return f"the payloads could not be searched for secrets: {done.failed}"
            try:
                leaks = from_plain(tuple[str, ...], json.loads(done.text))
            except (ValueError, FormatError):
                return "the payloads could not be searched for secrets: no readable answer"
            return f"a payload carries a secret: {leaks[0]}" if leaks else ""
        return "the payloads could not be searched for secrets: no answer"

    def _seal_artifact(self, artifact: Artifact, statements: Sequence[bytes], signer: Signer) -> None:
        """Sign the private copy, whose digest is checked again as it is opened, and the statements about it."""
        name = _signature(artifact)
        if self._store.read(name) is None:
            with self._taken.open(artifact) as data:
                self._store.write(name, bounded(lambda: signer.sign_digest(artifact, data)))
        if statements:
            bundles = [bounded(partial(signer.sign_statement, statement)) for statement in statements]
            self._store.write(_attestations(artifact), "".join(f"{_one_line(bundle)}\n" for bundle in bundles))

    def prove(self, ask: Ask, verdicts: Sequence[Verdict], reports: Mapping[Control, Report]) -> None:
        self._store.write("examined.json", _examined(ask, verdicts, reports))
        files = {name: Digest.of((self._store.read(name) or "").encode()) for name in self._store.names()}
        self._store.write("MANIFEST", manifest.render(files))
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
        try:
            summaries = [(r, a, s, self._summary(a, ask, cells, s)) for r, cells, s in due for a in r.artifacts]
        except TidegateError as error:
            self._notes.append(f"no verdict was signed, {error.message}")
            return
        leak = self._scan(ask, [statement for *_, statement in summaries]) if summaries else ""
        if leak:
            self._notes.append(f"no verdict was signed, {leak}")
            return
        for release, artifact, signer, statement in summaries:
            try:
                self._store.write(_vsa(artifact), bounded(partial(signer.sign_statement, statement)))
            except TidegateError as error:
                self._notes.append(f"{release.name}: no verdict was signed, {error.message}")
                return

    def _summary(self, artifact: Artifact, ask: Ask, cells: Sequence[Verdict], signer: Signer) -> bytes:
        """The verdict about one artifact. Raises FormatError when it cannot be written."""
        facts = signer.facts()
        names = ["MANIFEST", _signature(artifact), _attestations(artifact)]
        return build.vsa_statement(
            artifact,
            all(cell.outcome is not Outcome.WOULD_SHUT for cell in cells),
            ask.policy.digest,
            f"file:{ask.policy.path}",
            build.verifier_id(facts.kind, facts.identity),
            [(name, Digest.of(text.encode())) for name in names if (text := self._store.read(name)) is not None],
            self._clock.now(),
            [build.level(facts.kind, self._facts.get("runner"))],
            {cell.control.value: cell.outcome.value for cell in cells},
        )


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


def _signature(artifact: Artifact) -> str:
    return f"{artifact.name}.sigstore.json"


def _attestations(artifact: Artifact) -> str:
    return f"{artifact.name}.attestations.jsonl"


def _vsa(artifact: Artifact) -> str:
    return f"{artifact.name}.vsa.sigstore.json"


def _one_line(bundle: str) -> str:
    return json.dumps(json.loads(bundle), separators=(",", ":"))


def _examined(ask: Ask, verdicts: Sequence[Verdict], reports: Mapping[Control, Report]) -> str:
    """Rows 1 to 7 as they were judged, with every report, so that they can be judged again without a scanner."""
    plain = {
        "version": 1,
        "policy": to_plain(policy_facts(ask.policy)),
        "releases": to_plain(ask.releases),
        "verdicts": [to_plain(v) for v in sorted(verdicts, key=lambda v: (list(Control).index(v.control), v.release))],
        "reports": {control.value: to_plain(_slim(reports[control])) for control in sorted(reports)},
    }
    return dump(plain) + "\n"


def _slim(report: Report) -> dict[str, object]:
    """A report without the documents it produced; those lie beside it."""
    plain: dict[str, object] = to_plain(report)
    plain["produced"] = [{"name": p.name, "digest": str(p.digest)} for p in report.produced]
    plain.pop("rules", None)
    return plain
