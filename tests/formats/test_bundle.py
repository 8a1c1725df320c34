"""Sigstore bundles: one signer, one signature, one known version."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import bundle
from tidegate.formats.bundle import Message, UnsupportedEvidence
from tidegate.formats.dsse import PAYLOAD_TYPE, Envelope

ENVELOPE = Envelope(PAYLOAD_TYPE, b"{}", b"sig")


def good() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(bundle.build("aGludA==", ENVELOPE))
    return plain


def raw(plain: object) -> bytes:
    return json.dumps(plain).encode()


def test_a_key_bundle_is_read_as_it_was_written_on_one_line() -> None:
    text = bundle.build("aGludA==", ENVELOPE)
    assert "\n" not in text
    read = bundle.parse(text.encode())
    assert (read.version, read.hint, read.certificate, read.envelope) == ("0.3", "aGludA==", None, ENVELOPE)
    message = Message(b"s", "SHA2_256", b"\x01" * 32)
    assert bundle.parse(bundle.build("h", message).encode()).message == message


@pytest.mark.parametrize("media_type", sorted(bundle.MEDIA_TYPES))
def test_versions_one_to_three_are_read(media_type: str) -> None:
    assert bundle.parse(raw(good() | {"mediaType": media_type})).version == bundle.MEDIA_TYPES[media_type]


@pytest.mark.parametrize("media_type", ["application/vnd.dev.sigstore.bundle.v0.4+json", "", None, 3])
def test_another_version_is_unsupported_not_broken(media_type: object) -> None:
    with pytest.raises(UnsupportedEvidence):
        bundle.parse(raw(good() | {"mediaType": media_type}))


def _material(change: dict[str, Any]) -> dict[str, Any]:
    plain = good()
    plain["verificationMaterial"] = plain["verificationMaterial"] | change
    return plain


@pytest.mark.parametrize(
    "plain",
    [
        {},
        [],
        good() | {"extra": 1},
        good() | {"dsse_envelope": good()["dsseEnvelope"]},
        good() | {"messageSignature": {"signature": "AAE="}},
        {key: value for key, value in good().items() if key != "dsseEnvelope"},
        {key: value for key, value in good().items() if key != "verificationMaterial"},
        good() | {"verificationMaterial": {}},
        good() | {"verificationMaterial": {"tlogEntries": []}},
        _material({"certificate": {"rawBytes": "AAE="}}),
        _material({"publicKey": {"hint": 1}}),
        _material({"publicKey": {"hint": "h", "rawBytes": "AAE="}}),
        _material({"publicKey": None}),
        _material({"tlogEntries": {}}),
        _material({"tlogEntries": [1]}),
        _material({"tlogEntries": [{}]}),
        _material({"tlogEntries": [{"kindVersion": {"kind": "dsse", "version": "0.0.1"}}] * 33}),
        _material({"timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": "AAE="}] * 2}}),
        _material({"timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": "?"}]}}),
        _material({"timestamp_verification_data": {}}),
    ],
)
def test_a_bundle_of_any_other_shape_is_refused(plain: object) -> None:
    with pytest.raises(FormatError):
        bundle.parse(raw(plain))


@pytest.mark.parametrize("chain", [{}, {"certificates": []}, {"certificates": [{}]}, {"certificates": ["x"]}, []])
def test_an_empty_certificate_chain_names_nobody(chain: object) -> None:
    plain = good()
    plain["verificationMaterial"] = {"x509CertificateChain": chain, "tlogEntries": []}
    with pytest.raises(FormatError):
        bundle.parse(raw(plain))


def test_a_bundle_larger_than_the_limit_is_refused_unread() -> None:
    with pytest.raises(FormatError, match="larger"):
        bundle.parse(b'{"mediaType":"' + b"x" * 30_000_000 + b'"}')


def test_a_file_of_too_many_bundles_is_refused() -> None:
    assert bundle.lines(b"{}\n\n{}\n") == [b"{}", b"{}"]
    with pytest.raises(FormatError):
        bundle.lines(b"{}\n" * 201)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_but_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        bundle.parse(data)


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=400))
def test_a_bundle_cut_anywhere_is_refused(length: int) -> None:
    whole = bundle.build("aGludA==", ENVELOPE).encode()
    with pytest.raises(FormatError):
        bundle.parse(whole[: min(length, len(whole) - 1)])
