"""The signer signs what passed, as it was taken, without secrets, in time; or nothing at all."""

import base64
import io
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from tidegate.acts import SIGNING_REFUSED, Ask
from tidegate.adapters.signing import keys
from tidegate.adapters.signing.local import KeySigner
from tidegate.adapters.store import RunFolder
from tidegate.adapters.taking import TakenFolder, take
from tidegate.adapters.workers import ProcessWorkers
from tidegate.cli.wire import Means
from tidegate.domain.claims import levels
from tidegate.errors import TidegateError, UnavailableError, UnsealedError
from tidegate.formats.records import dump
from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Produced, Report
from tidegate.model.inventory import Inventory, Source
from tidegate.model.release import Artifact, Release
from tidegate.model.verdict import Outcome, Verdict
from tidegate.policy.schema import Policy
from tidegate.ports import CIFacts, Done, Fact, Job, Signer, SignerFacts
from tidegate.sealing import Sealer, bounded

COMMIT = "a" * 40
DIGEST = "sha256:" + "0" * 64


class Frozen:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


class Counting(KeySigner):
    """A real signer that remembers how often it was asked."""

    asked = 0

    def sign_statement(self, statement: bytes) -> str:
        type(self).asked += 1
        return super().sign_statement(statement)

    def sign_digest(self, artifact: Artifact, data: BinaryIO) -> str:
        type(self).asked += 1
        return super().sign_digest(artifact, data)


class Bench:
    """One release with one artifact, taken, and a folder for its evidence."""

    def __init__(self, root: Path, *, ref: str = "refs/heads/main", sign: str = "auto") -> None:
        (root / "dist").mkdir()
        (root / "dist" / "a.whl").write_bytes(b"wheel")
        (root / "taken").mkdir()
        self.artifact = take(root, "dist/a.whl", root / "taken")
        self.release = Release("app", ".", (self.artifact,))
        self.store = RunFolder(root / "evidence", "r1")
        self.taken = TakenFolder(root / "taken")
        self.folder = root / "taken"
        self.facts = CIFacts("local", (Fact("ref", ref, "git", True),))
        self.inventory = Inventory(Source(commit=COMMIT, ref=ref))
        model = {"version": 1, "controls": {"signing": {"sign": sign}}}
        self.ask = Ask(
            scope=Scope.CHECK,
            policy=Policy.model_validate({"model": model, "files": {}, "digest": DIGEST, "path": "tidegate.yaml"}),
            releases=(self.release,),
            means=dump(Means(root=str(root), taken=str(root / "taken"), evidence="", facts=self.facts)),
        )
        Counting.asked = 0
        self.signer: Signer = Counting(keys.generate(None)[0], None)

    def sealer(self, workers: object = None, signer: Signer | None = None) -> Sealer:
        chosen = signer or self.signer
        real = workers if workers is not None else ProcessWorkers()
        return Sealer(real, Frozen(), (chosen, chosen), self.store, self.taken, self.facts)  # type: ignore[arg-type]

    def seal(self, sealer: Sealer, refused: Mapping[str, str] | None = None) -> None:
        sealer.seal(self.ask, self.inventory, {}, refused or {})

    def verdicts(self, outcome: Outcome = Outcome.PASS) -> list[Verdict]:
        rows = [Verdict(control, "app", Outcome.PASS) for control in Control if control is not Control.DEPLOYMENT]
        return [*rows[:-1], Verdict(rows[-1].control, "app", outcome)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_clean_release_gets_signature_attestations_and_verdict(bench: Bench) -> None:
    sealer = bench.sealer()
    bench.seal(sealer)
    sealer.prove(bench.ask, bench.verdicts(), {})
    names = set(bench.store.names())
    assert {"a.whl.sigstore.json", "a.whl.attestations.jsonl", "a.whl.vsa.sigstore.json"} <= names
    assert {"MANIFEST", "examined.json"} <= names
    assert sealer.findings == ()


def test_an_sbom_is_attested_in_every_form_that_has_a_predicate_type(bench: Bench) -> None:
    documents = {
        "sbom.scores.json": ("application/json", "{}"),
        "sbom.cdx.json": ("application/vnd.cyclonedx+json", '{"bomFormat": "CycloneDX", "specVersion": "1.6"}'),
        "sbom.cdx.xml": ("application/vnd.cyclonedx+xml", "<bom/>"),
        "sbom.spdx.json": ("application/spdx+json", '{"spdxVersion": "SPDX-2.3"}'),
    }
    produced = tuple(Produced(name, kind, text, "app") for name, (kind, text) in documents.items())
    report = Report(Control.SBOM, (), produced=(*produced, replace(produced[1], release="another")))
    bench.sealer().seal(bench.ask, bench.inventory, {Control.SBOM: report}, {})
    bundles = (bench.store.read("a.whl.attestations.jsonl") or "").splitlines()
    payloads = [base64.b64decode(json.loads(bundle)["dsseEnvelope"]["payload"]) for bundle in bundles]
    statements = [json.loads(payload) for payload in payloads]
    assert [each["predicateType"] for each in statements] == [
        "https://slsa.dev/provenance/v1",
        "https://cyclonedx.org/bom",
        "https://spdx.dev/Document",
    ]
    assert {each["subject"][0]["digest"]["sha256"] for each in statements} == {bench.artifact.digest.value}


def test_a_refused_release_is_not_signed_and_gets_no_verdict(bench: Bench) -> None:
    sealer = bench.sealer()
    bench.seal(sealer, {"app": "secrets is fail"})
    sealer.prove(bench.ask, bench.verdicts(), {})
    assert Counting.asked == 0
    assert set(bench.store.names()) == {"MANIFEST", "examined.json"}


@pytest.mark.parametrize("change", ["swapped", "gone", "link"])
def test_a_copy_swapped_between_act_1_and_act_2_is_never_signed(bench: Bench, change: str) -> None:
    copy = bench.folder / "a.whl"
    copy.unlink()
    if change == "swapped":
        copy.write_bytes(b"other")
    elif change == "link":
        (bench.folder / "b").write_bytes(b"wheel")
        copy.symlink_to(bench.folder / "b")
    sealer = bench.sealer()
    bench.seal(sealer)
    assert [f.rule for f in sealer.findings] == [SIGNING_REFUSED.id]
    assert bench.store.names() == ()
    sealer.prove(bench.ask, bench.verdicts(), {})
    assert Counting.asked == 0


def test_a_payload_with_a_secret_is_never_signed_and_the_secret_is_never_said(tmp_path: Path) -> None:
    secret = "AK" + "IA" + "Q3EGRFZ2X7WY6LMN"
    bench = Bench(tmp_path, ref=f"refs/heads/{secret}")
    sealer = bench.sealer()
    bench.seal(sealer)
    assert Counting.asked == 0
    (finding,) = sealer.findings
    assert "carries a secret" in finding.message
    assert secret not in repr(finding)


class Answering:
    """Workers that answer the payload scan with whatever they are told."""

    def __init__(self, *done: Done) -> None:
        self.done = done

    def run(self, jobs: list[Job], deadline: float) -> Iterator[Done]:
        yield from self.done


@pytest.mark.parametrize(
    "done",
    [
        (),
        (Done("payloads", failed="killed"),),
        (Done("payloads", text="null"),),
        (Done("payloads", text="{"),),
        (Done("payloads", text='"[]"'),),
        (Done("payloads", text="[1]"),),
    ],
)
def test_without_a_readable_answer_of_the_scan_nothing_is_signed(bench: Bench, done: tuple[Done, ...]) -> None:
    sealer = bench.sealer(Answering(*done))
    bench.seal(sealer)
    assert Counting.asked == 0
    assert sealer.findings == ()
    assert "could not be searched" in sealer.undecided["app"].reason


def test_an_answer_that_found_nothing_lets_the_signer_sign(bench: Bench) -> None:
    bench.seal(bench.sealer(Answering(Done("payloads", text="[]"))))
    assert Counting.asked == 2


def test_the_policy_can_forbid_signing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, sign="never")
    bench.seal(bench.sealer())
    assert Counting.asked == 0


def test_evidence_that_is_there_is_never_replaced(bench: Bench) -> None:
    bench.store.write("a.whl.sigstore.json", "{}")
    bench.store.write("a.whl.attestations.jsonl", "{}\n")
    bench.seal(bench.sealer())
    assert Counting.asked == 0
    assert bench.store.read("a.whl.sigstore.json") == "{}"


def test_without_a_commit_there_is_no_provenance_and_no_signature(bench: Bench) -> None:
    bench.inventory = Inventory(Source())
    sealer = bench.sealer()
    bench.seal(sealer)
    assert Counting.asked == 0
    assert sealer.findings


class Refusing:
    def ready(self) -> None:
        """Nothing to get."""

    def facts(self) -> SignerFacts:
        return SignerFacts("key", "x")

    def sign_statement(self, statement: bytes) -> str:
        raise UnavailableError("no answer", hint="again")

    def sign_digest(self, artifact: Artifact, data: BinaryIO) -> str:
        raise UnavailableError("no answer", hint="again")


def test_a_signer_that_fails_leaves_no_half_evidence_that_could_pass(bench: Bench) -> None:
    sealer = bench.sealer(signer=Refusing())
    bench.seal(sealer)
    sealer.prove(bench.ask, bench.verdicts(), {})
    assert not [name for name in bench.store.names() if "vsa" in name or "attest" in name]


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.UNDECIDED, Outcome.LATER])
def test_a_row_that_is_not_open_gets_no_verdict(bench: Bench, outcome: Outcome) -> None:
    sealer = bench.sealer()
    bench.seal(sealer)
    sealer.prove(bench.ask, bench.verdicts(outcome), {})
    assert "a.whl.vsa.sigstore.json" not in bench.store.names()


def test_no_verdicts_at_all_is_no_verdict(bench: Bench) -> None:
    sealer = bench.sealer()
    bench.seal(sealer)
    sealer.prove(bench.ask, [], {})
    assert "a.whl.vsa.sigstore.json" not in bench.store.names()


def test_a_row_that_would_shut_makes_the_verdict_say_failed(bench: Bench) -> None:
    import base64

    sealer = bench.sealer()
    bench.seal(sealer)
    sealer.prove(bench.ask, bench.verdicts(Outcome.WOULD_SHUT), {})
    bundle = json.loads(bench.store.read("a.whl.vsa.sigstore.json") or "")
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    assert statement["predicate"]["verificationResult"] == "FAILED"
    assert statement["predicate"]["verifiedLevels"] == []


def test_a_verdict_names_manifest_signature_and_attestations_by_digest(bench: Bench) -> None:
    import base64

    sealer = bench.sealer()
    bench.seal(sealer)
    sealer.prove(bench.ask, bench.verdicts(), {Control.SBOM: Report(Control.SBOM, ())})
    bundle = json.loads(bench.store.read("a.whl.vsa.sigstore.json") or "")
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    named = {item["uri"] for item in statement["predicate"]["inputAttestations"]}
    assert named == {"MANIFEST", "a.whl.sigstore.json", "a.whl.attestations.jsonl"}


def test_a_verdict_states_the_level_the_provenance_row_found_and_not_its_signers(bench: Bench) -> None:
    import base64

    sealer = bench.sealer()
    bench.seal(sealer)
    found = ((levels.fact("app", "a.whl"), levels.name(2)), (levels.fact("app", "b.whl"), levels.name(3)))
    sealer.prove(bench.ask, bench.verdicts(), {Control.PROVENANCE: Report(Control.PROVENANCE, (), facts=found)})
    bundle = json.loads(bench.store.read("a.whl.vsa.sigstore.json") or "")
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    assert statement["predicate"]["verifiedLevels"] == ["SLSA_BUILD_LEVEL_2"]


def test_a_signer_that_does_not_come_back_is_given_up() -> None:
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        bounded(lambda: time.sleep(60), 0.2)
    assert time.monotonic() - started < 5


def test_what_the_signer_raises_and_returns_comes_through() -> None:
    assert bounded(lambda: 3) == 3
    with pytest.raises(SystemExit):
        bounded(lambda: sys.exit(0))
    with pytest.raises(UnavailableError):
        bounded(lambda: Refusing().sign_digest(None, io.BytesIO()))  # type: ignore[arg-type]


class Distant(KeySigner):
    """A signer that depends on a service: `error` is what comes of asking it, `good` how often it answers first."""

    def __init__(self, error: TidegateError, good: int = 0) -> None:
        super().__init__(keys.generate(None)[0], None)
        self.error, self.good, self.asked = error, good, 0

    def _ask(self) -> None:
        self.asked += 1
        if self.asked > self.good:
            raise self.error

    def ready(self) -> None:
        self._ask()

    def sign_statement(self, statement: bytes) -> str:
        self._ask()
        return super().sign_statement(statement)


SILENT = UnavailableError("the log did not answer", hint="run again")
UNALLOWED = UnsealedError("the job may not ask for an identity token", hint="give the job `id-token: write`")


def test_a_service_that_does_not_answer_leaves_the_release_undecided_and_is_asked_once(bench: Bench) -> None:
    other = replace(bench.release, name="other")
    bench.ask = replace(bench.ask, releases=(bench.release, other))
    signer = Distant(SILENT)
    sealer = bench.sealer(signer=signer)
    bench.seal(sealer)
    assert sealer.findings == ()
    assert {name: blind.hint for name, blind in sealer.undecided.items()} == {"app": "run again", "other": "run again"}
    assert signer.asked == 1
    assert bench.store.names() == ()


def test_what_the_team_can_mend_is_a_finding_with_the_signers_own_fix(bench: Bench) -> None:
    sealer = bench.sealer(signer=Distant(UNALLOWED))
    bench.seal(sealer)
    assert sealer.undecided == {}
    assert [(f.rule, f.fix) for f in sealer.findings] == [(SIGNING_REFUSED.id, UNALLOWED.hint)]


def test_a_service_that_is_gone_before_the_verdict_leaves_it_undecided(bench: Bench) -> None:
    sealer = bench.sealer(signer=Distant(SILENT, good=3))
    bench.seal(sealer)
    assert sealer.undecided == {}
    sealer.prove(bench.ask, bench.verdicts(), {})
    assert "no verdict was signed" in sealer.undecided["app"].reason
    assert not [name for name in bench.store.names() if "vsa" in name]


def test_the_policy_says_how_long_a_signature_may_take(bench: Bench) -> None:
    class Slow(Distant):
        def _ask(self) -> None:
            time.sleep(5)

    model = bench.ask.policy.model
    hurried = model.model_copy(update={"limits": model.limits.model_copy(update={"signing": "1s"})})
    bench.ask = replace(bench.ask, policy=bench.ask.policy.model_copy(update={"model": hurried}))
    sealer = bench.sealer(signer=Slow(SILENT))
    begun = time.monotonic()
    bench.seal(sealer)
    assert time.monotonic() - begun < 3
    assert "in time" in sealer.undecided["app"].reason


class Certified(KeySigner):
    def facts(self) -> SignerFacts:
        claims = (("source_repository_ref", "refs/tags/v9"), ("runner_environment", "github-hosted"))
        return replace(super().facts(), claims=claims)


def test_what_the_certificate_says_stands_before_what_variables_say(bench: Bench) -> None:
    bench.seal(bench.sealer(signer=Certified(keys.generate(None)[0], None)))
    lines = (bench.store.read("a.whl.attestations.jsonl") or "").splitlines()
    payload = base64.b64decode(json.loads(lines[0])["dsseEnvelope"]["payload"]).decode()
    assert "refs/tags/v9" in payload
    assert "refs/heads/main" not in payload
