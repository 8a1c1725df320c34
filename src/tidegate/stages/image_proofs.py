"""An image's signature in any of the shapes tools give it; each binds the digest of the image's manifest."""

import io
from collections.abc import Mapping

from tidegate.errors import FormatError
from tidegate.formats import attached, bundle, cosign_tags, endings, intoto, simplesigning
from tidegate.formats.bundle import SignatureRefused
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact
from tidegate.ports import Signed, World

_OTHER = "the signature is about another image"


def signed(world: World, artifact: Artifact, keys: Mapping[str, bytes]) -> Signed | None:
    """The first signature that verifies: over the manifest's bytes, a statement of cosign's, or its older payload.

    None when there is none at all. Raises FormatError, that of the last one, when none verifies.
    """
    raw = world.evidence.get(artifact.name + endings.SIGNATURE)
    if raw is not None:
        return _bundled(world, artifact, raw, keys)
    refused: FormatError | None = None
    for payload, proof in cosign_tags.signatures(world.evidence.get(artifact.name + endings.IMAGE_SIGNATURES, b"")):
        try:
            return _simple(world, artifact, payload, proof, keys)
        except FormatError as error:
            refused = error
    if refused is not None:
        raise refused
    return None


def _bundled(world: World, artifact: Artifact, raw: bytes, keys: Mapping[str, bytes]) -> Signed:
    if bundle.parse(raw).envelope is None:
        with world.taken.open(artifact) as data:
            return world.verifier.verify_artifact(raw, data, artifact.digest, keys)
    found = world.verifier.verify_statement(raw, keys)
    statement = intoto.parse(found.payload)
    if statement.predicate_type != attached.COSIGN_SIGN:
        raise FormatError("the bundle holds an attestation where an image signature is expected")
    if not any(subject.digest.matches(artifact.digest) for subject in statement.subjects):
        raise SignatureRefused(_OTHER)
    return found


def _simple(world: World, artifact: Artifact, payload: bytes, proof: bytes, keys: Mapping[str, bytes]) -> Signed:
    found = world.verifier.verify_artifact(proof, io.BytesIO(payload), Digest.of(payload), keys)
    _, digest = simplesigning.parse(payload)
    if not digest.matches(artifact.digest):
        raise SignatureRefused(_OTHER)
    return found
