"""The policy as data: strict, closed, and each field with the reason it exists.

Descriptions end up in `policy schema` and in editors.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.policy.controls import Controls
from tidegate.policy.trust import IdentityTrust, KeyTrust, Trust
from tidegate.policy.values import (
    Duration,
    ImageName,
    Inside,
    Name,
    NonEmpty,
    Requirement,
    Strict,
    no_list,
)


class ReleaseRules(Strict):
    name: Name
    root: Inside | Literal["."] = "."
    artifacts: list[Inside] = Field(default_factory=no_list, description="globs relative to the repository")
    images: list[ImageName] = Field(
        default_factory=no_list, description="images, without tag; `check --image` gives the digest of each"
    )
    uri: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]{0,30}:[!-~]{1,1000}$")] | None = Field(
        None, description="what the verdict is about; by default the purl in the artifact's metadata"
    )

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if not self.artifacts and not self.images:
            raise ValueError("a release needs `artifacts`, `images` or both")
        return self


class VexWord(Strict):
    """What our own VEX documents say of an accepted vulnerability; without it: affected, and accepted."""

    status: Literal["affected", "not_affected"] = "not_affected"
    justification: (
        Literal[
            "component_not_present",
            "vulnerable_code_not_present",
            "vulnerable_code_not_in_execute_path",
            "vulnerable_code_cannot_be_controlled_by_adversary",
            "inline_mitigations_already_exist",
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _justified(self) -> Self:
        if (self.status == "not_affected") != (self.justification is not None):
            raise ValueError("`not_affected` needs a `justification`, and nothing else has one")
        return self


class ExceptionEntry(Strict):
    """Accepts exactly one finding's subject."""

    rule: NonEmpty
    about: NonEmpty
    reason: Annotated[str, Field(min_length=10, max_length=2000)]
    owner: NonEmpty
    expires: date | None = None
    until_fixed: bool = False
    vex: VexWord | None = Field(None, description="what our VEX documents say of it")

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
    protected: list[NonEmpty] = Field(default_factory=no_list, description="refs the released commit must be part of")
    changes: Literal["warn", "fail"] = Field("warn", description="what a changed policy does to a review")


class Limits(Strict):
    deadline: Duration = Field("10m", description="time for each act; what is unfinished is undecided")
    signing: Duration = Field("2m", description="time for one signature, its log entry and its timestamp")


class PolicyModel(Strict):
    """The effective policy, all presets merged."""

    version: Literal[1]
    extends: NonEmpty | None = None
    requires: Requirement | None = Field(None, description="which versions may judge by it, such as `tidegate>=0.4`")
    releases: list[ReleaseRules] = Field(default_factory=no_list)
    trust: Trust = Field(default_factory=Trust)
    controls: Controls = Field(default_factory=Controls)
    exceptions: list[ExceptionEntry] = Field(default_factory=no_list, max_length=1000)
    exclude: list[ExcludeEntry] = Field(default_factory=no_list, max_length=100)
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
