"""The evidence sentence, clause by clause: what each rests on, and plainly which clause nothing proves."""

from dataclasses import dataclass

from tidegate.domain.claims.build_types import Built
from tidegate.domain.claims.proof import Proof
from tidegate.model.evidence import Clause


@dataclass(frozen=True, slots=True)
class Origin:
    """Verified provenance: its signature, its builder, its source, and the SLSA build level it deserves."""

    proof: Proof
    builder_id: str
    built: Built
    level: int = 1
    signer: str = ""
    actor: str = ""
    """Who signed it, and the CI accounts that started the build, as `approvals` compares them."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A verified SBOM attestation: its signature, how many components it lists, and its payload's digest."""

    proof: Proof
    components: int
    digest: str


def signature_clauses(artifact: str, proof: Proof | None) -> tuple[Clause, ...]:
    """Who signed, and when."""
    if proof is None:
        unsigned = Clause(artifact, "signed", "it is not signed by anybody trusted", "signature", False)
        return (unsigned, Clause(artifact, "time", "nothing proves a time", "signature", False))
    who = f"the holder of the key `{proof.key}`" if proof.key else f"the workflow `{proof.san}`"
    basis = "signature" if proof.key else "certificate"
    return (Clause(artifact, "signed", f"signed by {who}", basis, True), _time(artifact, proof))


def provenance_clauses(artifact: str, origin: Origin | None, contents: Contents | None) -> tuple[Clause, ...]:
    """From which source, by which workflow, with which dependencies."""
    return (*_origin(artifact, origin), _contents(artifact, contents))


def _time(artifact: str, proof: Proof) -> Clause:
    if proof.time is None:
        says = "no time is proven: a key signs without a clock, and there is no trusted timestamp"
        return Clause(artifact, "time", says, "signature", False)
    time, origin = proof.time
    by = {"log": "a transparency log", "tsa": "a timestamp authority"}.get(origin, origin)
    # A stamp shows that a signature was there by then; only a certificate of minutes says that it was made then.
    at = "at" if proof.keyless else "no later than"
    return Clause(artifact, "time", f"{at} {time:%Y-%m-%dT%H:%M:%SZ}, by {by}", "signature", True)


def _origin(artifact: str, origin: Origin | None) -> tuple[Clause, Clause]:
    if origin is None:
        return (
            Clause(artifact, "source", "no source is proven: there is no accepted provenance", "declared", False),
            Clause(artifact, "workflow", "no workflow is proven: there is no accepted provenance", "declared", False),
        )
    proven = origin.proof.keyless
    basis = "certificate" if proven else "declared"
    doubt = "" if proven else f", as the holder of `{origin.proof.key}` declares; a key proves no build"
    built = origin.built
    at = f"{built.repository or 'the local repository'}@{built.commit}"
    ref = f" ({built.ref})" if built.ref else ""
    return (
        Clause(artifact, "source", f"built from {at}{ref}{doubt}", basis, proven, built.commit),
        Clause(artifact, "workflow", f"by {_builder(origin)}{doubt}", basis, proven),
    )


def _builder(origin: Origin) -> str:
    """The workflow that was started, the one that signed where it is another, and the level both deserve."""
    started, signed = origin.built.workflow or origin.builder_id, origin.proof.san
    called = f" through {signed}" if origin.proof.keyless and signed != started else ""
    return f"{started}{called} (SLSA Build L{origin.level})"


def _contents(artifact: str, contents: Contents | None) -> Clause:
    if contents is None:
        says = "its dependencies are not proven: no trusted SBOM attestation names it"
        return Clause(artifact, "dependencies", says, "declared", False)
    says = f"with the {contents.components} components of the attested SBOM"
    return Clause(artifact, "dependencies", says, "signature", True, contents.digest)
