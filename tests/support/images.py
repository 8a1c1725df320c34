"""Images' evidence in the shapes other tools give it, signed by the keys of `sealed`."""

import base64
import io
import json

from support import sealed
from tidegate.adapters.signing import keys
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact, ArtifactKind

MANIFEST = b'{"schemaVersion": 2, "the": "manifest"}'


def artifact(data: bytes = MANIFEST) -> Artifact:
    return Artifact(
        "app", f"registry.example/acme/app@{Digest.of(data)}", Digest.of(data), len(data), ArtifactKind.IMAGE
    )


def simple_payload(digest: Digest) -> bytes:
    """What cosign signed before it had bundles."""
    identity = {"docker-reference": "registry.example/acme/app"}
    critical = {
        "identity": identity,
        "image": {"docker-manifest-digest": str(digest)},
        "type": "cosign container image signature",
    }
    return json.dumps({"critical": critical, "optional": None}).encode()


def plain_signature(payload: bytes, by: str = sealed.BUILDER) -> str:
    """A signature over some bytes, in base64."""
    return base64.b64encode(keys.sign(sealed.signer(by)._key, io.BytesIO(payload))).decode()
