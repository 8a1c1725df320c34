"""cosign's older payload for images: which manifest was signed, under which name (containers/image `atomic-signature`).

The name is the signer's claim; only the digest binds the signature to an image.
"""

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.dsse import members
from tidegate.formats.intoto import text
from tidegate.model.digest import Digest

LIMIT = 64 * 1024
_TYPES = frozenset({"cosign container image signature", "atomic container signature"})


def parse(raw: bytes) -> tuple[str, Digest]:
    """The docker reference ("" where none is given) and the manifest's digest. Raises FormatError."""
    plain = members(
        strict_json.loads(raw, limit=LIMIT, what="the image signature"), {"critical", "optional"}, "the image signature"
    )
    critical = members(plain.get("critical"), {"identity", "image", "type"}, "`critical`")
    if critical.get("type") not in _TYPES:
        raise FormatError("the image signature is of a type nobody here can read")
    identity = members(critical.get("identity"), {"docker-reference"}, "`critical.identity`")
    image = members(critical.get("image"), {"docker-manifest-digest"}, "`critical.image`")
    reference = identity.get("docker-reference", "")
    if reference != "":
        reference = text(reference, "`docker-reference`")
    written = text(image.get("docker-manifest-digest"), "`docker-manifest-digest`")
    algorithm, _, value = written.partition(":")
    try:
        digest = Digest(algorithm, value)
    except ValueError:
        raise FormatError("`docker-manifest-digest` is not a digest") from None
    if not digest.strong:
        raise FormatError(f"the image is named by its {algorithm} only")
    return str(reference), digest
