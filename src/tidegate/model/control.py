"""The rows of the baseline table, the acts they belong to and the scopes they are judged in."""

from enum import StrEnum


class Control(StrEnum):
    """One row of the baseline table, in the order of the table."""

    LOCKFILES = "lockfiles"
    DEPENDENCIES = "dependencies"
    SECRETS = "secrets"
    CI_TOKENS = "ci-tokens"
    SIGNING = "signing"
    SBOM = "sbom"
    PROVENANCE = "provenance"
    DEPLOYMENT = "deployment"

    @property
    def label(self) -> str:
        return _TITLES[self]


_TITLES = {
    Control.LOCKFILES: "Lockfiles",
    Control.DEPENDENCIES: "Dependency review",
    Control.SECRETS: "Secret scanning",
    Control.CI_TOKENS: "Least privilege CI tokens",
    Control.SIGNING: "Artifact signing",
    Control.SBOM: "SBOM generation",
    Control.PROVENANCE: "Provenance",
    Control.DEPLOYMENT: "Deployment verification",
}


class Act(StrEnum):
    """When a row is judged: examine (no secrets at hand), seal (signing), prove (as production would)."""

    EXAMINE = "examine"
    SEAL = "seal"
    PROVE = "prove"


class Scope(StrEnum):
    """What the command asks: a commit, a change, a release, one without sealing, or an artifact before deployment."""

    REVIEW = "review"
    CHECK = "check"
    EXAMINE = "examine"
    VERIFY = "verify"
    STAGED = "staged"
