"""The policy as data: strict, closed, and each field with the reason it exists.

Lax typing would turn the string `'no'` into False and a typo into a default, so every model is strict and forbids
unknown keys. Descriptions end up in `policy schema` and in editors.
"""

import re
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from tidegate.formats import oci
from tidegate.model.control import Control
from tidegate.model.finding import Level
from tidegate.model.vulnerability import Severity

_DURATION = re.compile(r"(\d{1,5})(s|m|h|d)")


def duration(text: str) -> timedelta:
    """`90s`, `30m`, `72h` or `7d`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration is a number with s, m, h or d, such as `72h`")
    number, unit = int(match[1]), match[2]
    return timedelta(**{{"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[unit]: number})


def _is_duration(text: str) -> str:
    duration(text)
    return text


def _is_inside(text: str) -> str:
    parts = text.split("/")
    hidden = any(ord(char) < 32 or ord(char) == 127 for char in text)
    if not text or text.startswith("/") or "\\" in text or hidden or ".." in parts or (":" in parts[0]):
        raise ValueError("a path is relative to the repository, with `/`, and does not leave it")
    return text


def _is_host(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", text):
        raise ValueError("a host is written in lower case without scheme, port or path, such as `packages.example`")
    return text


def _is_exact(text: str) -> str:
    """A value that looks like a pattern would match nothing, and its author would believe it matches much."""
    if re.search(r"[*?^$|\\\s]|\.\+|@refs/", text):
        raise ValueError("this value is compared as it stands; patterns and refs are written under `refs` only")
    return text


def _is_image(text: str) -> str:
    if not oci.is_repository(text):
        raise ValueError("an image is written `host/name`, without tag and digest, such as `registry.example/acme/app`")
    return text


ImageName = Annotated[str, AfterValidator(_is_image)]
Duration = Annotated[str, AfterValidator(_is_duration)]
Inside = Annotated[str, AfterValidator(_is_inside)]
Host = Annotated[str, AfterValidator(_is_host)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
NonEmpty = Annotated[str, Field(min_length=1, max_length=2000)]
Exact = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_is_exact)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Grade = Literal["low", "medium", "high", "critical"]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)


class ControlRules(Strict):
    """What every control can be told."""

    required: bool = Field(True, description="false takes the row out; it stays visible, with the reason")
    reason: NonEmpty | None = Field(None, description="why the row is not required")
    enforce: Literal["shut", "report"] = Field(
        "shut", description="report: a fail is shown and does not shut, until a date"
    )
    until: date | None = Field(None, description="last day of `enforce: report`; wins over `report_days`")
    report_days: Annotated[int, Field(ge=1, le=90)] | None = Field(
        None, description="days of `enforce: report`, counted from the commit that adopted the policy"
    )
    owner: NonEmpty | None = Field(None, description="who answers for `enforce: report`")
    rules: dict[str, Literal["fail", "warn"]] = Field(default_factory=dict, description="rule id to level")

    @model_validator(mode="after")
    def _reasons(self) -> Self:
        if not self.required and self.reason is None:
            raise ValueError("`required: false` needs a `reason`")
        if self.enforce == "report" and ((self.until is None and self.report_days is None) or self.owner is None):
            raise ValueError("`enforce: report` needs an `owner` and either `until` or `report_days`")
        return self

    def level(self, rule: str) -> Level | None:
        word = self.rules.get(rule)
        return Level(word) if word else None


class LockfileRules(ControlRules):
    sources: list[Host] = Field(
        default_factory=list, description="hosts packages may come from, besides the public registries"
    )
    public_registries: bool = Field(True, description="may packages come from the public registries?")


class DatabaseRules(Strict):
    max_age: Duration | Literal["unlimited"] = Field("7d", description="oldest acceptable age of the newest advisory")


class ServiceRules(Strict):
    url: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] = "https://api.osv.dev"
    timeout: Duration = "1m"


class DependencyRules(ControlRules):
    fail_on: Grade = Field("high", description="lowest severity that shuts the gate")
    unknown_severity: Literal["fail", "warn"] = Field("fail", description="fail: counts as critical")
    database: DatabaseRules = Field(default_factory=DatabaseRules)
    service: ServiceRules = Field(default_factory=ServiceRules)

    @property
    def threshold(self) -> Severity:
        return Severity[self.fail_on.upper()]


class SecretRules(ControlRules):
    history: Literal["none", "since-base", "all"] = Field("since-base", description="which commits are searched")


class CITokenRules(ControlRules):
    pass


class SigningRules(ControlRules):
    sign: Literal["auto", "never"] = Field("auto", description="auto: sign what passed act 1 when a signer is at hand")
    accept: list[Literal["key", "keyless"]] = Field(default=["key", "keyless"], min_length=1)
    timestamp: bool = Field(False, description="require a trusted time in every signature")
    allow_public_log: bool = Field(
        False, description="may the job of a private repository sign into a public transparency log, by name?"
    )


class SBOMRules(ControlRules):
    pass


class ProvenanceRules(ControlRules):
    hosted_builders: bool = Field(False, description="accept only certificates of hosted CI runners")
    external_parameters: list[NonEmpty] = Field(
        default_factory=list, description="further names allowed in externalParameters"
    )
    max_age: Duration | None = Field(None, description="oldest acceptable provenance, by a trusted time only")
    approvals: Annotated[int, Field(ge=0, le=20)] = Field(
        0, description="how many of `trust.approvers`, none of them the builder, must have approved the release"
    )


class DeploymentRules(ControlRules):
    max_age: Duration = Field("30d", description="oldest acceptable verdict")
    signer: Inside | None = Field(None, description="public key the verdict must be signed with")
    min_level: Annotated[int, Field(ge=1, le=3)] = Field(
        1, description="lowest SLSA build level the verdict must state"
    )
    policies: list[Sha256] = Field(
        default_factory=list, description="digests of policies the verdict may rest on; any when empty"
    )
    denied: list[Sha256] = Field(
        default_factory=list, max_length=10_000, description="sha256 of artifacts that must never be signed or run"
    )
    ledger: Literal["optional", "required"] = Field(
        "optional", description="required: `verify` needs production's ledger and refuses what is older"
    )
    svr: bool = Field(False, description="write and require an in-toto SVR v0.2 beside each verdict")

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if not self.required and (self.denied or self.ledger == "required"):
            raise ValueError("`denied` and `ledger: required` need the row: take out `required: false`")
        return self


class Controls(Strict):
    lockfiles: LockfileRules = Field(default_factory=LockfileRules)
    dependencies: DependencyRules = Field(default_factory=DependencyRules)
    secrets: SecretRules = Field(default_factory=SecretRules)
    ci_tokens: CITokenRules = Field(default_factory=CITokenRules, alias="ci-tokens")
    signing: SigningRules = Field(default_factory=SigningRules)
    sbom: SBOMRules = Field(default_factory=SBOMRules)
    provenance: ProvenanceRules = Field(default_factory=ProvenanceRules)
    deployment: DeploymentRules = Field(default_factory=DeploymentRules)

    def of(self, control: Control) -> ControlRules:
        rules: ControlRules = getattr(self, control.value.replace("-", "_"))
        return rules


class ReleaseRules(Strict):
    name: Name
    root: Inside | Literal["."] = "."
    artifacts: list[Inside] = Field(default_factory=list, description="globs relative to the repository")
    images: list[ImageName] = Field(
        default_factory=list, description="images, without tag; `check --image` gives the digest of each"
    )
    uri: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]{0,30}:[!-~]{1,1000}$")] | None = Field(
        None, description="what the verdict is about; by default the purl in the artifact's metadata"
    )

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if not self.artifacts and not self.images:
            raise ValueError("a release needs `artifacts`, `images` or both")
        return self


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
    refs: list[NonEmpty | RefPattern] = Field(default_factory=list)
    actor: Exact | None = Field(None, description="of approvers: the CI account of the key's holder")


class IdentityTrust(Strict):
    """A CI identity certified by Sigstore; every value exact."""

    issuer: Annotated[str, Field(pattern=r"^https://[^\s*]+$")]
    source_repository: Exact
    signer_workflow: Exact = Field(description="the workflow that signs; for a reusable one, the called one")
    caller_workflow: Exact | None = Field(None, description="the workflow that was started, when it calls the signer")
    source_repository_id: NonEmpty | None = Field(None, description="the id stays when a name is taken over")
    refs: list[NonEmpty | RefPattern] = Field(default_factory=list, description="refs of the source")
    signer_refs: list[NonEmpty | RefPattern] = Field(
        default_factory=list,
        description="refs of the signing workflow; by default the source's, in another repository any tag or branch",
    )
    runner: Literal["github-hosted", "gitlab-hosted", "self-hosted"] | None = None
    max_level: Annotated[int, Field(ge=1, le=3)] | None = Field(
        None, description="highest SLSA build level its evidence may claim; 3 must be given, and never holds in one job"
    )
    triggers: list[NonEmpty] = Field(default_factory=list)


def _trust_kind(value: object) -> str:
    holds_key = "key" in value if isinstance(value, dict) else isinstance(value, KeyTrust)
    return "key" if holds_key else "identity"


TrustEntry = Annotated[
    Annotated[KeyTrust, Tag("key")] | Annotated[IdentityTrust, Tag("identity")], Discriminator(_trust_kind)
]


class Trust(Strict):
    builders: list[TrustEntry] = Field(default_factory=list, description="who may sign artifacts and provenance")
    verifiers: list[TrustEntry] = Field(default_factory=list, description="who may issue the verdict (VSA)")
    approvers: list[TrustEntry] = Field(default_factory=list, description="who may approve a release")
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


class ExceptionEntry(Strict):
    """Accepts exactly one finding's subject."""

    rule: NonEmpty
    about: NonEmpty
    reason: Annotated[str, Field(min_length=10, max_length=2000)]
    owner: NonEmpty
    expires: date | None = None
    until_fixed: bool = False

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if (self.expires is None) == (not self.until_fixed):
            raise ValueError("an exception has either `expires` or `until_fixed: true`")
        if "*" in self.rule or self.about.strip() in {"*", "**"}:
            raise ValueError("an exception names one rule and one subject; wildcards are not allowed")
        return self


class ExcludeEntry(Strict):
    """Takes one path out of rows 1, 2 and 4, never out of secret scanning."""

    path: Inside
    reason: Annotated[str, Field(min_length=10, max_length=2000)]
    owner: NonEmpty
    expires: date


class Governance(Strict):
    protected: list[NonEmpty] = Field(default_factory=list, description="refs the released commit must be part of")
    changes: Literal["warn", "fail"] = Field("warn", description="what a changed policy does to a review")


class Limits(Strict):
    deadline: Duration = Field("10m", description="time for each act; what is unfinished is undecided")
    signing: Duration = Field("2m", description="time for one signature, its log entry and its timestamp")


class PolicyModel(Strict):
    """The effective policy, all presets merged."""

    version: Literal[1]
    extends: NonEmpty | None = None
    releases: list[ReleaseRules] = Field(default_factory=list)
    trust: Trust = Field(default_factory=Trust)
    controls: Controls = Field(default_factory=Controls)
    exceptions: list[ExceptionEntry] = Field(default_factory=list, max_length=1000)
    exclude: list[ExcludeEntry] = Field(default_factory=list, max_length=100)
    policy: Governance = Field(default_factory=Governance)
    limits: Limits = Field(default_factory=Limits)

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [release.name for release in self.releases]
        if len(set(names)) != len(names):
            raise ValueError("two releases have the same name")
        subjects = [(entry.rule, entry.about) for entry in self.exceptions]
        if len(set(subjects)) != len(subjects):
            raise ValueError("two exceptions accept the same subject of the same rule")
        return self


class Policy(Strict):
    """A loaded policy: the effective values, the content of every file it names, and the digest of both."""

    model: PolicyModel
    files: dict[str, str] = Field(description="path to content of every file the policy names")
    digest: str
    path: str
    ref: str = ""
    presets: tuple[str, ...] = ()
    first_adoption: bool = False
    adopted: date | None = None
    warnings: tuple[str, ...] = ()

    @property
    def controls(self) -> Controls:
        return self.model.controls

    def keys(self, entries: "list[KeyTrust | IdentityTrust]") -> dict[str, bytes]:
        """Key path to SPKI PEM of the key entries."""
        return {entry.key: self.files[entry.key].encode() for entry in entries if isinstance(entry, KeyTrust)}
