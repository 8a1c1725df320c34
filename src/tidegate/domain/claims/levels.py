"""No build is said to reach a higher SLSA level than its evidence deserves and its trust entry allows."""

from collections.abc import Iterable

from tidegate.domain.claims import source
from tidegate.domain.claims.proof import HOSTED, Entry, Proof, TrustedIdentity

NAME = "SLSA_BUILD_LEVEL_"
_GRANTED = 2


def deserved(proof: Proof, entry: Entry) -> int:
    """The SLSA v1.1 build level of verified provenance.

    A key shows that provenance exists: 1. A certificate of a hosted runner shows whose: 2. Build L3 asks that the
    build's own steps cannot reach the signer. That is never so where both are one workflow, or where the source's
    writers can write the signer too; elsewhere it is a judgement nobody but the policy can make: `max_level: 3`.
    """
    if not isinstance(entry, TrustedIdentity) or not proof.keyless or proof.claim("runner_environment") not in HOSTED:
        return 1
    signer, caller = proof.claim("build_signer_uri"), proof.claim("build_config_uri")
    apart = bool(caller) and signer.partition("@")[0].lower() != caller.partition("@")[0].lower()
    apart = apart and not source.inside(signer, proof.claim("source_repository_uri"))
    return min(3 if apart else 2, entry.max_level or _GRANTED)


def name(level: int) -> str:
    return f"{NAME}{level}"


def fact(release: str, artifact: str) -> str:
    """The name under which the provenance row reports the level of an artifact."""
    return f"build-level {release} {artifact}"


def reached(facts: Iterable[tuple[str, str]], release: str, artifact: str) -> list[str]:
    """The level the provenance row found for an artifact, for its verdict; none when none was proven."""
    return [value for key, value in facts if key == fact(release, artifact) and number(value) is not None]


def number(text: str) -> int | None:
    """The level a name of the build track stands for; None for any other name."""
    digits = text.removeprefix(NAME)
    return (
        int(digits) if text.startswith(NAME) and digits.isdecimal() and digits.isascii() and len(digits) < 3 else None
    )
