"""What can be wrong with provenance, in words for the one who has to mend it."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


def _rule(ident: str, says: str, why: str, fix: str, *frameworks: str) -> Rule:
    return Rule(ident, Control.PROVENANCE, Level.FAIL, says, why, fix, frameworks)


PROVENANCE_MISSING = _rule(
    "provenance-missing",
    "no provenance speaks about the artifact",
    "without it nobody can say from which source and by which build the file came",
    "run `tidegate check` with a signer, or attest the build and put the bundle into the evidence folder",
    "SLSA v1.1 Build L1",
)
PROVENANCE_INVALID = _rule(
    "provenance-invalid",
    "an attestation cannot be read or does not verify",
    "an attestation that does not verify was changed or made up; it is never skipped in favour of a better one",
    "remove the attestation and attest the artifact again",
    "SLSA v1.1 Verifying artifacts, step 1",
)
PROVENANCE_UNSUPPORTED = _rule(
    "provenance-unsupported",
    "an attestation is of a kind that cannot be checked here",
    "evidence that cannot be checked proves nothing, even when it may be sound",
    "attest again with a current client (statement v1, bundle v0.3)",
)
PROVENANCE_UNTRUSTED = _rule(
    "provenance-untrusted",
    "an attestation is signed by somebody the policy does not trust as a builder",
    "a builder nobody chose can claim any source",
    "attest in the trusted workflow or with the trusted key, or name the signer exactly under `trust.builders`",
    "SLSA v1.1 Verifying artifacts, step 1",
)
BUILDER_NOT_HOSTED = _rule(
    "builder-not-hosted",
    "the build did not run on a hosted runner",
    "on a machine of their own an attacker can change the build while it runs",
    "build on a hosted runner, or set `controls.provenance.hosted_builders: false`",
    "SLSA v1.1 Build L2",
)
PROVENANCE_SUBJECT = _rule(
    "provenance-subject-mismatch",
    "the attestation speaks about another file",
    "provenance of one file proves nothing about another",
    "put the attestation that belongs to this artifact beside it",
    "SLSA v1.1 Verifying artifacts, step 1",
)
PROVENANCE_PREDICATE = _rule(
    "provenance-predicate-unknown",
    "the attestation's predicate is of a type nobody here can judge",
    "a newer or foreign predicate can mean something else by the same words",
    "attest with SLSA provenance v1",
)
PROVENANCE_BUILD_TYPE = _rule(
    "provenance-build-type-unknown",
    "the build type is not known",
    "what parameters mean depends on the build type; unknown ones cannot be judged",
    "attest with a known build type",
    "SLSA v1.1 Verifying artifacts, step 2",
)
PROVENANCE_PARAMETERS = _rule(
    "provenance-parameters-unknown",
    "the build took a parameter nobody expected",
    "whoever may start the build can change its result through a parameter",
    "build without the parameter, or name it under `controls.provenance.external_parameters`",
    "SLSA v1.1 Verifying artifacts, step 2",
)
PROVENANCE_SOURCE = _rule(
    "provenance-source-mismatch",
    "the artifact was built from another repository",
    "a build of a fork or a look-alike is not this project's release",
    "build from the expected repository",
    "SLSA v1.1 Verifying artifacts, step 2",
)
PROVENANCE_COMMIT = _rule(
    "provenance-commit-mismatch",
    "the artifact was built from another commit",
    "what was reviewed and examined is not what was built",
    "build the released commit and attest again",
)
PROVENANCE_REF = _rule(
    "provenance-ref-mismatch",
    "the artifact was built from another ref",
    "branches and tags differ in who may write to them",
    "build from an accepted ref",
)
PROVENANCE_BUILDER = _rule(
    "provenance-builder-mismatch",
    "the provenance names another builder than its signer may speak for",
    "a signer that speaks for a foreign builder lends it a trust it does not have",
    "attest where the build ran, or correct `builder_id` in the policy",
    "SLSA v1.1 Verifying artifacts, step 1",
)
PROVENANCE_CLAIM = _rule(
    "provenance-claim-mismatch",
    "the provenance contradicts the certificate of its signer",
    "the certificate comes from the CI system, the predicate from the build: where they differ the build lies",
    "find out who wrote the attestation; attest with an unchanged client",
)
PROVENANCE_STALE = _rule(
    "provenance-stale",
    "the provenance is too old, or from the future",
    "old evidence brings back an artifact that was withdrawn since, with every signature still right",
    "build and attest again, or raise `controls.provenance.max_age`",
)
PROVENANCE_AGE = _rule(
    "provenance-age-unproven",
    "nothing proves when the provenance was signed",
    "a signature without a trusted time may be of any age",
    "attest keyless or with a timestamp authority, or take `controls.provenance.max_age` out",
)
ATTESTATION_IGNORED = Rule(
    "attestation-ignored",
    Control.PROVENANCE,
    Level.WARN,
    "an attestation beside the accepted one does not count",
    "anybody may put an attestation beside an artifact; it neither helps nor hurts, but somebody should know",
    "remove it, or find out who put it there",
)
SOURCE_DIRTY = _rule(
    "source-dirty",
    "a tracked file differs from the commit",
    "the artifact may hold what no commit holds",
    "commit or undo the change, then build again",
)
SOURCE_UNKNOWN = _rule(
    "source-unknown",
    "there is no source commit to link the artifact to",
    "without a commit nobody can look up what was built",
    "run in a git checkout of the released commit",
)
CI_CONTEXT_CONTRADICTED = _rule(
    "ci-context-contradicted",
    "the CI system and the checkout do not say the same of the source",
    "one of them is not what was built; evidence would name the wrong commit, tag or repository",
    "check out the commit the pipeline runs for, with the tag it runs for, and let no step set the CI's own variables",
)
POLICY_UNREVIEWED = _rule(
    "policy-unreviewed",
    "the policy's commit is not part of a protected ref",
    "a policy nobody reviewed can open the gate for itself",
    "merge the commit first, or name its ref under `policy.protected`",
)

PROVENANCE_RULES = (
    PROVENANCE_MISSING,
    PROVENANCE_INVALID,
    PROVENANCE_UNSUPPORTED,
    PROVENANCE_UNTRUSTED,
    BUILDER_NOT_HOSTED,
    PROVENANCE_SUBJECT,
    PROVENANCE_PREDICATE,
    PROVENANCE_BUILD_TYPE,
    PROVENANCE_PARAMETERS,
    PROVENANCE_SOURCE,
    PROVENANCE_COMMIT,
    PROVENANCE_REF,
    PROVENANCE_BUILDER,
    PROVENANCE_CLAIM,
    PROVENANCE_STALE,
    PROVENANCE_AGE,
    ATTESTATION_IGNORED,
    SOURCE_DIRTY,
    SOURCE_UNKNOWN,
    CI_CONTEXT_CONTRADICTED,
    POLICY_UNREVIEWED,
)
