"""A log entry is bound to one signature, one content and one signer, or to nothing; no body makes it stumble."""

import base64
import hashlib
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigstack import rekor
from sigstack.ca import Authority, encoded, new_key, pem
from sigstack.claims import github, subject
from tidegate.adapters.signing import entries, keys
from tidegate.adapters.signing.entries import Held
from tidegate.errors import FormatError
from tidegate.formats.bundle import LogEntry, SignatureRefused, UnsupportedEvidence
from tidegate.formats.dsse import PAYLOAD_TYPE, pae

KEY = new_key()
CERTIFICATE = Authority().issue(subject(github()), KEY.public_key(), rekor.now())
OTHER = Authority().issue(subject(github()), new_key().public_key(), rekor.now())
PAYLOAD, SIGNATURE = b'{"a":1}', b"\x30\x45 a signature"
SIGNED = pae(PAYLOAD_TYPE, PAYLOAD)


def digest(data: bytes, algorithm: str) -> bytes:
    return hashlib.new(algorithm, data).digest()


def held(*, key: bool = False, file: bool = False) -> Held:
    signer = base64.b64decode("".join(keys.public_pem(KEY.public_key()).decode().split("\n")[1:-2]))
    payload = None if file else partial(digest, PAYLOAD)
    return Held(SIGNATURE, signer if key else encoded(CERTIFICATE), not key, partial(digest, SIGNED), payload)


def entry(body: bytes) -> LogEntry:
    plain = json.loads(body)
    return LogEntry(plain["kind"], plain["apiVersion"], proof=True, body=body)


def bodies(signer: bytes, der: bytes) -> dict[str, bytes]:
    whole = hashlib.sha256(SIGNED).digest()
    return {
        "dsse/0.0.1": rekor.dsse_v1(b"{}", PAYLOAD, [SIGNATURE], signer),
        "intoto/0.0.2": rekor.intoto_v2(b"{}", PAYLOAD_TYPE, PAYLOAD, SIGNATURE, signer),
        "hashedrekord/0.0.1": rekor.hashedrekord_v1(whole, SIGNATURE, signer),
        "hashedrekord/0.0.2": rekor.hashedrekord_v2(whole, SIGNATURE, der),
        "dsse/0.0.2": rekor.dsse_v2(PAYLOAD, SIGNATURE, der),
    }


GOOD = bodies(pem(CERTIFICATE).encode(), encoded(CERTIFICATE))
FOREIGN = bodies(pem(OTHER).encode(), encoded(OTHER))


@pytest.mark.parametrize("kind", GOOD)
def test_an_entry_is_about_what_it_names_and_nothing_else(kind: str) -> None:
    entries.bind(entry(GOOD[kind]), held())
    with pytest.raises(SignatureRefused, match="another signer"):
        entries.bind(entry(FOREIGN[kind]), held())
    with pytest.raises(SignatureRefused):
        entries.bind(entry(GOOD[kind]), held(key=True))
    file = held(file=True)
    if kind.startswith("hashedrekord"):
        entries.bind(entry(GOOD[kind]), file)
    else:
        with pytest.raises(SignatureRefused, match="attestation"):
            entries.bind(entry(GOOD[kind]), file)


@pytest.mark.parametrize("kind", ["dsse/0.0.1", "intoto/0.0.2", "hashedrekord/0.0.1"])
def test_an_entry_may_name_a_key_for_a_key(kind: str) -> None:
    by_key = bodies(keys.public_pem(KEY.public_key()), b"-")[kind]
    entries.bind(entry(by_key), held(key=True))
    with pytest.raises(SignatureRefused):
        entries.bind(entry(by_key), held())


def walked(plain: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every member that is a text."""
    if isinstance(plain, dict):
        return [found for key, value in plain.items() for found in walked(value, (*path, key))]
    if isinstance(plain, list):
        return [found for at, value in enumerate(plain) for found in walked(value, (*path, at))]
    return [path]


NOT_BOUND = {"envelopeHash", "hash", "keyDetails"}
"""The digest of the whole envelope cannot be checked, its JSON has no canonical form; the key's kind shows in it."""


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("value", ["", "x", "AAAA", None, 1, [], {}])
def test_every_member_of_a_body_counts(kind: str, value: object) -> None:
    for path in walked(json.loads(GOOD[kind])):
        if kind != "hashedrekord/0.0.1" and NOT_BOUND & set(path):
            continue
        plain = json.loads(GOOD[kind])
        place: Any = plain
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        name, version = kind.split("/")
        with pytest.raises(SignatureRefused):
            entries.bind(LogEntry(name, version, proof=True, body=json.dumps(plain).encode()), held())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"kind":"dsse","kind":"dsse"}', b"[" * 100_000, b"{}"])
def test_a_body_that_is_no_entry_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        entries.bind(LogEntry("dsse", "0.0.1", proof=True, body=body), held())


def test_a_kind_nobody_here_knows_is_unsupported() -> None:
    for kind, version in (("intoto", "0.0.1"), ("rekord", "0.0.1"), ("dsse", "0.0.3"), ("", "")):
        with pytest.raises(UnsupportedEvidence):
            entries.bind(LogEntry(kind, version, proof=True, body=GOOD["dsse/0.0.1"]), held())


@given(
    st.sampled_from(sorted(GOOD)),
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["kind", "apiVersion", "spec", "content", "envelope", "signatures", "data", "hash", "dsseV002"]
                ),
                inner,
            )
        ),
        max_leaves=10,
    ),
)
@settings(max_examples=60, deadline=None)
def test_no_json_is_taken_for_an_entry_by_accident(kind: str, plain: Any) -> None:
    name, version = kind.split("/")
    body = json.dumps({"kind": name, "apiVersion": version, "spec": plain}).encode()
    with pytest.raises(FormatError):
        entries.bind(LogEntry(name, version, proof=True, body=body), held())
