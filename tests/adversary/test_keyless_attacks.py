"""Attacks on keyless evidence, each really certified, signed, logged and stamped by a Sigstore that is trusted here.

Three tables: who signed, what the bundle proves, what the statement says. Every case goes through the stages of rows
5, 7 and 8 with the real verifier and must be refused under exactly the rule the table names.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from sigstack import forge
from sigstack.ca import Authority, new_key
from sigstack.claims import GITHUB, SERVER, Claims, github, gitlab
from sigstack.rekor import LogV1
from sigstack.tsa import TimestampAuthority
from support.keyless import (
    CALLED,
    GIT,
    HEX,
    LAB,
    NAME,
    NOW,
    OTHER,
    OURS,
    PLAIN,
    SAN,
    SHARED,
    SLSA,
    TAG,
    WORKFLOW,
    attested,
    changed,
    fails,
    furnished,
    refused,
    said,
    scene,
    shared,
    signed,
)
from support.sealed import COMMIT, SOURCE
from tidegate.domain.claims import build
from tidegate.formats.registries import public_hosts
from tidegate.model.control import Scope
from tidegate.model.digest import Digest

# Who signed: claims of the certificate, all else honest. A name, the trusted identity, the claims, the rule.
SIGNERS: dict[str, tuple[dict[str, Any], Claims, str]] = {
    "another repository of the owner": (PLAIN, github("acme/other"), "signer-source-mismatch"),
    "the repository's name of another owner": (PLAIN, github("evil/api"), "signer-source-mismatch"),
    "a repository whose name begins alike": (PLAIN, github("acme/api-evil"), "signer-source-mismatch"),
    "an owner whose name ends alike": (PLAIN, github("notacme/api"), "signer-source-mismatch"),
    "a repository named like the path": (PLAIN, github("evil/acme/api"), "signer-source-mismatch"),
    "the repository made again under its old name": (
        PLAIN,
        github(repository_id="654321"),
        "signer-repository-recreated",
    ),
    "the repository made again, in other letters": (
        PLAIN,
        github("ACME/Api", repository_id="654321"),
        "signer-repository-recreated",
    ),
    "the shared workflow with a hostile source": (CALLED, shared(repository="evil/api"), "signer-source-mismatch"),
    "another workflow of the repository": (
        PLAIN,
        github(workflow=".github/workflows/test.yml"),
        "signer-workflow-mismatch",
    ),
    "a workflow whose name begins alike": (
        PLAIN,
        github(workflow=".github/workflows/release.yml.evil.yml"),
        "signer-workflow-mismatch",
    ),
    "a workflow in other letters": (
        PLAIN,
        github(workflow=".github/workflows/Release.yml"),
        "signer-workflow-mismatch",
    ),
    "a workflow with the trusted one in its name": (
        PLAIN,
        github(workflow=f".github/workflows/x@{WORKFLOW.rpartition('/')[2]}"),
        "signer-workflow-mismatch",
    ),
    "the shared workflow where the own one is trusted": (PLAIN, shared(), "signer-workflow-mismatch"),
    "the own workflow where the shared one is trusted": (CALLED, github(), "signer-workflow-mismatch"),
    "a shared workflow of a look-alike": (
        CALLED,
        shared(job_workflow_ref=f"bui1ders/ci/.github/workflows/build.yml@{TAG}"),
        "signer-workflow-mismatch",
    ),
    "the shared workflow from a proposed change": (CALLED, shared("refs/pull/7/merge"), "signer-workflow-ref-mismatch"),
    "the shared workflow at a commit, maybe a fork's": (CALLED, shared("2e" * 20), "signer-workflow-ref-mismatch"),
    "the shared workflow at a name with two refs": (
        CALLED,
        shared(f"refs/heads/evil@{TAG}"),
        "signer-workflow-ref-mismatch",
    ),
    "the own workflow from another branch than the source": (
        PLAIN,
        github(job_workflow_ref=f"{WORKFLOW}@refs/heads/evil"),
        "signer-workflow-ref-mismatch",
    ),
    "the shared workflow called by a test": (
        CALLED,
        shared(workflow_ref=f"acme/api/.github/workflows/test.yml@{TAG}"),
        "signer-caller-mismatch",
    ),
    "the shared workflow called from another branch": (
        CALLED,
        shared(workflow_ref=f"{WORKFLOW}@refs/heads/evil"),
        "signer-caller-mismatch",
    ),
    "a branch named like the tag": (PLAIN, github(ref="refs/heads/v1.0"), "signer-ref-mismatch"),
    "a branch with the tag in its name": (PLAIN, github(ref=f"refs/heads/x@{TAG}"), "signer-ref-mismatch"),
    "a tag beyond the pattern": (PLAIN, github(ref="refs/tags/nightly"), "signer-ref-mismatch"),
    "a tag that goes on after the pattern": (PLAIN, github(ref="refs/tags/v1/evil"), "signer-ref-mismatch"),
    "a proposed change": (PLAIN, github(ref="refs/pull/7/merge", event="pull_request"), "signer-ref-mismatch"),
    "a target of a proposed change": (PLAIN, github(event="pull_request_target"), "signer-trigger-refused"),
    "a run after another one": (PLAIN, github(event="workflow_run"), "signer-trigger-refused"),
    "a comment": (PLAIN, github(event="issue_comment"), "signer-trigger-refused"),
    "a runner of their own": (PLAIN, github(runner_environment="self-hosted"), "signer-runner-mismatch"),
    "an issuer with the trusted one as its beginning": (PLAIN, github(iss=GITHUB + "/evil"), "signer-issuer-mismatch"),
    "an issuer with a longer host": (PLAIN, github(iss=GITHUB + ".evil.example"), "signer-issuer-mismatch"),
    "the same project at another CI system": (PLAIN, gitlab(), "signer-issuer-mismatch"),
    "a person": (PLAIN, {"iss": "https://accounts.example", "email": "me@acme.example"}, "signer-issuer-mismatch"),
    "a merge request": (
        LAB,
        gitlab(
            ci_config_ref_uri="gitlab.com/acme/api//.gitlab-ci.yml@refs/merge-requests/7/head",
        ),
        "signer-workflow-ref-mismatch",
    ),
    "a branch of the project": (LAB, gitlab(ref="main", ref_type="branch"), "signer-ref-mismatch"),
    "a runner of their own, at GitLab": (LAB, gitlab(runner_environment="self-hosted"), "signer-runner-mismatch"),
    "a pipeline for a merge request": (LAB, gitlab(source="merge_request_event"), "signer-trigger-refused"),
    "the project made again": (LAB, gitlab(project_id="654321"), "signer-repository-recreated"),
    "a project in other letters": (LAB, gitlab("Acme/api"), "signer-source-mismatch"),
    "another configuration file": (LAB, gitlab(config="evil.yml"), "signer-workflow-mismatch"),
}


@pytest.mark.parametrize("attack", SIGNERS)
def test_a_signer_the_policy_does_not_name_is_refused_by_the_name_of_the_cause(attack: str) -> None:
    trusted, claims, rule = SIGNERS[attack]
    statement = said(claims if claims["iss"].startswith(GITHUB) else github())
    here = furnished(scene(trusted), attested(claims, statement), signed(claims))
    assert fails(here.signing()) == {rule}
    refused(here, {rule})


# What a certificate, a log or an envelope proves. A name, the knobs of the forge, and what is wrong: the rule's ending.
def _uri(text: str) -> list[x509.GeneralName]:
    return [x509.UniformResourceIdentifier(text)]


def _with(**change: object) -> Callable[[dict[str, Any]], object]:
    return lambda bundle: bundle.update(change)


def _entry(**change: object) -> Callable[[dict[str, Any]], object]:
    return lambda bundle: bundle["verificationMaterial"]["tlogEntries"][0].update(change)


BUNDLES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing proves a time": ({"rekor": 2, "tsa": False}, "time"),
    "the log's promise is taken away": ({"promise": False, "tsa": False}, "time"),
    "a timestamp after the certificate ended": ({"rekor": 2, "tsa_time": NOW + timedelta(hours=1)}, "invalid"),
    "a timestamp before the certificate began": ({"rekor": 2, "tsa_time": NOW - timedelta(hours=1)}, "invalid"),
    "one timestamp of two after the certificate ended": ({"tsa_time": NOW + timedelta(hours=1)}, "invalid"),
    "the log's time moved": ({"moved_time": NOW - timedelta(minutes=1), "tsa": False}, "invalid"),
    "the log's time after the certificate ended": ({"log_time": NOW + timedelta(hours=1), "tsa": False}, "invalid"),
    "a timestamp over something else": ({"rekor": 2, "stamp_over": b"something else"}, "invalid"),
    "a timestamp by another instance": ({"rekor": 2, "authority_of_time": TimestampAuthority()}, "invalid"),
    "thirty-three timestamps": ({"stamps": 33}, "invalid"),
    "a certificate of another instance": ({"authority": Authority()}, "invalid"),
    "a certificate in no known transparency log": ({"ct": "foreign"}, "invalid"),
    "a certificate in no transparency log": ({"ct": "none"}, "invalid"),
    "a certificate for web servers": ({"purposes": [ExtendedKeyUsageOID.SERVER_AUTH]}, "invalid"),
    "a key the certificate does not name": ({"signed_by": new_key()}, "invalid"),
    "a log of another instance": ({"log": LogV1()}, "invalid"),
    "an entry about something else": ({"logged": b"something else"}, "invalid"),
    "an entry about something else, of the other log": ({"rekor": 2, "logged": b"something else"}, "invalid"),
    "no log entry": ({"entries": 0}, "log"),
    "no log entry, two timestamps": ({"entries": 0, "stamps": 2}, "log"),
    "two log entries": ({"entries": 2}, "invalid"),
    "a wrong proof": ({"proof": "wrong"}, "invalid"),
    "a wrong proof, of the other log": ({"rekor": 2, "proof": "wrong"}, "invalid"),
    "no proof": ({"proof": "none"}, "log"),
    "a checkpoint of another tree": ({"checkpoint": "wrong"}, "invalid"),
    "a checkpoint by another log": ({"checkpoint": "foreign"}, "invalid"),
    "a checkpoint of another tree, of the other log": ({"rekor": 2, "checkpoint": "wrong"}, "invalid"),
    "a checkpoint by another log, of the other log": ({"rekor": 2, "checkpoint": "foreign"}, "invalid"),
    "no checkpoint": ({"checkpoint": "none"}, "log"),
    "an entry of an unknown kind": (
        {"change": _entry(kindVersion={"kind": "alpine", "version": "0.0.1"})},
        "unsupported",
    ),
    "an entry of another kind than it says": (
        {"change": _entry(kindVersion={"kind": "hashedrekord", "version": "0.0.2"})},
        "invalid",
    ),
    "a payload changed afterwards": ({"payload_after": b"something else"}, "invalid"),
    "an unknown media type": ({"media_type": "application/vnd.dev.sigstore.bundle.v0.4+json"}, "unsupported"),
    "no media type": ({"media_type": ""}, "unsupported"),
    "a field nobody knows": ({"change": _with(trusted=True)}, "invalid"),
    "two subject names": ({"names": _uri(SAN) + _uri(SAN + "x")}, "invalid"),
    "two issuers": ({"extensions": {1: "https://evil.example"}}, "invalid"),
    "two triggers": ({"extensions": {2: "pull_request_target"}}, "invalid"),
    "two commits": ({"extensions": {3: "2e" * 20}}, "invalid"),
    "two refs": ({"extensions": {6: "refs/heads/evil"}}, "invalid"),
    "a claim that is no text": ({"extensions": {12: b"https://github.com/acme/api"}}, "invalid"),
    "a claim with an ending nobody reads": ({"extensions": {12: b"\x0c\x02hi!"}}, "invalid"),
    "a subject name that is an address": ({"names": [x509.RFC822Name("me@acme.example")]}, "signer-workflow-mismatch"),
    "a subject name the builder's claim denies": ({"extensions": {9: SAN + ".1"}}, "signer-contradicted"),
    "no claim of the issuer": ({"extensions": {8: None}}, "signer-issuer-mismatch"),
    "no claim of the source": ({"extensions": {12: None}}, "signer-source-mismatch"),
    "no claim of the repository's id": ({"extensions": {15: None}}, "signer-repository-recreated"),
    "no claim of the builder": ({"extensions": {9: None}}, "signer-contradicted"),
    "no claim of the ref": ({"extensions": {14: None}}, "signer-workflow-ref-mismatch"),
    "a ref with a line break": ({"extensions": {6: TAG + "\n", 14: TAG + "\n"}}, "signer-workflow-ref-mismatch"),
    "no claim of the runner": ({"extensions": {11: None}}, "signer-runner-mismatch"),
    "no claim of the trigger": ({"extensions": {20: None}}, "signer-trigger-refused"),
}
ENDINGS = {
    "invalid": ("signature-invalid", "provenance-invalid"),
    "unsupported": ("signature-unsupported", "provenance-unsupported"),
    "log": ("log-proof-missing", "log-proof-missing"),
    "time": ("certificate-time-missing", "certificate-time-missing"),
}


@pytest.mark.parametrize("attack", BUNDLES)
def test_a_bundle_that_proves_too_little_is_refused_and_the_cause_named(attack: str) -> None:
    knobs, ending = BUNDLES[attack]
    of_file, of_statement = ENDINGS.get(ending, (ending, ending))
    here = furnished(scene(), attested(at=NOW, **knobs), signed(at=NOW, **knobs))
    assert fails(here.signing()) == {of_file}
    assert here.signing().blind == ()
    for report in (here.tracing(Scope.CHECK), here.tracing(Scope.VERIFY)):
        assert fails(report) == {of_statement}
        assert report.blind == ()
    assert fails(here.deploying()) == {of_file, of_statement}


# What a statement says that is rightly signed by the trusted identity.


def more(text: bytes) -> bytes:
    """The honest statement with one more member at its end."""
    return said(github())[:-1] + b"," + text + b"}"


def build_says(name: str, value: object) -> bytes:
    return changed(("predicate", "buildDefinition", name), value)


def run_says(name: str, value: object) -> bytes:
    return changed(("predicate", "runDetails", "metadata", name), value)


def workflow_says(name: str, value: object) -> bytes:
    return changed(("predicate", "buildDefinition", "externalParameters", "workflow", name), value)


def platform_says(name: str, value: object) -> bytes:
    return changed(("predicate", "buildDefinition", "internalParameters", "github", name), value)


STATEMENTS: dict[str, tuple[bytes, str]] = {
    "an older release's digest": (changed(("subject", 0, "digest"), {"sha256": "00" * 32}), "subject-mismatch"),
    "another file's name": (changed(("subject", 0, "name"), "other.tar.gz"), "subject-mismatch"),
    "our name and our digest, of two subjects": (
        changed(("subject",), [OTHER[0] | {"name": NAME}, {"name": "x", "digest": {"sha256": HEX}}]),
        "subject-mismatch",
    ),
    "a digest as sha1 only": (changed(("subject", 0, "digest"), {"sha1": HEX[:40]}), "invalid"),
    "the digest in another algorithm's place": (changed(("subject", 0, "digest"), {"sha512": HEX}), "invalid"),
    "a digest in capitals": (changed(("subject", 0, "digest"), {"sha256": HEX.upper()}), "invalid"),
    "a digest as a list": (changed(("subject", 0, "digest"), {"sha256": [HEX]}), "invalid"),
    "one name with two digests": (changed(("subject",), [*json.loads(OURS), OTHER[0] | {"name": NAME}]), "invalid"),
    "no subject": (changed(("subject",), []), "invalid"),
    "ten thousand subjects": (changed(("subject",), OTHER * 10_000), "invalid"),
    "a key twice with one value": (more(f'"predicateType":"{SLSA}"'.encode()), "invalid"),
    "our digest in a second list of subjects": (
        changed(("subject",), OTHER)[:-1] + b',"subject":' + OURS + b"}",
        "invalid",
    ),
    "a key twice deep inside": (
        said(github()).replace(b'"builder":{', b'"builder":{"id":"https://evil.example",', 1),
        "invalid",
    ),
    "a statement of version 0.1": (changed(("_type",), "https://in-toto.io/Statement/v0.1"), "invalid"),
    "a statement of version 2": (changed(("_type",), "https://in-toto.io/Statement/v2"), "invalid"),
    "a list": (b"[" + said(github()) + b"]", "invalid"),
    "a number that is none": (more(b'"x":NaN'), "invalid"),
    "a number beyond all bounds": (more(b'"x":1e999'), "invalid"),
    "two hundred thousand levels": (more(b'"x":' + b"[" * 200_000 + b"]" * 200_000), "invalid"),
    "half a character": (more(b'"x":"\\ud800"'), "invalid"),
    "bytes that are no text": (b"\xff\xfe", "invalid"),
    "nothing": (b"{}", "invalid"),
    "an SBOM": (changed(("predicateType",), build.SBOM_TYPE), "missing"),
    "an attestation of publication": (
        changed(("predicateType",), f"https://docs.{min(public_hosts('PyPI'), key=len)}/attestations/publish/v1"),
        "missing",
    ),
    "a verdict": (changed(("predicateType",), "https://slsa.dev/verification_summary/v1"), "missing"),
    "provenance of a coming version": (changed(("predicateType",), SLSA[:-1] + "9"), "predicate-unknown"),
    "a type that begins like provenance": (changed(("predicateType",), SLSA + "/x"), "predicate-unknown"),
    "an empty predicate": (changed(("predicate",), {}), "invalid"),
    "a predicate that is a list": (changed(("predicate",), [{}]), "invalid"),
    "a predicate that is null": (changed(("predicate",), None), "invalid"),
    "a builder that is a number": (changed(("predicate", "runDetails", "builder", "id"), 7), "invalid"),
    "a ref that is a list": (workflow_says("ref", [TAG]), "invalid"),
    "a lie about the builder": (
        changed(("predicate", "runDetails", "builder", "id"), f"{SERVER}/{SHARED}@refs/tags/v3"),
        "builder-mismatch",
    ),
    "a builder in other letters": (
        changed(("predicate", "runDetails", "builder", "id"), SAN.replace("acme", "ACME")),
        "builder-mismatch",
    ),
    "a lie about the commit": (
        build_says("resolvedDependencies", [{"uri": GIT, "digest": {"gitCommit": "2e" * 20}}]),
        "claim-mismatch commit-mismatch",
    ),
    "a second commit of the source": (
        build_says(
            "resolvedDependencies",
            [{"uri": GIT, "digest": {"gitCommit": COMMIT}}, {"uri": GIT, "digest": {"gitCommit": "2e" * 20}}],
        ),
        "invalid",
    ),
    "no commit": (build_says("resolvedDependencies", []), "invalid"),
    "a lie about the repository": (workflow_says("repository", f"{SERVER}/acme/other"), "invalid"),
    "a lie about the ref": (workflow_says("ref", "refs/tags/v2.0"), "invalid"),
    "a lie about the workflow": (workflow_says("path", ".github/workflows/test.yml"), "claim-mismatch"),
    "a lie about the run": (run_says("invocationId", f"{SERVER}/acme/api/actions/runs/1/attempts/1"), "claim-mismatch"),
    "a lie about the runner": (platform_says("runner_environment", "self-hosted"), "claim-mismatch"),
    "a lie about the event": (platform_says("event_name", "release"), "claim-mismatch"),
    "a lie about the repository's id": (platform_says("repository_id", "654321"), "claim-mismatch"),
    "a lie about the owner's id": (platform_says("repository_owner_id", "1"), "claim-mismatch"),
    "a build that ended after it was attested": (run_says("finishedOn", "2099-01-01T00:00:00Z"), "claim-mismatch"),
    "a build at a time that is none": (run_says("startedOn", "yesterday"), "claim-mismatch"),
    "a parameter nobody expects": (
        build_says("externalParameters", {"workflow": {}, "inputs": {"flags": "--unsafe"}}),
        "parameters-unknown invalid",
    ),
    "a parameter inside a known one": (workflow_says("flags", "--unsafe"), "parameters-unknown"),
    "an unknown build type": (build_says("buildType", "https://evil.example/build"), "build-type-unknown"),
    "a build type in other letters": (
        build_says("buildType", "https://actions.github.io/buildtypes/Workflow/v1"),
        "build-type-unknown",
    ),
    "the build type of a laptop": (
        forge.statement(
            NAME,
            HEX,
            SLSA,
            {
                "buildDefinition": {
                    "buildType": "https://tidegate.dev/buildtypes/local/v1",
                    "externalParameters": {"source": {"ref": TAG, "repository": f"{SERVER}/acme/api"}},
                    "resolvedDependencies": [{"uri": GIT, "digest": {"gitCommit": COMMIT}}],
                },
                "runDetails": {"builder": {"id": "https://tidegate.dev/builders/local"}},
            },
        ),
        "builder-mismatch claim-mismatch",
    ),
}


@pytest.mark.parametrize("attack", STATEMENTS)
def test_a_statement_is_refused_although_the_trusted_identity_signed_it(attack: str) -> None:
    statement, endings = STATEMENTS[attack]
    here = furnished(scene(source=replace(SOURCE)), attested(statement=statement))
    assert fails(here.signing()) == set()
    refused(here, {f"provenance-{ending}" for ending in endings.split()})


def test_a_lie_told_twice_is_still_a_lie() -> None:
    said_twice = said(github()).replace(TAG.encode(), b"refs/tags/v2.0")
    assert fails(furnished(scene(), attested(statement=said_twice)).tracing(Scope.VERIFY)) == {
        "provenance-builder-mismatch",
        "provenance-claim-mismatch",
    }
    plain = json.loads(said(github()))
    definition = plain["predicate"]["buildDefinition"]
    definition["externalParameters"]["workflow"]["repository"] = f"{SERVER}/acme/other"
    definition["resolvedDependencies"][0]["uri"] = GIT.replace("api", "other")
    here = furnished(scene(), attested(statement=json.dumps(plain).encode()))
    assert fails(here.tracing(Scope.VERIFY)) == {"provenance-claim-mismatch"}
    assert fails(here.tracing()) == {"provenance-claim-mismatch", "provenance-source-mismatch"}


def test_a_verdict_cannot_reach_outside_the_evidence() -> None:
    here = furnished(scene(), attested())
    outside = dict.fromkeys(("../../etc/passwd", "/etc/passwd", "MANIFEST/../MANIFEST"), Digest.of(b"x"))
    listed = [(name, Digest.of(raw)) for name, raw in here.evidence.items() if ".vsa." not in name]
    here.judge(here.verdict(inputs=[*listed, *outside.items()]))
    findings = here.deploying().findings
    assert {(finding.rule, finding.about) for finding in findings} == {("evidence-missing", name) for name in outside}


@pytest.mark.parametrize("kind", ["text/plain", forge.IN_TOTO + ";v=2", "application/vnd.in-toto+JSON", ""])
@pytest.mark.parametrize("knob", ["payload_type", "type_after"])
def test_a_payload_of_another_type_is_refused_signed_or_not(kind: str, knob: str) -> None:
    knobs: dict[str, Any] = {knob: kind}
    refused(furnished(scene(), attested(**knobs)), {"provenance-invalid"})


@pytest.mark.parametrize("count", [0, 2])
def test_an_envelope_has_one_signature(count: int) -> None:
    refused(furnished(scene(), attested(signatures=count)), {"provenance-invalid"})


@pytest.mark.parametrize("size", [30_000_000, 100_000])
def test_a_bundle_of_thirty_megabytes_and_one_without_an_end_are_refused(size: int) -> None:
    refused(furnished(scene(), b'{"mediaType":"' + b"x" * size), {"provenance-invalid"})


def test_a_bundle_with_a_key_twice_is_refused() -> None:
    bundle = attested().replace(b'"mediaType":', b'"mediaType": "x", "mediaType":', 1)
    refused(furnished(scene(), bundle), {"provenance-invalid"})


def test_the_tables_hold_every_class_of_attack() -> None:
    assert len(SIGNERS) + len(BUNDLES) + len(STATEMENTS) >= 69
    assert len({*SIGNERS, *BUNDLES, *STATEMENTS}) == len(SIGNERS) + len(BUNDLES) + len(STATEMENTS)
