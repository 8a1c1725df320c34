"""PEP 740 attestations are Sigstore bundles in other words: one object for a file, many of them for its provenance."""

import json
from collections.abc import Mapping, Sequence

from tidegate.errors import FormatError
from tidegate.formats import dsse
from tidegate.formats.bundle import V03
from tidegate.formats.dsse import members

MAX_ATTESTATIONS = 200


def is_attestation(plain: Mapping[str, object]) -> bool:
    return {"version", "verification_material", "envelope"} <= set(plain)


def is_provenance(plain: Mapping[str, object]) -> bool:
    return {"version", "attestation_bundles"} <= set(plain)


def bundle(plain: Mapping[str, object]) -> bytes:
    """One attestation object (PEP 740 "Attestation objects") as a v0.3 bundle. Raises FormatError."""
    fields = members(dict(plain), {"version", "verification_material", "envelope"}, "the attestation")
    _version(fields)
    material = members(fields["verification_material"], {"certificate", "transparency_entries"}, "the material")
    envelope = members(fields["envelope"], {"statement", "signature"}, "the attestation's envelope")
    entries = material.get("transparency_entries")
    if not isinstance(entries, list):
        raise FormatError("the attestation has no list of log entries")
    content = {
        "payload": envelope.get("statement"),
        "payloadType": dsse.PAYLOAD_TYPE,
        "signatures": [{"sig": envelope.get("signature")}],
    }
    proof = {"certificate": {"rawBytes": material.get("certificate")}, "tlogEntries": entries}
    return json.dumps({"mediaType": V03, "verificationMaterial": proof, "dsseEnvelope": content}).encode()


def bundles(plain: Mapping[str, object]) -> tuple[bytes, ...]:
    """All attestations of a provenance object (PEP 740 "Provenance objects"). Raises FormatError.

    What it says about its publisher is the index's word; it is not read, the certificates say it.
    """
    fields = members(dict(plain), {"version", "attestation_bundles"}, "the provenance")
    _version(fields)
    found: list[bytes] = []
    for group in _list(fields["attestation_bundles"], "attestation_bundles"):
        inner = members(group, {"publisher", "attestations"}, "the attestation bundle")
        found += [bundle(_object(item)) for item in _list(inner.get("attestations"), "attestations")]
        if len(found) > MAX_ATTESTATIONS:
            raise FormatError(f"the provenance holds more than {MAX_ATTESTATIONS} attestations")
    return tuple(found)


def _version(fields: Mapping[str, object]) -> None:
    if fields["version"] != 1 or isinstance(fields["version"], bool):
        raise FormatError("the attestation is of a version nobody here can read")


def _list(plain: object, what: str) -> Sequence[object]:
    if not isinstance(plain, list) or len(plain) > MAX_ATTESTATIONS:
        raise FormatError(f"`{what}` is not a list of bearable length")
    return plain


def _object(plain: object) -> Mapping[str, object]:
    if not isinstance(plain, dict):
        raise FormatError("an attestation is not an object")
    return plain
