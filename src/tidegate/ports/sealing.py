"""What is shipped, and who signs it, proves it, and keeps the evidence."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, BinaryIO, Protocol

from tidegate.late import dataclass
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact

if TYPE_CHECKING:  # few ask a registry
    from tidegate.formats.attached import Attached
    from tidegate.formats.oci import Manifest, Reference


class Taken(Protocol):
    """The private copies of a run's artifacts."""

    def open(self, artifact: Artifact) -> BinaryIO:
        """A seekable stream of the private copy, whose digest is checked against `artifact.digest` first."""
        ...

    def layers(self, artifact: Artifact) -> Callable[[Digest], BinaryIO] | None:
        """Opens what an image's manifest names (manifest, configuration, layer) as a seekable stream whose digest is
        checked first; None where no more than the manifest was taken.

        What it gives raises FormatError; a `formats.images.blobs.BlobFault` where it is known what is wrong.
        """
        ...


class Store(Protocol):
    """The evidence of one run while it is being written; nothing of it counts before the run is kept."""

    def write(self, name: str, text: str, *, replace: bool = False) -> None:
        """Write one file whole. UserError when it is there already and `replace` is not said."""
        ...

    def read(self, name: str) -> str | None: ...

    def names(self) -> tuple[str, ...]: ...


class Registry(Protocol):
    """An OCI registry. Raises UnavailableError when it does not answer and FormatError when it answers with something
    else than was asked for; nothing it says is taken on trust."""

    def image(self, reference: "Reference") -> "Manifest":
        """The manifest a tag or digest stands for now. Raises NoSuchArtifact."""
        ...

    def evidence(self, reference: "Reference", digest: Digest) -> "tuple[Attached, ...]":
        """Every bundle and pack that refers to this digest."""
        ...

    def attach(
        self, reference: "Reference", subject: "Manifest", kind: str, data: bytes, notes: Mapping[str, str]
    ) -> Digest:
        """Store evidence of type `kind` so that `evidence` finds it; gives the digest of its manifest."""
        ...


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """Who signs: `kind` is `key` or `keyless`; `identity` the key's hint (base64 of its SPKI's sha256) or the SAN."""

    kind: str
    identity: str
    public_key: str = ""
    """SPKI PEM for keys."""
    warnings: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    """What the certificate says of the job (see domain.claims); empty for keys and before there is a certificate."""


class Signer(Protocol):
    """The only holder of a key or token. Lives in the parent process alone.

    `ready` and the `sign_` methods may ask services: they raise UnsealedError for what the team can mend and
    UnavailableError when a service does not answer. `facts` asks nobody.
    """

    def ready(self) -> None:
        """Get what signing needs (a certificate), unless it is at hand."""
        ...

    def facts(self) -> SignerFacts: ...

    def sign_statement(self, statement: bytes) -> str:
        """A Sigstore bundle (JSON) with a DSSE envelope around an in-toto statement."""
        ...

    def sign_digest(self, artifact: Artifact, data: BinaryIO) -> str:
        """A Sigstore bundle (JSON) with a message signature over the artifact's bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Signed:
    """What a verified bundle proves.

    `claims` are the certificate's Fulcio extensions by name (see domain.claims), empty for keys. `times` are trusted
    times (RFC 3339) with their origin (`tsa`, `log`), empty when nothing proves a time. `key` is the key hint, "" for
    certificates. `payload` is the DSSE payload, b"" for message signatures.
    """

    key: str
    san: str
    issuer: str
    claims: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, str], ...]
    payload_type: str
    payload: bytes
    kind: str = ""


class Verifier(Protocol):
    """Cryptography over bundles; policy is judged elsewhere. Raises FormatError (malformed, unsupported) or
    VerificationFailed's finding text through FormatError; never answers yes on doubt."""

    def verify_statement(self, bundle: bytes, keys: Mapping[str, bytes]) -> Signed:
        """Verify a DSSE bundle; `keys` maps a policy's key path to SPKI PEM. `Signed.key` is the policy's key path."""
        ...

    def verify_artifact(self, bundle: bytes, data: BinaryIO, digest: Digest, keys: Mapping[str, bytes]) -> Signed: ...
