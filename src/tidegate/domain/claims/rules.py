"""What can be wrong with signatures, provenance and verdicts, in words for the one who has to mend it."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


def _rule(control: Control, ident: str, says: str, why: str, fix: str, *frameworks: str) -> Rule:
    return Rule(ident, control, Level.FAIL, says, why, fix, frameworks)


_S, _P, _D = Control.SIGNING, Control.PROVENANCE, Control.DEPLOYMENT

SIGNATURE_MISSING = _rule(
    _S,
    "signature-missing",
    "the artifact is not signed",
    "without a signature nobody can tell the released file from a replaced one",
    "run `tidegate check` with a signer: `--key FILE`, or a CI job that may ask for an identity token",
    "NIST SSDF PS.2",
)
SIGNATURE_INVALID = _rule(
    _S,
    "signature-invalid",
    "the signature does not verify",
    "a signature that does not fit its file means that one of them was changed",
    "find out which was changed; remove the signature and sign the right file again",
    "NIST SSDF PS.2",
)
SIGNATURE_UNTRUSTED = _rule(
    _S,
    "signature-untrusted",
    "the signer is not one the policy trusts",
    "anybody can sign; a signature means something only when its signer is expected",
    "sign with a trusted signer, or name this one exactly under `trust.builders`",
    "NIST SSDF PS.2",
)
SIGNATURE_UNSUPPORTED = _rule(
    _S,
    "signature-unsupported",
    "the signature is of a kind that cannot be checked here",
    "evidence that cannot be checked proves nothing, even when it may be sound",
    "sign with a current Sigstore client (bundle v0.3) or with a key the policy names",
)
KEY_REVOKED = _rule(
    _S,
    "key-revoked",
    "the signing key was revoked",
    "whoever has a revoked key can sign at any time and claim an earlier one",
    "sign again with a valid key; only a trusted timestamp from before `revoked_at` saves an old signature",
)
KEY_OUT_OF_TIME = _rule(
    _S,
    "key-out-of-time",
    "the signing key is not valid at the time of the signature",
    "the policy limits the key to a span of time",
    "sign again with a valid key, or add trusted timestamps to signatures",
)
TIMESTAMP_MISSING = _rule(
    _S,
    "timestamp-missing",
    "nothing proves when the signature was made",
    "without a trusted time a stolen key can sign as of any day",
    "sign keyless or with a timestamp authority, or set `controls.signing.timestamp: false`",
)
SIGNATURE_KIND = _rule(
    _S,
    "signature-kind-not-accepted",
    "the signature is of a kind the policy does not accept",
    "a key proves who holds it, a certificate proves which workflow ran: they are not the same",
    "sign in the accepted way, or change `controls.signing.accept`",
)
SIGNING_REFUSED = _rule(
    _S,
    "signing-refused",
    "nothing was signed",
    "what cannot be described truthfully, or carries a secret, must not get a signature",
    "mend what the message names and run `tidegate check` again",
)

PROVENANCE_MISSING = _rule(
    _P,
    "provenance-missing",
    "no provenance speaks about the artifact",
    "without it nobody can say from which source and by which build the file came",
    "run `tidegate check` with a signer, or attest the build and put the bundle into the evidence folder",
    "SLSA v1.1 Build L1",
)
PROVENANCE_INVALID = _rule(
    _P,
    "provenance-invalid",
    "an attestation cannot be read or does not verify",
    "an attestation that does not verify was changed or made up; it is never skipped in favour of a better one",
    "remove the attestation and attest the artifact again",
    "SLSA v1.1 Verifying artifacts, step 1",
)
PROVENANCE_UNSUPPORTED = _rule(
    _P,
    "provenance-unsupported",
    "an attestation is of a kind that cannot be checked here",
    "evidence that cannot be checked proves nothing, even when it may be sound",
    "attest again with a current client (statement v1, bundle v0.3)",
)
PROVENANCE_UNTRUSTED = _rule(
    _P,
    "provenance-untrusted",
    "an attestation is signed by somebody the policy does not trust as a builder",
    "a builder nobody chose can claim any source",
    "attest in the trusted workflow or with the trusted key, or name the signer exactly under `trust.builders`",
    "SLSA v1.1 Verifying artifacts, step 1",
)
BUILDER_NOT_HOSTED = _rule(
    _P,
    "builder-not-hosted",
    "the build did not run on a hosted runner",
    "on a machine of their own an attacker can change the build while it runs",
    "build on a hosted runner, or set `controls.provenance.hosted_builders: false`",
    "SLSA v1.1 Build L2",
)
PROVENANCE_SUBJECT = _rule(
    _P,
    "provenance-subject-mismatch",
    "the attestation speaks about another file",
    "provenance of one file proves nothing about another",
    "put the attestation that belongs to this artifact beside it",
    "SLSA v1.1 Verifying artifacts, step 1",
)
PROVENANCE_PREDICATE = _rule(
    _P,
    "provenance-predicate-unknown",
    "the attestation's predicate is of a type nobody here can judge",
    "a newer or foreign predicate can mean something else by the same words",
    "attest with SLSA provenance v1",
)
PROVENANCE_BUILD_TYPE = _rule(
    _P,
    "provenance-build-type-unknown",
    "the build type is not known",
    "what parameters mean depends on the build type; unknown ones cannot be judged",
    "attest with a known build type",
    "SLSA v1.1 Verifying artifacts, step 2",
)
PROVENANCE_PARAMETERS = _rule(
    _P,
    "provenance-parameters-unknown",
    "the build took a parameter nobody expected",
    "whoever may start the build can change its result through a parameter",
    "build without the parameter, or name it under `controls.provenance.external_parameters`",
    "SLSA v1.1 Verifying artifacts, step 2",
)
PROVENANCE_SOURCE = _rule(
    _P,
    "provenance-source-mismatch",
    "the artifact was built from another repository",
    "a build of a fork or a look-alike is not this project's release",
    "build from the expected repository",
    "SLSA v1.1 Verifying artifacts, step 2",
)
PROVENANCE_COMMIT = _rule(
    _P,
    "provenance-commit-mismatch",
    "the artifact was built from another commit",
    "what was reviewed and examined is not what was built",
    "build the released commit and attest again",
)
PROVENANCE_REF = _rule(
    _P,
    "provenance-ref-mismatch",
    "the artifact was built from another ref",
    "branches and tags differ in who may write to them",
    "build from an accepted ref",
)
PROVENANCE_BUILDER = _rule(
    _P,
    "provenance-builder-mismatch",
    "the provenance names another builder than its signer may speak for",
    "a signer that speaks for a foreign builder lends it a trust it does not have",
    "attest where the build ran, or correct `builder_id` in the policy",
    "SLSA v1.1 Verifying artifacts, step 1",
)
PROVENANCE_CLAIM = _rule(
    _P,
    "provenance-claim-mismatch",
    "the provenance contradicts the certificate of its signer",
    "the certificate comes from the CI system, the predicate from the build: where they differ the build lies",
    "find out who wrote the attestation; attest with an unchanged client",
)
SOURCE_DIRTY = _rule(
    _P,
    "source-dirty",
    "a tracked file differs from the commit",
    "the artifact may hold what no commit holds",
    "commit or undo the change, then build again",
)
SOURCE_UNKNOWN = _rule(
    _P,
    "source-unknown",
    "there is no source commit to link the artifact to",
    "without a commit nobody can look up what was built",
    "run in a git checkout of the released commit",
)
SOURCE_CONTRADICTED = _rule(
    _P,
    "source-contradicted",
    "the CI system and the checkout name different commits",
    "one of them is not what was built",
    "check out the commit the pipeline runs for",
)
POLICY_UNREVIEWED = _rule(
    _P,
    "policy-unreviewed",
    "the policy's commit is not part of a protected ref",
    "a policy nobody reviewed can open the gate for itself",
    "merge the commit first, or name its ref under `policy.protected`",
)

ARTIFACT_UNKNOWN = _rule(
    _D,
    "artifact-unknown",
    "no evidence names this artifact",
    "a file that never went through the gate must not run",
    "deploy an artifact that was released, with its evidence",
)
ARTIFACT_CHANGED = _rule(
    _D,
    "artifact-changed",
    "the artifact is not the one the evidence speaks about",
    "its bytes changed after it was verified",
    "fetch the released file again; if it still differs, find out who changed it",
)
VSA_MISSING = _rule(
    _D,
    "vsa-missing",
    "there is no verdict for the artifact",
    "nobody says that it passed the gate",
    "run `tidegate check` with a signer and deploy with its evidence",
)
VSA_INVALID = _rule(
    _D,
    "vsa-invalid",
    "the verdict cannot be read or does not verify",
    "a verdict that does not verify was changed or made up",
    "fetch the evidence again or run `tidegate check` again",
)
VSA_UNTRUSTED = _rule(
    _D,
    "vsa-untrusted",
    "the verdict is not signed by a trusted verifier",
    "anybody can write a verdict that says passed",
    "name the verifier exactly under `trust.verifiers`, or have a trusted one decide",
    "SLSA v1.1 VSA, step 1",
)
VSA_FAILED = _rule(
    _D,
    "vsa-failed",
    "the verdict is that the release did not pass",
    "the gate was shut when this artifact was released",
    "mend what shut the gate and run `tidegate check` again",
)
VSA_STALE = _rule(
    _D,
    "vsa-stale",
    "the verdict is too old, or from the future",
    "what was clean then may be known to be harmful now",
    "run `tidegate check` again, or raise `controls.deployment.max_age`",
)
VSA_SUBJECT = _rule(
    _D,
    "vsa-subject-mismatch",
    "the verdict speaks about another artifact",
    "a verdict about one file proves nothing about another",
    "put the verdict that belongs to this artifact beside it",
    "SLSA v1.1 VSA, step 2",
)
VSA_POLICY = _rule(
    _D,
    "vsa-policy-mismatch",
    "the verdict does not say which policy it applied",
    "passed by an unknown measure means nothing",
    "run `tidegate check` again",
)
VSA_VERIFIER = _rule(
    _D,
    "vsa-verifier-mismatch",
    "the verdict names another verifier than its signer",
    "each signer may speak for one verifier only",
    "run `tidegate check` again with the right signer",
    "SLSA v1.1 VSA, step 4",
)
VSA_RESOURCE = _rule(
    _D,
    "vsa-resource-mismatch",
    "the verdict is about another resource",
    "a verdict for one use of a file does not cover another",
    "put the verdict that belongs to this artifact beside it",
    "SLSA v1.1 VSA, step 5",
)
VSA_LEVEL = _rule(
    _D,
    "vsa-level-missing",
    "the verdict does not reach a SLSA build level",
    "provenance was not verified",
    "run `tidegate check` with provenance",
    "SLSA v1.1 VSA, step 7",
)
VSA_ROWS = _rule(
    _D,
    "vsa-rows-missing",
    "the verdict does not show a pass of every row",
    "a verdict over some of the rows is not the release gate's",
    "run `tidegate check`, not one of its parts",
)
EVIDENCE_MISSING = _rule(
    _D,
    "evidence-missing",
    "a file of the evidence is missing",
    "the verdict rests on it",
    "fetch the whole evidence folder again",
)
EVIDENCE_CHANGED = _rule(
    _D,
    "evidence-changed",
    "a file of the evidence was changed",
    "the verdict was about other bytes",
    "fetch the whole evidence folder again",
)
EVIDENCE_UNBOUND = _rule(
    _D,
    "evidence-unbound",
    "a file of the evidence is not covered by the verdict",
    "what no signature covers can be exchanged unseen",
    "remove the file, or run `tidegate check` again",
)

SIGNING_RULES = (
    SIGNATURE_MISSING,
    SIGNATURE_INVALID,
    SIGNATURE_UNTRUSTED,
    SIGNATURE_UNSUPPORTED,
    KEY_REVOKED,
    KEY_OUT_OF_TIME,
    TIMESTAMP_MISSING,
    SIGNATURE_KIND,
    SIGNING_REFUSED,
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
    SOURCE_DIRTY,
    SOURCE_UNKNOWN,
    SOURCE_CONTRADICTED,
    POLICY_UNREVIEWED,
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
    VSA_VERIFIER,
    VSA_RESOURCE,
    VSA_LEVEL,
    VSA_ROWS,
    EVIDENCE_MISSING,
    EVIDENCE_CHANGED,
    EVIDENCE_UNBOUND,
)
RULES = SIGNING_RULES + PROVENANCE_RULES + DEPLOYMENT_RULES
