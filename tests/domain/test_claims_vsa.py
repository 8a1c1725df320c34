"""A verdict opens the gate only when all of SLSA's steps hold, and it is fresh and complete."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sealed import COMMIT, DATA, artifact
from tidegate.domain.claims import build, manifest, rules, sentence, vsa
from tidegate.domain.claims.build_types import Built
from tidegate.domain.claims.proof import Proof, TrustedIdentity, TrustedKey, fingerprint
from tidegate.domain.claims.vsa import ROWS, Wanted
from tidegate.errors import FormatError
from tidegate.formats import intoto
from tidegate.model.digest import Digest
from tidegate.model.finding import Level

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
KEY = TrustedKey("k.pub", "ab" * 32)
MANIFEST = Digest.of(b"manifest")
WANTED = Wanted("api-1.0.tar.gz", Digest.of(DATA), NOW, timedelta(days=30), "api", evidence={"MANIFEST": MANIFEST})


def verdict(**changes: Any) -> bytes:
    given: dict[str, Any] = {
        "artifact": artifact(),
        "passed": True,
        "policy_digest": "cd" * 32,
        "policy_uri": "file:tidegate.yaml",
        "verifier": vsa.key_verifier("ab" * 32),
        "inputs": [("MANIFEST", MANIFEST)],
        "time": NOW - timedelta(days=1),
        "levels": ["SLSA_BUILD_LEVEL_1"],
        "rows": dict.fromkeys(ROWS, "pass"),
    }
    return build.vsa_statement(**(given | changes))


BY_KEY = Proof(key="k.pub")


def check(raw: bytes, proof: Proof = BY_KEY, wanted: Wanted = WANTED) -> set[str]:
    return {finding.rule for finding in vsa.check(intoto.parse(raw), proof, KEY, wanted)}


def test_a_true_verdict_has_nothing_to_complain_about() -> None:
    assert check(verdict()) == set()
    lenient = replace(WANTED, waived=frozenset({"sbom"}))
    assert check(verdict(rows=dict.fromkeys(ROWS, "pass") | {"sbom": "not required"}), wanted=lenient) == set()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"artifact": artifact("other.tar.gz")}, {"vsa-subject-mismatch", "vsa-resource-mismatch"}),
        ({"artifact": artifact(data=b"other")}, {"artifact-changed", "vsa-resource-mismatch"}),
        ({"verifier": vsa.key_verifier("00" * 32)}, {"vsa-verifier-mismatch"}),
        ({"verifier": "https://tidegate.dev/verifiers/key/"}, {"vsa-verifier-mismatch"}),
        ({"passed": False}, {"vsa-failed"}),
        ({"levels": []}, {"vsa-level-missing"}),
        ({"levels": ["SLSA_BUILD_LEVEL_0", "SLSA_SOURCE_LEVEL_3"]}, {"vsa-level-missing"}),
        ({"rows": {}}, {"vsa-rows-missing"}),
        ({"rows": dict.fromkeys(ROWS[1:], "pass")}, {"vsa-rows-missing"}),
        ({"rows": dict.fromkeys(ROWS, "pass") | {"secrets": "fail"}}, {"vsa-invalid"}),
        ({"rows": dict.fromkeys(ROWS, "pass") | {"secrets": "would shut"}}, {"vsa-invalid"}),
        ({"rows": dict.fromkeys(ROWS, "pass") | {"secrets": "later"}}, {"vsa-invalid"}),
        ({"rows": dict.fromkeys(ROWS, "pass") | {"secrets": "undecided"}}, {"vsa-invalid"}),
        ({"rows": dict.fromkeys(ROWS, "pass") | {"more": "fail"}}, {"vsa-invalid"}),
        ({"time": NOW - timedelta(days=31)}, {"vsa-stale"}),
        ({"time": NOW + timedelta(minutes=6)}, {"vsa-stale"}),
        ({"time": NOW + timedelta(minutes=4)}, set()),
        ({"inputs": []}, {"evidence-unbound"}),
        ({"inputs": [("MANIFEST", Digest.of(b"x"))]}, {"evidence-changed"}),
        ({"inputs": [("MANIFEST", MANIFEST), ("gone.json", MANIFEST)]}, {"evidence-missing"}),
    ],
)
def test_a_verdict_that_lacks_one_thing_is_refused_for_it(changes: dict[str, Any], found: set[str]) -> None:
    assert check(verdict(**changes)) == found


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"timeVerified": None}, "vsa-stale"),
        ({"policy": {"uri": "x"}}, "vsa-policy-mismatch"),
        ({"policy": {"uri": "x", "digest": {}}}, "vsa-policy-mismatch"),
        ({"verificationResult": "passed"}, "vsa-invalid"),
        ({"verifier": {}}, "vsa-invalid"),
        ({"tidegate": None}, "vsa-rows-missing"),
        ({"resourceUri": "pkg:generic/other"}, "vsa-resource-mismatch"),
        ({"inputAttestations": [{"uri": "MANIFEST", "digest": {"sha512": "ab" * 64}}]}, "evidence-changed"),
    ],
)
def test_a_verdict_of_another_shape_is_refused(change: dict[str, Any], found: str) -> None:
    plain = json.loads(verdict())
    plain["predicate"].update(change)
    assert found in check(json.dumps(plain).encode())


def test_only_a_verdict_is_a_verdict() -> None:
    plain = json.loads(verdict())
    for kind in ("https://slsa.dev/provenance/v1", "https://slsa.dev/verification_summary/v2", build.SBOM_TYPE):
        assert check(json.dumps(plain | {"predicateType": kind}).encode()) == {"vsa-predicate-unknown"}


def test_a_trusted_time_ages_a_verdict_that_claims_to_be_young() -> None:
    old = Proof(key="k.pub", times=(((NOW - timedelta(days=40)).isoformat(), "tsa"),))
    assert check(verdict(time=NOW), old) == {"vsa-stale"}
    earlier = Proof(key="k.pub", times=(((NOW - timedelta(days=2)).isoformat(), "tsa"),))
    assert check(verdict(time=NOW - timedelta(days=1)), earlier) == {"vsa-invalid"}


def test_where_provenance_is_not_required_no_level_is() -> None:
    assert check(verdict(levels=[]), wanted=replace(WANTED, level=False)) == set()


def test_a_key_that_cannot_be_read_speaks_for_no_verifier() -> None:
    nameless = TrustedKey("k.pub", "")
    raw = verdict(verifier=vsa.key_verifier(""))
    assert {f.rule for f in vsa.check(intoto.parse(raw), Proof(key="k.pub"), KEY, WANTED)} == {"vsa-verifier-mismatch"}
    assert fingerprint(b"no key") == ""
    assert vsa.verifier_id(nameless, Proof(key="k.pub")) == vsa.key_verifier("")


def test_a_workflow_speaks_under_its_own_name() -> None:
    entry = TrustedIdentity("https://i.example", "a/b", "w")
    assert vsa.verifier_id(entry, Proof(san="https://github.com/a/b/w@refs/heads/main")).endswith("main")
    assert build.verifier_id("keyless", "https://example.com/w@r") == "https://example.com/w@r"
    with pytest.raises(FormatError):
        build.verifier_id("key", "not base64!")


FILES = {"a.sigstore.json": Digest.of(b"a"), "examined.json": Digest.of(b"e")}


def test_a_manifest_is_read_as_it_was_written() -> None:
    text = manifest.render(FILES)
    assert manifest.parse(text.encode()) == FILES
    assert list(manifest.check(text.encode(), FILES | {"MANIFEST": Digest.of(text.encode())})) == []


@pytest.mark.parametrize("name", ["", "a/b", "..\\x", "a\nb", "x" * 256, "a\x00"])
def test_a_manifest_names_files_of_its_folder_only(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        manifest.render({name: Digest.of(b"")})
    line = f"{Digest.of(b'').value}  {name}\n".encode()
    with pytest.raises(FormatError):
        manifest.parse(line)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\xff\n",
        manifest.render(FILES).encode()[:-1],
        manifest.render(FILES).encode() * 2,
        manifest.render(FILES).encode() + b"\n",
        manifest.render(FILES).encode().replace(b"  ", b" *"),
        manifest.render(FILES).upper().encode(),
        f"{'ab' * 32}  MANIFEST\n".encode(),
        f"{'ab' * 32}  ..\n".encode(),
        b"x" * (manifest.LIMIT + 1),
    ],
)
def test_a_manifest_that_cannot_be_read_is_a_changed_one(raw: bytes) -> None:
    with pytest.raises(FormatError):
        manifest.parse(raw)
    assert [finding.rule for finding in manifest.check(raw, FILES)] == ["evidence-changed"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_no_manifest_raises_anything_but_a_format_error(raw: bytes) -> None:
    assert list(manifest.check(raw, FILES))


def test_missing_changed_and_unlisted_evidence_are_told_apart() -> None:
    raw = manifest.render(FILES).encode()
    assert [f.rule for f in manifest.check(None, FILES)] == ["evidence-missing"]
    assert [f.rule for f in manifest.check(raw, {"examined.json": Digest.of(b"e")})] == ["evidence-missing"]
    changed = FILES | {"examined.json": Digest.of(b"other")}
    assert [f.rule for f in manifest.check(raw, changed)] == ["evidence-changed"]
    more = FILES | {"b.attestations.jsonl": Digest.of(b"b"), "b.vsa.sigstore.json": Digest.of(b"v")}
    assert [(f.rule, f.about) for f in manifest.check(raw, more)] == [("evidence-unbound", "b.attestations.jsonl")]


def test_every_rule_says_what_why_and_how_to_mend_it_under_one_name() -> None:
    assert len({rule.id for rule in rules.RULES}) == len(rules.RULES)
    for rule in rules.RULES:
        assert rule.level is (Level.WARN if rule.id in ("attestation-ignored", "rebuild-by-builder") else Level.FAIL)
        assert all((rule.says, rule.why, rule.fix))
        assert not rule.says.endswith(".")


def test_the_sentence_says_what_is_not_proven() -> None:
    by_key = sentence.signature_clauses("a", Proof(key="k.pub"))
    assert [(clause.topic, clause.proven) for clause in by_key] == [("signed", True), ("time", False)]
    assert "no time is proven" in by_key[1].says
    stamped = sentence.signature_clauses("a", Proof(key="k.pub", times=(("2026-01-01T00:00:00Z", "tsa"),)))
    assert stamped[1].proven
    assert "no later than 2026-01-01" in stamped[1].says
    certified = sentence.signature_clauses("a", Proof(san="s", times=(("2026-01-01T00:00:00Z", "tsa"),)))
    assert "at 2026-01-01" in certified[1].says
    assert not any(clause.proven for clause in sentence.signature_clauses("a", None))
    assert not any(clause.proven for clause in sentence.provenance_clauses("a", None, None))


def test_a_key_declares_a_source_and_a_certificate_proves_one() -> None:
    built = Built("https://github.com/acme/api", "refs/tags/v1", COMMIT, "https://github.com/acme/api/w@refs/tags/v1")
    declared = sentence.provenance_clauses("a", sentence.Origin(Proof(key="k.pub"), "b", built), None)
    assert [(c.topic, c.basis, c.proven) for c in declared][:2] == [
        ("source", "declared", False),
        ("workflow", "declared", False),
    ]
    proven = sentence.provenance_clauses("a", sentence.Origin(Proof(san="s"), "b", built), None)
    assert [(c.topic, c.basis, c.proven) for c in proven][:2] == [
        ("source", "certificate", True),
        ("workflow", "certificate", True),
    ]
    with_sbom = sentence.provenance_clauses("a", None, sentence.Contents(Proof(key="k.pub"), 7, "sha256:x"))
    assert with_sbom[2].proven
    assert "7 components" in with_sbom[2].says
