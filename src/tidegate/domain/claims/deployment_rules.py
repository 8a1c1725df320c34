"""What can be wrong with a verdict and its evidence, in words for the one who has to mend it."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


def _rule(ident: str, says: str, why: str, fix: str, *frameworks: str) -> Rule:
    return Rule(ident, Control.DEPLOYMENT, Level.FAIL, says, why, fix, frameworks)


ARTIFACT_UNKNOWN = _rule(
    "artifact-unknown",
    "no evidence names this artifact",
    "a file that never went through the gate must not run",
    "deploy an artifact that was released, with its evidence",
)
ARTIFACT_CHANGED = _rule(
    "artifact-changed",
    "the artifact is not the one the evidence speaks about",
    "its bytes changed after it was verified",
    "fetch the released file again; if it still differs, find out who changed it",
)
VSA_MISSING = _rule(
    "vsa-missing",
    "there is no verdict for the artifact",
    "nobody says that it passed the gate",
    "run `tidegate check` with a signer and deploy with its evidence",
)
VSA_INVALID = _rule(
    "vsa-invalid",
    "the verdict cannot be read or does not verify",
    "a verdict that does not verify was changed or made up",
    "fetch the evidence again or run `tidegate check` again",
)
VSA_UNTRUSTED = _rule(
    "vsa-untrusted",
    "the verdict is not signed by a trusted verifier",
    "anybody can write a verdict that says passed",
    "name the verifier exactly under `trust.verifiers`, or have a trusted one decide",
    "SLSA v1.1 VSA, step 1",
)
VSA_FAILED = _rule(
    "vsa-failed",
    "the verdict is that the release did not pass",
    "the gate was shut when this artifact was released",
    "mend what shut the gate and run `tidegate check` again",
    "SLSA v1.1 VSA, step 6",
)
VSA_STALE = _rule(
    "vsa-stale",
    "the verdict is too old, or from the future",
    "what was clean then may be known to be harmful now",
    "run `tidegate check` again, or raise `controls.deployment.max_age`",
)
VSA_SUBJECT = _rule(
    "vsa-subject-mismatch",
    "the verdict speaks about another artifact",
    "a verdict about one file proves nothing about another",
    "put the verdict that belongs to this artifact beside it",
    "SLSA v1.1 VSA, step 2",
)
VSA_POLICY = _rule(
    "vsa-policy-mismatch",
    "the verdict does not rest on a policy this one accepts",
    "passed by an unknown measure means nothing",
    "run `tidegate check` again, or name its policy's digest under `controls.deployment.policies`",
)
VSA_PREDICATE = _rule(
    "vsa-predicate-unknown",
    "what lies in the verdict's place is something else",
    "only a verification summary of a known version says that anybody verified",
    "put the verdict that belongs to this artifact beside it",
    "SLSA v1.1 VSA, step 3",
)
VSA_VERIFIER = _rule(
    "vsa-verifier-mismatch",
    "the verdict names another verifier than its signer",
    "each signer may speak for one verifier only",
    "run `tidegate check` again with the right signer",
    "SLSA v1.1 VSA, step 4",
)
VSA_RESOURCE = _rule(
    "vsa-resource-mismatch",
    "the verdict is about another resource",
    "a verdict for one use of a file does not cover another",
    "put the verdict that belongs to this artifact beside it",
    "SLSA v1.1 VSA, step 5",
)
VSA_LEVEL = _rule(
    "vsa-level-missing",
    "the verdict does not reach the SLSA build level asked for",
    "provenance was not verified",
    "run `tidegate check` with provenance",
    "SLSA v1.1 VSA, step 7",
)
VSA_ROWS = _rule(
    "vsa-rows-missing",
    "the verdict does not show a pass of every row",
    "a verdict over some of the rows is not the release gate's",
    "run `tidegate check`, not one of its parts",
)
EVIDENCE_MISSING = _rule(
    "evidence-missing",
    "a file of the evidence is missing",
    "the verdict rests on it",
    "fetch the whole evidence folder again",
)
EVIDENCE_CHANGED = _rule(
    "evidence-changed",
    "a file of the evidence was changed",
    "the verdict was about other bytes",
    "fetch the whole evidence folder again",
)
EVIDENCE_UNBOUND = _rule(
    "evidence-unbound",
    "a file of the evidence is not covered by the verdict",
    "what no signature covers can be exchanged unseen",
    "remove the file, or run `tidegate check` again",
)

DEPLOYMENT_RULES = (
    ARTIFACT_UNKNOWN,
    ARTIFACT_CHANGED,
    VSA_MISSING,
    VSA_INVALID,
    VSA_UNTRUSTED,
    VSA_FAILED,
    VSA_STALE,
    VSA_SUBJECT,
    VSA_POLICY,
    VSA_PREDICATE,
    VSA_VERIFIER,
    VSA_RESOURCE,
    VSA_LEVEL,
    VSA_ROWS,
    EVIDENCE_MISSING,
    EVIDENCE_CHANGED,
    EVIDENCE_UNBOUND,
)
