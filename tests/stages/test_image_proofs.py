"""An image counts as signed only by a signature over its own digest, whichever tool made it."""

import io
import json
from collections.abc import Callable

import pytest

from support import images, sealed
from support.sealed import BUILDER, STRANGER, Scene
from tidegate.adapters.ci.local import LocalCI
from tidegate.domain.claims import build
from tidegate.formats import attached, cosign_tags, intoto
from tidegate.model.digest import Digest
from tidegate.model.evidence import Report

OTHER = Digest.of(b"another manifest")
SIGNATURE_NOTE = "dev.cosignproject.cosign/signature"


def report(files: dict[str, bytes]) -> Report:
    scene = Scene(data=images.MANIFEST, artifacts=(images.artifact(),), evidence=files)
    return scene.signing()


def over_bytes(by: str = BUILDER) -> dict[str, bytes]:
    bundle = sealed.signer(by).sign_digest(images.artifact(), io.BytesIO(images.MANIFEST))
    return {"app.sigstore.json": bundle.encode()}


def stated(by: str = BUILDER, digest: Digest | None = None, kind: str = attached.COSIGN_SIGN) -> dict[str, bytes]:
    statement = intoto.build([("registry.example/acme/app", digest or images.artifact().digest)], kind, {})
    return {"app.sigstore.json": sealed.signer(by).sign_statement(statement).encode()}


def simple(by: str = BUILDER, digest: Digest | None = None) -> dict[str, bytes]:
    payload = images.simple_payload(digest or images.artifact().digest)
    return {"app.cosign.jsonl": cosign_tags.line(payload, {SIGNATURE_NOTE: images.plain_signature(payload, by)})}


@pytest.mark.parametrize("made", [over_bytes, stated, simple])
def test_each_shape_of_a_signature_counts_and_a_strangers_does_not(made: Callable[..., dict[str, bytes]]) -> None:
    assert sealed.rules_of(report(made())) == set()
    assert sealed.rules_of(report(made(STRANGER))) == {"signature-untrusted"}


@pytest.mark.parametrize("made", [stated, simple])
def test_a_good_signature_about_another_image_is_refused(made: Callable[..., dict[str, bytes]]) -> None:
    assert sealed.rules_of(report(made(digest=OTHER))) == {"signature-invalid"}


def test_an_attestation_is_no_signature_of_an_image() -> None:
    assert sealed.rules_of(report(stated(kind="https://spdx.dev/Document"))) == {"signature-invalid"}


def test_without_any_signature_it_is_missing() -> None:
    assert sealed.rules_of(report({})) == {"signature-missing"}


def test_one_good_signature_of_the_old_kind_is_enough_and_rubbish_beside_it_changes_nothing() -> None:
    (good,) = simple().values()
    (stranger,) = simple(STRANGER).values()
    assert sealed.rules_of(report({"app.cosign.jsonl": stranger + b"\n" + good + b"\n"})) == set()
    assert sealed.rules_of(report({"app.cosign.jsonl": stranger})) == {"signature-untrusted"}


@pytest.mark.parametrize("raw", [b"{}", b"rubbish", b'{"payload": "?", "bundle": {}}', b"{}\n" * 300])
def test_a_file_of_the_old_kind_that_cannot_be_read_is_invalid(raw: bytes) -> None:
    assert sealed.rules_of(report({"app.cosign.jsonl": raw})) == {"signature-invalid"}


def test_a_changed_payload_is_refused() -> None:
    (line,) = simple().values()
    plain = json.loads(line)
    payload = images.simple_payload(images.artifact().digest).replace(b"acme", b"evil")
    plain["payload"] = json.loads(cosign_tags.line(payload, {}))["payload"]
    assert sealed.rules_of(report({"app.cosign.jsonl": json.dumps(plain).encode()})) == {"signature-invalid"}


def test_provenance_and_sbom_of_an_image_go_by_its_full_name() -> None:
    scene = Scene()
    made = (
        build.provenance_statement(images.artifact(), LocalCI().facts(scene.source), scene.source),
        build.sbom_statement(images.artifact(), '{"bomFormat": "CycloneDX"}'),
    )
    for statement in made:
        (subject,) = intoto.parse(statement).subjects
        assert subject.name == "registry.example/acme/app"
        assert subject.digest.matches(images.artifact().digest)
