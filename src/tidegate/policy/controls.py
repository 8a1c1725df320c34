"""What a policy says of each control: a section a row, each value with the reason it exists."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.model.control import Control
from tidegate.model.finding import Level
from tidegate.model.vulnerability import Severity
from tidegate.policy.values import (
    Duration,
    Grade,
    Host,
    Inside,
    NonEmpty,
    PackagePattern,
    Sha256,
    Strict,
    no_list,
    no_table,
)


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
    rules: dict[str, Literal["fail", "warn"]] = Field(default_factory=no_table, description="rule id to level")

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
        default_factory=no_list, description="hosts packages may come from, besides the public registries"
    )
    public_registries: bool = Field(True, description="may packages come from the public registries?")
    internal: list[PackagePattern] = Field(
        default_factory=no_list,
        max_length=1000,
        description="names of your own that must never come from a public registry; `*` only at the end",
    )


class DatabaseRules(Strict):
    max_age: Duration | Literal["unlimited"] = Field("7d", description="oldest acceptable age of the newest advisory")


class ServiceRules(Strict):
    url: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] = "https://api.osv.dev"
    timeout: Duration = "1m"


class LicenceRules(Strict):
    """SPDX licence identifiers; with neither list no licence is judged."""

    allow: list[NonEmpty] = Field(default_factory=no_list, max_length=500)
    deny: list[NonEmpty] = Field(default_factory=no_list, max_length=500)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.allow and self.deny:
            raise ValueError("licences are either allowed or denied by name, not both")
        return self


class ReviewRules(Strict):
    """What a change of dependencies may be like."""

    cooldown: Duration | None = Field(None, description="youngest acceptable age of a newly locked release")
    licences: LicenceRules = Field(default_factory=LicenceRules)
    popular: dict[Literal["PyPI", "npm"], Inside] = Field(
        default_factory=no_table, description="files of well-known names, one a line, instead of the shipped ones"
    )


class MetadataRules(Strict):
    """What registries say about a release: yanked, project status, attestations, who published it."""

    ask: bool = Field(False, description="ask the registries; what they do not say is shown as not known")
    indexes: dict[Literal["PyPI", "npm"], Annotated[str, Field(pattern=r"^https?://[^\s]+$")]] = Field(
        default_factory=no_table, description="addresses to ask instead of the public ones"
    )
    timeout: Duration = "30s"
    publishers: Inside | None = Field(None, description="reviewed file of who published each locked dependency")

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if self.publishers is not None and not self.ask:
            raise ValueError("`publishers` is compared with what registries say: it needs `ask: true`")
        return self


class DependencyRules(ControlRules):
    fail_on: Grade = Field("high", description="lowest severity that shuts the gate")
    unknown_severity: Literal["fail", "warn"] = Field("fail", description="fail: counts as critical")
    database: DatabaseRules = Field(default_factory=DatabaseRules)
    service: ServiceRules = Field(default_factory=ServiceRules)
    engines: list[Literal["tidegate", "pip-audit"]] = Field(
        default=["tidegate"], min_length=1, description="who audits; where two disagree, that is a finding"
    )
    kev: Inside | None = Field(None, description="CISA's catalogue of exploited CVEs (JSON): what it names is critical")
    epss: Inside | None = Field(None, description="FIRST's EPSS scores (CSV): likely exploits count one grade higher")
    epss_threshold: Annotated[float, Field(gt=0, le=1)] = Field(0.1, description="from this probability on")
    review: ReviewRules = Field(default_factory=ReviewRules)
    registry: MetadataRules = Field(default_factory=MetadataRules)
    vex: list[Inside] = Field(
        default_factory=no_list, max_length=100, description="VEX documents of `trust.vex_authors` (OpenVEX, CycloneDX)"
    )

    @property
    def threshold(self) -> Severity:
        return Severity[self.fail_on.upper()]


class DetectorRule(Strict):
    """A credential of your own kind: a line that holds `literal` is matched with `regex`."""

    id: Annotated[str, Field(min_length=3, max_length=60, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    title: Annotated[str, Field(min_length=3, max_length=100)] = Field(description="what a finding says: `an Acme key`")
    literal: Annotated[str, Field(min_length=3, max_length=100)] = Field(
        description="ASCII text in every match; what does not hold it is never looked at"
    )
    regex: Annotated[str, Field(min_length=3, max_length=500)] = Field(
        description="Python's syntax without back-references, look-around and nested repetition"
    )
    group: Annotated[int, Field(ge=0, le=9)] = Field(
        0, description="the group that is the value, 0 for the whole match"
    )
    tier: Literal["block", "warn"] = Field("block", description="what a finding does")
    mend: Annotated[str, Field(max_length=500)] = Field("", description="where it is revoked, and how it is rotated")


class SecretRules(ControlRules):
    history: Literal["none", "since-base", "all"] = Field("since-base", description="which commits are searched")
    tiers: list[Literal["block", "warn"]] = Field(
        default=["block", "warn"],
        min_length=1,
        max_length=2,
        description="block: tokens and keys of providers; warn: values given to a secret's name",
    )
    profile: Literal["tidegate", "detect-secrets"] = Field(
        "tidegate", description="detect-secrets: what its `scan` finds is shown, too, under its own pragmas"
    )
    baseline: Inside | None = Field(None, description="accepted findings, made by `tidegate baseline adopt`")
    detectors: list[DetectorRule] = Field(default_factory=no_list, max_length=100)

    @model_validator(mode="after")
    def _blocks(self) -> Self:
        if "block" not in self.tiers:
            raise ValueError("`tiers` holds `block` in any case")
        names = [detector.id for detector in self.detectors]
        if len(set(names)) != len(names):
            raise ValueError("two detectors have the same id")
        return self


class GrantEntry(Strict):
    """What a job writes with its token, where neither a known action nor a known command shows it."""

    workflow: Inside
    job: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,199}$")]
    scope: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    reason: Annotated[str, Field(min_length=10, max_length=2000)]
    owner: NonEmpty | None = Field(None, description="who answers for it; whoever wrote the policy when absent")
    expires: date | None = Field(None, description="last day it counts; as long as the job holds it when absent")

    @property
    def about(self) -> str:
        return f"{self.workflow}#{self.job}#{self.scope}"


class CITokenRules(ControlRules):
    grants: list[GrantEntry] = Field(
        default_factory=no_list, max_length=1000, description="write scopes of jobs, each with what needs it"
    )

    @model_validator(mode="after")
    def _once(self) -> Self:
        told = [entry.about for entry in self.grants]
        if len(set(told)) != len(told):
            raise ValueError("two entries of `grants` speak of the same scope of the same job")
        return self


class SigningRules(ControlRules):
    sign: Literal["auto", "never"] = Field("auto", description="auto: sign what passed act 1 when a signer is at hand")
    accept: list[Literal["key", "keyless"]] = Field(default=["key", "keyless"], min_length=1)
    timestamp: bool = Field(False, description="require a trusted time in every signature")
    allow_public_log: bool = Field(
        False, description="may the job of a private repository sign into a public transparency log, by name?"
    )


class GeneratedRule(Strict):
    """Files of an artifact that the build makes, so that no commit holds them."""

    path: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^/\\][^\\]*$")] = Field(
        description="a member, `*` for anything but `/`, `**` for anything"
    )
    reason: Annotated[str, Field(min_length=10, max_length=2000)]


class BuildRules(Strict):
    """How `tidegate rebuild` builds the project; no other command ever runs it."""

    command: list[Annotated[str, Field(max_length=4096)]] = Field(
        min_length=1, max_length=200, description="program and arguments, never a shell's line; run at the top"
    )
    outputs: list[Inside] = Field(
        default_factory=no_list,
        max_length=100,
        description="globs of what it makes; the releases' artifacts when absent",
    )
    timeout: Duration = "15m"

    @model_validator(mode="after")
    def _runs(self) -> Self:
        if not self.command[0] or any("\0" in word for word in self.command):
            raise ValueError("`command` names a program, and no word of it holds a NUL character")
        return self


class AuthorRules(Strict):
    """Who answers for the SBOM and supplies the release; without it, the account the source lives under."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(pattern=r"^([^@\s]{1,64}@[^@\s]{1,255})?$")] = ""
    url: Annotated[str, Field(pattern=r"^(https?://[!-~]{1,500})?$")] = ""


class SBOMRules(ControlRules):
    formats: list[Literal["cyclonedx-json", "cyclonedx-xml", "spdx-json"]] = Field(
        default=["cyclonedx-json"], min_length=1, description="what the evidence holds"
    )
    spec: Literal["1.6", "1.7"] = Field("1.6", description="version of CycloneDX")
    source: Literal["generate", "file"] = Field("generate", description="file: judge an SBOM somebody else made")
    file: Inside | None = Field(
        None, description="the SBOM of `source: file`, a path of the working tree; `{release}` is the release's name"
    )
    author: AuthorRules | None = Field(None, description="who answers for the SBOM")
    standards: list[Literal["ntia-2021", "cisa-2025", "bsi-tr-03183-2"]] = Field(
        default_factory=no_list, description="whose fields must all be there; every one is scored anyway"
    )
    generated: list[GeneratedRule] = Field(
        default_factory=no_list, max_length=200, description="files the build makes, each with its reason"
    )
    explain: Literal["off", "warn", "fail"] = Field(
        "warn", description="what a file of an artifact that neither commit nor rule explains does"
    )
    rebuild: bool = Field(False, description="require a signed statement of `trust.rebuilders` that it can be rebuilt")
    build: BuildRules | None = Field(None, description="how `tidegate rebuild` builds; the gate itself never does")

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if (self.source == "file") != (self.file is not None):
            raise ValueError("`source: file` needs `file`, and nothing else has one")
        return self


class ProvenanceRules(ControlRules):
    hosted_builders: bool = Field(False, description="accept only certificates of hosted CI runners")
    external_parameters: list[NonEmpty] = Field(
        default_factory=no_list, description="further names allowed in externalParameters"
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
        default_factory=no_list, description="digests of policies the verdict may rest on; any when empty"
    )
    denied: list[Sha256] = Field(
        default_factory=no_list, max_length=10_000, description="sha256 of artifacts that must never be signed or run"
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

    @model_validator(mode="after")
    def _rebuilt(self) -> Self:
        if self.sbom.rebuild and not self.provenance.required:
            raise ValueError("`sbom.rebuild` is verified in row 7: take `required: false` out of `provenance`")
        return self

    def of(self, control: Control) -> ControlRules:
        rules: ControlRules = getattr(self, control.value.replace("-", "_"))
        return rules
