"""Whom a policy trusts: keys and certified identities, each for one task."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from tidegate.policy.values import Duration, Exact, Inside, NonEmpty, Strict, no_list


class RefPattern(Strict):
    """Refs of one kind, or fitting a pattern, or both."""

    kind: Literal["tag", "branch"] | None = Field(None, description="then the pattern is for the name alone")
    pattern: NonEmpty = Field(
        "**", description="`*` stands for anything but `/`, `**` for anything; the whole ref must match"
    )

    @model_validator(mode="after")
    def _says(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a ref has a `kind`, a `pattern` or both")
        return self


class KeyTrust(Strict):
    """A key that may sign. What the key's holder writes about source and builder is declared, not proven."""

    key: Inside = Field(description="SPKI PEM, read from the policy's ref")
    not_before: date | None = None
    not_after: date | None = None
    revoked_at: date | None = None
    source_repository: NonEmpty | None = None
    builder_id: NonEmpty | None = None
    refs: list[NonEmpty | RefPattern] = Field(default_factory=no_list)
    actor: Exact | None = Field(None, description="of approvers: the CI account of the key's holder")


class IdentityTrust(Strict):
    """A CI identity certified by Sigstore; every value exact."""

    issuer: Annotated[str, Field(pattern=r"^https://[^\s*]+$")]
    source_repository: Exact
    signer_workflow: Exact = Field(description="the workflow that signs; for a reusable one, the called one")
    caller_workflow: Exact | None = Field(None, description="the workflow that was started, when it calls the signer")
    source_repository_id: NonEmpty | None = Field(None, description="the id stays when a name is taken over")
    refs: list[NonEmpty | RefPattern] = Field(default_factory=no_list, description="refs of the source")
    signer_refs: list[NonEmpty | RefPattern] = Field(
        default_factory=no_list,
        description="refs of the signing workflow; by default the source's, in another repository any tag or branch",
    )
    runner: Literal["github-hosted", "gitlab-hosted", "self-hosted"] | None = None
    max_level: Annotated[int, Field(ge=1, le=3)] | None = Field(
        None, description="highest SLSA build level its evidence may claim; 3 must be given, and never holds in one job"
    )
    triggers: list[NonEmpty] = Field(default_factory=no_list)


def _trust_kind(value: object) -> str:
    holds_key = "key" in value if isinstance(value, dict) else isinstance(value, KeyTrust)
    return "key" if holds_key else "identity"


TrustEntry = Annotated[
    Annotated[KeyTrust, Tag("key")] | Annotated[IdentityTrust, Tag("identity")], Discriminator(_trust_kind)
]


class Trust(Strict):
    builders: list[TrustEntry] = Field(default_factory=no_list, description="who may sign artifacts and provenance")
    verifiers: list[TrustEntry] = Field(default_factory=no_list, description="who may issue the verdict (VSA)")
    approvers: list[TrustEntry] = Field(default_factory=no_list, description="who may approve a release")
    rebuilders: list[TrustEntry] = Field(
        default_factory=no_list, description="who may state that an artifact was rebuilt from its source"
    )
    vex_authors: list[NonEmpty] = Field(
        default_factory=no_list, max_length=100, description="whose VEX statements count, exactly as `author` has it"
    )
    root: Inside | None = Field(
        None, description="Sigstore trusted_root.json; the embedded public-good root when absent"
    )
    root_max_age: Duration | None = Field(
        None, description="oldest acceptable trusted root, counted from the newest start of one of its keys"
    )
    instance: Inside | None = Field(
        None, description="ClientTrustConfig of a private Sigstore instance: where to sign, and its trusted root"
    )
    root_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
