"""The registry client against a real registry and against one with bad manners."""

import base64
import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support import images, sealed
from support.registry import ABSENT, BINARY, IMAGE, INDEX, StandIn, digest, docker_registry, image
from tidegate.adapters.registry import credentials
from tidegate.adapters.registry.client import RepositoryClient
from tidegate.adapters.registry.credentials import Credentials
from tidegate.adapters.registry.registry import OciRegistry
from tidegate.adapters.registry.transport import Transport
from tidegate.errors import FormatError, NoSuchArtifact, UnavailableError, UserError
from tidegate.formats import attached, bundle, cosign_tags, oci
from tidegate.formats.oci import Descriptor, Reference
from tidegate.model.digest import Digest

LOGIN = base64.b64encode(b"robot:" + b"word").decode()


class Stopped:
    def now(self) -> datetime:
        return datetime(2026, 5, 1, tzinfo=UTC)


def client(stand_in: StandIn, name: str = "acme/app") -> OciRegistry:
    logins = {stand_in.host: LOGIN} if stand_in.login else {}
    return OciRegistry(Credentials(logins), Stopped(), timeout=0.5, total=3)


def reference(host: str, tag: str = "1.0") -> Reference:
    return oci.reference(f"oci://{host}/acme/app:{tag}")


def a_bundle(number: int = 0) -> bytes:
    scene = sealed.Scene()
    statement = json.loads(scene.provenance())
    statement["predicate"]["runDetails"]["metadata"] = {"invocationId": f"run {number}"}
    return sealed.signer(sealed.BUILDER).sign_statement(sealed.statement(statement)).encode()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if BINARY is None:
        pytest.skip(ABSENT)
    with docker_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


def push_image(host: str, tag: str) -> Reference:
    at = reference(host, tag)
    with RepositoryClient(at, Credentials(), push=True) as pushing:
        config = Descriptor("application/vnd.oci.image.config.v1+json", pushing.put_blob(b"{}"), 2)
        layer = Descriptor("application/vnd.oci.image.layer.v1.tar", pushing.put_blob(tag.encode()), len(tag))
        plain = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": oci.plain_descriptor(config),
            "layers": [oci.plain_descriptor(layer)],
        }
        pushing.put_manifest(json.dumps(plain).encode(), IMAGE, tag)
    return at


def test_evidence_pushed_to_a_real_registry_is_found_again_byte_for_byte(real: str) -> None:
    at = push_image(real, "found")
    registry = OciRegistry(Credentials(), Stopped())
    manifest = registry.image(at)
    assert registry.evidence(at, manifest.digest) == ()
    pushed = [a_bundle(number) for number in range(3)]
    for data in pushed:
        registry.attach(at, manifest, bundle.V03, data, attached.notes(data))
    found = registry.evidence(at, manifest.digest)
    assert sorted(piece.data for piece in found) == sorted(pushed)
    assert {piece.kind for piece in found} == {attached.BUNDLE}
    notes = dict(found[0].annotations)
    assert notes["dev.sigstore.bundle.content"] == "dsse-envelope"
    assert notes["dev.sigstore.bundle.predicateType"] == "https://slsa.dev/provenance/v1"
    assert notes["org.opencontainers.image.created"] == "2026-05-01T00:00:00Z"


def test_the_same_evidence_pushed_twice_is_kept_once(real: str) -> None:
    at = push_image(real, "twice")
    registry = OciRegistry(Credentials(), Stopped())
    manifest = registry.image(at)
    data = a_bundle()
    first, second = (registry.attach(at, manifest, bundle.V03, data, {}) for _ in range(2))
    assert first == second
    assert [piece.digest for piece in registry.evidence(at, manifest.digest)] == [first]


def test_a_tag_or_digest_that_is_not_there_is_said_to_be_missing(real: str) -> None:
    registry = OciRegistry(Credentials(), Stopped())
    with pytest.raises(NoSuchArtifact):
        registry.image(reference(real, "never-pushed"))
    with pytest.raises(NoSuchArtifact):
        registry.image(reference(real).at(Digest.of(b"never")))


@pytest.mark.parametrize("mode", ["ok", "no-referrers"])
def test_evidence_is_found_by_the_api_and_by_the_fallback_tag(mode: str) -> None:
    with StandIn(mode) as stand_in:
        image(stand_in)
        registry = client(stand_in)
        at = reference(stand_in.host)
        manifest = registry.image(at)
        data = a_bundle()
        registry.attach(at, manifest, bundle.V03, data, attached.notes(data))
        assert [piece.data for piece in registry.evidence(at, manifest.digest)] == [data]
        tagged = oci.fallback_tag(manifest.digest) in stand_in.stored.manifests
        assert tagged == (mode == "no-referrers")


def test_what_only_the_api_and_what_only_the_tag_lists_are_both_found() -> None:
    with StandIn("no-referrers") as stand_in:
        image(stand_in)
        registry, at = client(stand_in), reference(stand_in.host)
        manifest = registry.image(at)
        by_tag, by_api = a_bundle(1), a_bundle(2)
        registry.attach(at, manifest, bundle.V03, by_tag, {})
        stand_in.mode = "ok"
        registry.attach(at, manifest, bundle.V03, by_api, {})
        assert sorted(p.data for p in registry.evidence(at, manifest.digest)) == sorted([by_tag, by_api])


def test_what_is_attached_by_other_tools_for_other_ends_is_not_fetched() -> None:
    with StandIn() as stand_in:
        image(stand_in)
        registry, at = client(stand_in), reference(stand_in.host)
        manifest = registry.image(at)
        registry.attach(at, manifest, "application/spdx+json", b"{}", {})
        assert registry.evidence(at, manifest.digest) == ()


def test_a_bundle_that_refers_to_another_image_is_refused() -> None:
    with StandIn("no-referrers") as stand_in:
        image(stand_in)
        other = image(stand_in, "2.0")
        assert other
        registry, at = client(stand_in), reference(stand_in.host)
        manifest = registry.image(at)
        foreign = Descriptor(IMAGE, Digest.of(b"another image"), 10)
        held = registry.attach(at, oci.parse(manifest.raw), bundle.V03, a_bundle(), {})
        raw = stand_in.stored.manifests[str(held)][1].replace(
            str(manifest.digest).encode(), str(foreign.digest).encode()
        )
        stand_in.put(raw)
        listed = oci.index((Descriptor(IMAGE, Digest.of(raw), len(raw), bundle.V03),))
        stand_in.put(listed, oci.fallback_tag(manifest.digest), INDEX)
        with pytest.raises(FormatError, match="refers to another"):
            registry.evidence(at, manifest.digest)


@pytest.mark.parametrize(
    "mode", ["hang", "401-loop", "403", "truncated", "500", "html", "redirect-manifest", "bad-realm"]
)
def test_a_registry_that_does_not_answer_is_unavailable_within_its_deadline(mode: str) -> None:
    with StandIn(mode, token="t" if mode == "bad-realm" else "") as stand_in, StandIn() as other:
        stand_in.elsewhere = other.host
        image(stand_in)
        image(other)
        begun = time.monotonic()
        with pytest.raises(UnavailableError):
            client(stand_in).image(reference(stand_in.host))
        assert time.monotonic() - begun < 6
        assert other.seen == []
        assert len(stand_in.seen) < 10


def test_one_stumble_is_not_the_end() -> None:
    with StandIn("500-once") as stand_in:
        expected = image(stand_in)
        assert str(client(stand_in).image(reference(stand_in.host)).digest) == expected


@pytest.mark.parametrize("mode", ["wrong-digest", "other-bytes", "huge-manifest"])
def test_a_manifest_that_is_not_what_was_asked_for_is_refused(mode: str) -> None:
    with StandIn(mode) as stand_in:
        expected = Digest.parse(image(stand_in))
        with pytest.raises(FormatError):
            client(stand_in).image(reference(stand_in.host).at(expected))


@pytest.mark.parametrize("mode", ["other-bytes", "huge-blob"])
def test_a_blob_of_other_bytes_or_another_size_is_refused(mode: str) -> None:
    with StandIn() as stand_in:
        data = b"exactly these bytes"
        stand_in.blob(data)
        stand_in.mode = mode
        with (
            RepositoryClient(reference(stand_in.host), Credentials(), timeout=1, total=3) as asking,
            pytest.raises(FormatError),
        ):
            asking.blob(Descriptor("application/x", Digest.of(data), len(data)), 100)


def test_a_blob_larger_than_allowed_is_not_even_asked_for() -> None:
    with StandIn() as stand_in:
        with (
            RepositoryClient(reference(stand_in.host), Credentials()) as asking,
            pytest.raises(FormatError, match="larger"),
        ):
            asking.blob(Descriptor("application/x", Digest.of(b"x"), 1 << 40), 100)
        assert stand_in.seen == []


def test_a_redirect_of_a_blob_is_followed_without_the_login() -> None:
    data = b"kept elsewhere"
    with StandIn("redirect-away", token="for-us-alone") as stand_in, StandIn() as store:
        stand_in.elsewhere = store.host
        stand_in.blob(data)
        store.blob(data)
        with RepositoryClient(reference(stand_in.host), Credentials(), timeout=1, total=3) as asking:
            # Two loopback ports are two hosts: what one was told must not reach the other.
            asking.manifest("nothing")
            assert asking.blob(Descriptor("application/x", Digest.of(data), len(data)), 100) == data
        assert stand_in.authorizations()
        assert store.seen
        assert store.authorizations() == []


@pytest.mark.parametrize("mode", ["redirect-plain", "redirect-loop", "packed"])
def test_a_blob_is_not_followed_to_where_it_must_not_come_from(mode: str) -> None:
    with StandIn(mode) as stand_in:
        data = b"bytes"
        stand_in.blob(data)
        with (
            RepositoryClient(reference(stand_in.host), Credentials(), timeout=1, total=3) as asking,
            pytest.raises(UnavailableError),
        ):
            asking.blob(Descriptor("application/x", Digest.of(data), len(data)), 100)
        assert len(stand_in.seen) < 10


def test_pages_without_end_are_not_read_for_ever_and_not_cut_off_silently() -> None:
    with StandIn("endless") as stand_in:
        found = Digest.parse(image(stand_in))
        with pytest.raises(FormatError, match="more than can be looked at"):
            client(stand_in).evidence(reference(stand_in.host), found)
        assert len(stand_in.seen) <= 25


@pytest.mark.parametrize("mode", ["elsewhere-page", "upload-elsewhere"])
def test_pages_and_uploads_do_not_lead_to_another_host(mode: str) -> None:
    with StandIn(mode) as stand_in:
        image(stand_in)
        registry, at = client(stand_in), reference(stand_in.host)
        manifest = registry.image(at)
        with pytest.raises(UnavailableError, match="another host"):
            registry.attach(at, manifest, bundle.V03, a_bundle(), {})


def test_a_token_is_asked_for_with_the_stored_login_and_for_this_repository_alone() -> None:
    with StandIn(token="for-us-alone", login=LOGIN) as stand_in:
        expected = image(stand_in)
        assert str(client(stand_in).image(reference(stand_in.host)).digest) == expected
        (asked,) = [seen for seen in stand_in.seen if seen.path.startswith("/token")]
        assert "scope=repository%3Aacme%2Fapp%3Apull&" in asked.path + "&"
        assert "everything" not in asked.path
        assert asked.headers["Authorization"] == f"Basic {LOGIN}"


def test_a_refused_login_says_what_to_type_and_nothing_secret() -> None:
    with StandIn(token="t", login="b3RoZXI6d29yZA==") as stand_in:
        image(stand_in)
        asking = OciRegistry(Credentials({stand_in.host: LOGIN}, helpers=True), Stopped(), timeout=1, total=3)
        with pytest.raises(UnavailableError) as caught:
            asking.image(reference(stand_in.host))
        assert f"docker login {stand_in.host}" in caught.value.hint
        assert "helpers" in caught.value.hint
        assert LOGIN not in str(caught.value) + caught.value.hint


def test_a_registry_that_is_not_there_is_unavailable() -> None:
    with StandIn() as stand_in:
        host = stand_in.host
    with pytest.raises(UnavailableError, match="no connection"):
        OciRegistry(Credentials(), Stopped(), timeout=0.5, total=2).image(reference(host))


def test_cosigns_old_tags_are_read_with_their_signatures() -> None:
    with StandIn("no-referrers") as stand_in:
        found = Digest.parse(image(stand_in))
        envelope = json.loads(a_bundle())["dsseEnvelope"]
        payload = images.simple_payload(found)
        notes = {"dev.cosignproject.cosign/signature": images.plain_signature(payload)}
        stand_in.put(layers(stand_in, attached.SIMPLE_SIGNING, payload, notes), oci.fallback_tag(found, ".sig"))
        stand_in.put(
            layers(stand_in, attached.DSSE, json.dumps(envelope).encode(), {}), oci.fallback_tag(found, ".att")
        )
        files = attached.sort("app", client(stand_in).evidence(reference(stand_in.host), found))
        keys = {sealed.BUILDER: sealed.pem(sealed.BUILDER).encode()}
        ((read, proof),) = cosign_tags.signatures(files["app.cosign.jsonl"])
        assert read == payload
        signed = sealed.verifier().verify_artifact(proof, io.BytesIO(read), Digest.of(read), keys)
        assert signed.key == sealed.BUILDER
        assert sealed.verifier().verify_statement(files["app.attestations.jsonl"], keys).key == sealed.BUILDER


def layers(stand_in: StandIn, kind: str, data: bytes, notes: dict[str, str]) -> bytes:
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", **stand_in.blob(b"{}")}
    layer = {"mediaType": kind, "annotations": notes, **stand_in.blob(data)}
    return json.dumps({"schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": [layer]}).encode()


def test_logins_are_found_by_exact_host_and_the_narrowest_path() -> None:
    word = [base64.b64encode(f"user{number}:x".encode()).decode() for number in range(3)]
    found = credentials.parse(
        json.dumps(
            {
                "auths": {
                    "https://registry.example/v2/": {"auth": word[0]},
                    "registry.example/acme": {"auth": word[1]},
                    "registry.example:5000": {"auth": word[2]},
                },
                "credHelpers": {"other.example": "something"},
            }
        ).encode()
    )
    assert found.helpers
    assert found.basic("registry.example", "acme/app") == word[1]
    assert found.basic("registry.example", "acmeother/app") == word[0]
    assert found.basic("registry.example:5000", "acme/app") == word[2]
    assert found.basic("evil-registry.example", "acme/app") == ""
    assert word[0] not in repr(found)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b'{"auths": []}', b'{"auths": {"h": {"auth": "?"}}}', b'{"auths": {}, "auths": {}}', b"\xff"],
)
def test_a_login_file_that_cannot_be_read_is_an_error_and_never_anonymous(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(raw)
    with pytest.raises(UserError):
        credentials.read({"DOCKER_CONFIG": str(tmp_path)})
    assert credentials.read({"DOCKER_CONFIG": str(tmp_path / "none")}) == Credentials()


def test_a_digest_in_the_answer_is_no_substitute_for_hashing() -> None:
    with StandIn() as stand_in:
        raw = b'{"schemaVersion": 2}'
        wanted = digest(b"what was asked for")
        stand_in.stored.manifests[wanted] = (IMAGE, raw)
        with pytest.raises(FormatError, match="serves a manifest of"):
            client(stand_in).image(reference(stand_in.host).at(Digest.parse(wanted)))


@pytest.mark.parametrize("host", ["registry.example", "127.0.0.1.evil.example", "localhost.example:5000", "10.0.0.1"])
def test_every_registry_but_this_machines_is_asked_over_tls(host: str) -> None:
    assert Transport(host, "app", Credentials(), push=False, timeout=1, total=1).base == f"https://{host}"


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost", "[::1]:5000", "127.9.9.9"])
def test_this_machines_registry_is_asked_as_it_is(host: str) -> None:
    assert Transport(host, "app", Credentials(), push=False, timeout=1, total=1).base == f"http://{host}"


@pytest.mark.parametrize(
    "to",
    ["http://blobs.example/x", "https://u:p@blobs.example/x", "https://127.0.0.1/x", "https:///x", "file:///etc/x"],
)
def test_no_redirect_leads_to_plain_text_to_this_machine_or_to_a_file(to: str) -> None:
    transport = Transport("registry.example", "app", Credentials(), push=False, timeout=1, total=1)
    with pytest.raises(UnavailableError):
        transport._safe(to)
    assert transport._safe("https://blobs.example/x?sig=1")
