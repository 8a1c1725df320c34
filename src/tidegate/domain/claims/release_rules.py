"""What can be wrong with a release as a whole: its set of artifacts, its place in time, and its approvals."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


def _rule(ident: str, says: str, why: str, fix: str, *frameworks: str, control: Control = Control.DEPLOYMENT) -> Rule:
    return Rule(ident, control, Level.FAIL, says, why, fix, frameworks)


ARTIFACT_DENIED = _rule(
    "artifact-denied",
    "the policy denies this artifact",
    "somebody found out that it must not run; its evidence may be flawless all the same",
    "release and deploy a mended one; only `controls.deployment.denied` itself can let this one in again",
)
ARTIFACT_FOREIGN = _rule(
    "artifact-foreign",
    "the artifact is not part of the release",
    "what was not judged with the release came from elsewhere",
    "deploy exactly the files of one release",
)
RELEASE_INCOMPLETE = _rule(
    "release-incomplete",
    "an artifact of the release is missing",
    "half a release is something nobody judged or tested",
    "fetch every file of the release, or verify the one file alone",
)
LEDGER_MISSING = _rule(
    "ledger-missing",
    "there is no ledger to compare with",
    "without knowing what ran before nobody notices an old release coming back",
    "give `--ledger FILE`; `tidegate ledger init FILE` writes the first line of a new one",
)
LEDGER_BROKEN = _rule(
    "ledger-broken",
    "the ledger was changed or cut off",
    "a ledger that can be edited forgets what it was kept to remember",
    "restore it from a copy and find out who changed it; a new one begins without memory",
)
ARTIFACT_ROLLED_BACK = _rule(
    "artifact-rolled-back",
    "the artifact is older than what ran before",
    "an old release with sound evidence brings its old vulnerabilities back",
    "deploy a newer release, or say `--rollback-to VERSION --reason REASON --owner OWNER` for one that ran here before",
)
ARTIFACT_AGE = _rule(
    "artifact-age-unknown",
    "nothing shows whether the artifact is newer than what ran before",
    "what cannot be compared may be old",
    "deploy packages that carry a version, or sign provenance with a trusted time",
)
SVR_MISSING = _rule(
    "svr-missing",
    "the verdict's second form (SVR) is not there",
    "the policy promises it to those who read it",
    "run `tidegate check` again, or set `controls.deployment.svr: false`",
)
SVR_INVALID = _rule(
    "svr-invalid",
    "the verdict's second form (SVR) does not say what the verdict says",
    "two readers of one release would decide differently",
    "remove it and run `tidegate check` again",
)
RELEASE_UNAPPROVED = _rule(
    "release-unapproved",
    "too few trusted people approved the release",
    "one person alone, or whoever holds the build, must not be able to release",
    "have another of `trust.approvers` run `tidegate approve RELEASE --key KEY`, then `tidegate check` again",
    "NIST SSDF PO.2.1",
    control=Control.PROVENANCE,
)

RELEASE_RULES = (
    ARTIFACT_DENIED,
    ARTIFACT_FOREIGN,
    RELEASE_INCOMPLETE,
    LEDGER_MISSING,
    LEDGER_BROKEN,
    ARTIFACT_ROLLED_BACK,
    ARTIFACT_AGE,
    SVR_MISSING,
    SVR_INVALID,
)
APPROVAL_RULES = (RELEASE_UNAPPROVED,)
