"""Evidence in other tools' wrapping comes out as bundles, byte for byte what was signed, and never by guessing."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import bundle, evidence_files, intoto, pep740, simplesigning, slsa, trusted_root
from tidegate.formats.bundle import LogProofMissing
from tidegate.model.digest import Digest

HERE = Path(__file__).parent.parent / "data" / "bundles"
ONE = (HERE / "reusable-workflow.intoto.jsonl").read_bytes().strip()
TWO = json.dumps(json.loads((HERE / "custom-issuer.json").read_bytes())).encode()
PLAIN: dict[str, Any] = json.loads(ONE)
Json = dict[str, Any]


def same(raw: bytes, *wanted: bytes) -> None:
    assert [json.loads(found) for found in evidence_files.split(raw)] == [json.loads(one) for one in wanted]


def test_a_bundle_and_lines_of_bundles_come_out_as_they_are() -> None:
    assert evidence_files.split(ONE) == (ONE,)
    assert evidence_files.split(ONE + b"\n\n" + ONE + b"\n") == (ONE, ONE)
    pretty = json.dumps(PLAIN, indent=2).encode()
    same(pretty, ONE)
    same(b"\r\n".join([ONE, ONE]), ONE, ONE)


@pytest.mark.parametrize(
    "wrapped",
    [
        {"bundle": PLAIN},
        {"attestation": {"bundle": PLAIN}, "verificationResult": {"signature": {}}},
        [{"attestation": {"bundle": PLAIN, "bundle_url": "https://example.com/b"}}],
        {"attestations": [{"bundle": PLAIN, "repository_id": 1}]},
        {"attestations": [{"predicateType": "https://slsa.dev/provenance/v1", "bundle": PLAIN}]},
        [PLAIN],
    ],
)
def test_every_wrapping_of_github_and_npm_is_taken_off(wrapped: Any) -> None:
    same(json.dumps(wrapped).encode(), ONE)
    same(json.dumps(wrapped, indent=1).encode(), ONE)
    same(json.dumps(wrapped).encode() + b"\n" + TWO, ONE, TWO)


def test_real_files_of_npm_and_gh_give_their_bundles() -> None:
    npm = evidence_files.split((HERE / "npm-attestations.json").read_bytes())
    assert [bundle.parse(raw).hint is not None for raw in npm] == [True, False]
    gh = evidence_files.split((HERE / "npm-two.jsonl").read_bytes())
    assert [bundle.parse(raw).certificate is not None for raw in gh] == [True, True]


def test_pep_740_objects_become_bundles_with_the_signed_bytes_unchanged() -> None:
    plain = json.loads((HERE / "pep740.slsa.attestation").read_bytes())
    (raw,) = evidence_files.split((HERE / "pep740.slsa.attestation").read_bytes())
    parsed = bundle.parse(raw)
    assert parsed.envelope is not None
    assert parsed.envelope.payload == base64.b64decode(plain["envelope"]["statement"])
    assert parsed.envelope.signature == base64.b64decode(plain["envelope"]["signature"])
    assert parsed.certificate == base64.b64decode(plain["verification_material"]["certificate"])
    (publish,) = evidence_files.split((HERE / "pep740.provenance").read_bytes())
    envelope = bundle.parse(publish).envelope
    assert envelope is not None
    statement = intoto.parse(envelope.payload)
    assert (statement.predicate_type.rpartition("/")[2], dict(statement.predicate)) == ("v1", {})


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": True},
        {"version": "1"},
        {"extra": 1},
        {"verification_material": []},
        {"verification_material": {"certificate": "AA=="}},
        {"verification_material": {"certificate": "AA==", "transparency_entries": {}}},
        {"verification_material": {"certificate": "AA==", "transparency_entries": [], "more": 1}},
        {"envelope": "x"},
        {"envelope": {"statement": "AA==", "signature": "AA==", "keyid": "x"}},
    ],
)
def test_pep_740_objects_of_another_shape_are_refused(change: Json) -> None:
    plain = json.loads((HERE / "pep740.slsa.attestation").read_bytes())
    with pytest.raises(FormatError):
        evidence_files.split(json.dumps(plain | change).encode())
    group = {"publisher": {}, "attestations": [plain | change]}
    with pytest.raises(FormatError):
        pep740.bundles({"version": 1, "attestation_bundles": [group]})


@pytest.mark.parametrize(
    "groups", [{}, [1], [{"attestations": {}}], [{"attestations": [1]}], [{"more": 1, "attestations": []}], [{}] * 201]
)
def test_pep_740_provenance_of_another_shape_is_refused(groups: Any) -> None:
    with pytest.raises(FormatError):
        evidence_files.split(json.dumps({"version": 1, "attestation_bundles": groups}).encode())


@pytest.mark.parametrize(
    "raw",
    [b"{", b"\xff\xfe", b'{"a":1,"a":2}', b"nonsense", b"1", b'"text"', b"null", b"[" * 100_000, b"\0", b'{"a":NaN}'],
)
def test_a_line_nobody_can_read_is_handed_out_to_be_refused_beside_the_others(raw: bytes) -> None:
    found = evidence_files.split(ONE + b"\n" + raw + b"\n" + TWO)
    assert found == (ONE, raw, TWO)
    assert evidence_files.split(raw) == (raw,)
    with pytest.raises(FormatError):
        bundle.parse(raw)


def test_files_have_an_end() -> None:
    with pytest.raises(FormatError, match="more than 200"):
        evidence_files.split(b"{}\n" * 201)
    with pytest.raises(FormatError, match="more than 200"):
        evidence_files.split(json.dumps({"attestations": [{"bundle": {}}] * 201}).encode())
    with pytest.raises(FormatError, match="wrapped"):
        evidence_files.split(json.dumps([[[[[PLAIN]]]]]).encode())
    assert len(evidence_files.split(b"\n" * 100_000 + ONE)) <= 200


def test_an_empty_file_holds_nothing() -> None:
    for raw in (b"", b"\n \n", b"[]", b'{"attestations":[]}'):
        assert evidence_files.split(raw) == ()


def test_a_bare_envelope_is_told_from_a_bad_bundle() -> None:
    bare = json.dumps(PLAIN["dsseEnvelope"]).encode()
    assert evidence_files.split(bare) == (bare,)
    with pytest.raises(LogProofMissing, match="bare envelope"):
        bundle.parse(bare)


def test_a_member_beside_a_media_type_wraps_nothing() -> None:
    """Whoever hides a second bundle inside a bundle gets neither: the field is unknown to the bundle's reader."""
    (raw,) = evidence_files.split(json.dumps(PLAIN | {"bundle": json.loads(TWO)}).encode())
    with pytest.raises(FormatError, match="unknown field"):
        bundle.parse(raw)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "bundle",
                        "attestation",
                        "attestations",
                        "mediaType",
                        "version",
                        "envelope",
                        "verification_material",
                        "attestation_bundles",
                        "x",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_json_makes_the_splitter_fail_otherwise_than_by_saying_so(plain: Any) -> None:
    try:
        found = evidence_files.split(json.dumps(plain).encode())
    except FormatError:
        return
    assert all(isinstance(raw, bytes) for raw in found)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_bytes_make_any_reader_fail_otherwise_than_by_saying_so(raw: bytes) -> None:
    for read in (evidence_files.split, simplesigning.parse, lambda data: trusted_root.newest(data, NOW)):
        try:
            read(raw)
        except FormatError:
            continue


SIGNED: Json = {
    "critical": {
        "identity": {"docker-reference": "registry.example/app"},
        "image": {"docker-manifest-digest": "sha256:" + "ab" * 32},
        "type": "cosign container image signature",
    },
    "optional": {"creator": "x"},
}


def test_an_image_signature_names_its_image() -> None:
    wanted = Digest("sha256", "ab" * 32)
    assert simplesigning.parse(json.dumps(SIGNED).encode()) == ("registry.example/app", wanted)
    unnamed = SIGNED | {"critical": SIGNED["critical"] | {"identity": {"docker-reference": ""}}, "optional": None}
    assert simplesigning.parse(json.dumps(unnamed).encode()) == ("", wanted)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("identity", None),
        ("identity", {"docker-reference": 1}),
        ("identity", {"docker-reference": "a\nb"}),
        ("image", {}),
        ("image", {"docker-manifest-digest": "sha256:" + "AB" * 32}),
        ("image", {"docker-manifest-digest": "sha1:" + "ab" * 20}),
        ("image", {"docker-manifest-digest": "ab" * 32}),
        ("image", {"docker-manifest-digest": "sha256:" + "ab" * 32, "Docker-manifest-digest": "x"}),
        ("type", "gpg"),
        ("more", 1),
    ],
)
def test_an_image_signature_of_another_shape_is_refused(member: str, value: object) -> None:
    with pytest.raises(FormatError):
        simplesigning.parse(json.dumps(SIGNED | {"critical": SIGNED["critical"] | {member: value}}).encode())


def test_an_image_signature_has_an_end_and_no_double_meaning() -> None:
    with pytest.raises(FormatError):
        simplesigning.parse(json.dumps(SIGNED | {"optional": "x" * 70_000}).encode())
    twice = json.dumps(SIGNED["critical"])
    with pytest.raises(FormatError):
        simplesigning.parse(f'{{"critical":{twice},"critical":{twice},"optional":null}}'.encode())
    with pytest.raises(FormatError):
        simplesigning.parse(json.dumps(SIGNED | {"more": 1}).encode())


def subject(**digests: str) -> list[Json]:
    return [{"name": "pkg:npm/%40acme/app@1.0.0", "digest": digests}]


def statement(**members: object) -> bytes:
    plain: Json = {"_type": intoto.STATEMENT_V1, "subject": subject(sha256="ab" * 32), "predicateType": "https://x/p"}
    return json.dumps({**plain, "predicate": {}, **members}).encode()


def test_a_subject_is_known_by_its_sha512_where_there_is_no_sha256() -> None:
    (one,) = intoto.parse(statement(subject=subject(sha512="cd" * 64))).subjects
    assert one.digest == Digest("sha512", "cd" * 64)
    (both,) = intoto.parse(statement(subject=subject(sha512="cd" * 64, sha256="ab" * 32))).subjects
    assert both.digest == Digest("sha256", "ab" * 32)
    for weak in ({"sha1": "ab" * 20}, {"sha384": "ab" * 48}, {"sha512": "ab" * 32}):
        with pytest.raises(FormatError):
            intoto.parse(statement(subject=subject(**weak)))


def test_a_statement_may_have_no_predicate_but_not_another_kind_of_one() -> None:
    assert intoto.parse(statement(predicate=None)).predicate == {}
    for text in ("[]", '""', "0", "false"):
        with pytest.raises(FormatError):
            intoto.parse(statement().replace(b'"predicate": {}', b'"predicate": ' + text.encode()))


def test_the_old_statement_is_read_around_the_old_provenance_only() -> None:
    old = statement(_type=intoto.STATEMENT_OLD, predicateType=slsa.PROVENANCE_V02)
    assert intoto.parse(old).predicate_type == slsa.PROVENANCE_V02
    for kind in (slsa.PROVENANCE_V1, "https://slsa.dev/verification_summary/v1", "https://x/p"):
        with pytest.raises(FormatError):
            intoto.parse(statement(_type=intoto.STATEMENT_OLD, predicateType=kind))
    with pytest.raises(FormatError):
        intoto.parse(statement(_type="https://in-toto.io/Statement/v0.2", predicateType=slsa.PROVENANCE_V02))


OLD: Json = {
    "builder": {"id": "https://github.com/acme/build/.github/workflows/b.yml@refs/tags/v1"},
    "buildType": "https://example.com/generic@v1",
    "invocation": {
        "configSource": {"uri": "git+https://github.com/acme/app@refs/tags/v1", "digest": {"sha1": "ab" * 20}},
        "parameters": {"x": "1"},
        "environment": {"github_actor": "octo"},
    },
    "metadata": {"buildInvocationID": "77-1", "completeness": {}, "reproducible": False},
    "materials": [{"uri": "git+https://github.com/acme/app@refs/tags/v1", "digest": {"sha1": "ab" * 20}}],
}


def test_provenance_of_version_0_2_is_read_into_the_words_of_version_1() -> None:
    read = slsa.parse_v02(OLD)
    assert read.builder_id == OLD["builder"]["id"]
    assert read.external == {"configSource": OLD["invocation"]["configSource"], "parameters": {"x": "1"}}
    assert read.internal == {"github_actor": "octo"}
    assert [(item.uri, item.digest("sha1")) for item in read.dependencies] == [(OLD["materials"][0]["uri"], "ab" * 20)]
    assert read.invocation_id == "77-1"


@pytest.mark.parametrize(
    "change",
    [
        {"builder": None},
        {"builder": {"id": ""}},
        {"buildType": 1},
        {"invocation": []},
        {"invocation": {"environment": []}},
        {"metadata": "x"},
        {"metadata": {"buildInvocationID": "1", "buildInvocationId": "2"}},
        {"materials": {"uri": "x"}},
        {"materials": [1]},
        {"materials": [{"uri": "x", "digest": {"sha1": "short"}}]},
    ],
)
def test_provenance_of_version_0_2_in_another_shape_is_refused(change: Json) -> None:
    with pytest.raises(FormatError):
        slsa.parse_v02(OLD | change)


NOW = datetime(2026, 6, 1, tzinfo=UTC)


def root(**lists: object) -> bytes:
    return json.dumps(lists).encode()


def test_a_trusted_root_is_as_young_as_its_newest_key_in_use() -> None:
    held = root(
        tlogs=[{"publicKey": {"validFor": {"start": "2021-01-12T11:53:27Z"}}}],
        certificateAuthorities=[{"validFor": {"start": "2025-09-23T00:00:00Z"}}, {"validFor": {"start": "2022-01-01"}}],
        timestampAuthorities=[{"validFor": {"start": "2027-01-01T00:00:00Z"}}],
    )
    assert trusted_root.newest(held, NOW) == datetime(2025, 9, 23, tzinfo=UTC)


@pytest.mark.parametrize("raw", [b"{}", b'{"tlogs":1}', b'{"tlogs":[1]}', b'{"ctlogs":[{"validFor":{"start":"x"}}]}'])
def test_a_trusted_root_that_says_nothing_of_its_time_has_none(raw: bytes) -> None:
    assert trusted_root.newest(raw, NOW) is None


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b'{"a":1,"a":2}'])
def test_a_trusted_root_that_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        trusted_root.newest(raw, NOW)
