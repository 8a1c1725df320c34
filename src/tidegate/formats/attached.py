"""Evidence a registry keeps for an image, sorted into the files of a run folder by what each piece says it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats import bundle, cosign_tags, intoto
from tidegate.formats.bundle import Bundle
from tidegate.formats.endings import ATTESTATIONS, IMAGE_SIGNATURES, SIGNATURE, VERDICT
from tidegate.formats.vsa import VSA_V1
from tidegate.model.digest import Digest

BUNDLE = bundle.V03
PACK = "application/vnd.tidegate.evidence.v1+zip"
SIMPLE_SIGNING = cosign_tags.SIMPLE_SIGNING
DSSE = cosign_tags.DSSE
COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1"
CREATED = "org.opencontainers.image.created"


@dataclass(frozen=True, slots=True)
class Attached:
    """One piece of evidence a registry keeps for an image. `kind` is one of the types above; nothing is verified."""

    kind: str
    data: bytes
    annotations: tuple[tuple[str, str], ...]
    digest: Digest

    @property
    def created(self) -> str:
        """What its pusher wrote as its time; good for choosing, never for trusting."""
        return dict(self.annotations).get(CREATED, "")


def newest(pieces: Sequence[Attached]) -> Attached:
    """The one said to be newest; of two of the same time always the same."""
    return max(pieces, key=_order)


def _order(piece: Attached) -> tuple[str, str]:
    return piece.created, str(piece.digest)


def sort(name: str, pieces: Sequence[Attached]) -> dict[str, bytes]:
    """Files by name for the artifact `name`: of signatures and of verdicts the newest, of attestations all.

    What cannot be read is kept as an attestation, so that it is found wrong and not overlooked.
    """
    single: dict[str, bytes] = {}
    lines: list[bytes] = []
    simple: list[bytes] = []
    for piece in sorted(pieces, key=_order):
        if piece.kind == SIMPLE_SIGNING:
            simple.append(cosign_tags.line(piece.data, dict(piece.annotations)))
            continue
        data = cosign_tags.bundled(piece.data, dict(piece.annotations)) if piece.kind == DSSE else piece.data
        ending = _ending(data)
        if ending == ATTESTATIONS:
            lines.append(one_line(data))
        else:
            single[name + ending] = data
    if lines:
        single[name + ATTESTATIONS] = b"".join(line + b"\n" for line in lines)
    if simple:
        single[name + IMAGE_SIGNATURES] = b"".join(line + b"\n" for line in simple)
    return single


def one_line(data: bytes) -> bytes:
    """A JSON document on one line, its text otherwise as it is: line ends stand in JSON for nothing but white space."""
    return data.translate(bytes.maketrans(b"\r\n", b"  ")).strip()


def about(data: bytes, digest: Digest) -> bool:
    """Does a bundle speak about this digest? Nothing is verified; False for what cannot be read."""
    try:
        parsed = bundle.parse(data)
        if parsed.envelope is not None:
            return any(item.digest.matches(digest) for item in intoto.parse(parsed.envelope.payload).subjects)
    except FormatError:
        return False
    return parsed.message is not None and parsed.message.digest.hex() == digest.value


def bundles(files: Mapping[str, bytes]) -> list[bytes]:
    """Every bundle of a run folder, in the order of the file names."""
    found: list[bytes] = []
    for name in sorted(files):
        if name.endswith(ATTESTATIONS):
            found += bundle.lines(files[name])
        elif name.endswith(SIGNATURE):
            found.append(files[name])
    return found


def notes(data: bytes) -> dict[str, str]:
    """The annotations other tools look for on a bundle in a registry (cosign's and sigstore-js' layout)."""
    parsed = bundle.parse(data)
    if parsed.envelope is None:
        return {"dev.sigstore.bundle.content": "message-signature"}
    kind = _predicate_type(parsed)
    said = {"dev.sigstore.bundle.content": "dsse-envelope"}
    return said | ({"dev.sigstore.bundle.predicateType": kind} if kind else {})


def _ending(data: bytes) -> str:
    try:
        parsed = bundle.parse(data)
    except FormatError:
        return ATTESTATIONS
    if parsed.message is not None or _predicate_type(parsed) == COSIGN_SIGN:
        return SIGNATURE
    return VERDICT if _predicate_type(parsed) == VSA_V1 else ATTESTATIONS


def _predicate_type(parsed: Bundle) -> str:
    try:
        return intoto.parse(parsed.envelope.payload).predicate_type if parsed.envelope is not None else ""
    except FormatError:
        return ""
