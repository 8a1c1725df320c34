"""What can be wrong with a certified signer, one rule a cause, in words for the one who has to mend it."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


def _rule(ident: str, says: str, why: str, fix: str, *frameworks: str) -> Rule:
    return Rule(ident, Control.SIGNING, Level.FAIL, says, why, fix, frameworks)


SIGNER_ISSUER = _rule(
    "signer-issuer-mismatch",
    "the signer's identity was vouched for by another issuer",
    "every identity provider may certify any name it likes; only the named one speaks for the project's CI",
    "sign in the CI system the policy names, or name its issuer exactly under `trust.builders`",
)
SIGNER_SOURCE = _rule(
    "signer-source-mismatch",
    "the signer ran for another source repository",
    "a trusted workflow can be called from any repository, with any source",
    "release from the repository the policy names, or correct `source_repository`",
    "SLSA v1.1 Verifying artifacts, step 2",
)
SIGNER_RECREATED = _rule(
    "signer-repository-recreated",
    "the source repository has the right name and another id",
    "a name that was given up can be taken by anybody; the id stays with the repository",
    "find out who holds the name now; after a move of your own correct `source_repository_id`",
)
SIGNER_WORKFLOW = _rule(
    "signer-workflow-mismatch",
    "another workflow signed than the one the policy names",
    "any workflow of a repository, a test's too, can ask for an identity; only one of them releases",
    "sign in the trusted workflow, or correct `signer_workflow`",
    "SLSA v1.1 Verifying artifacts, step 1",
)
SIGNER_WORKFLOW_REF = _rule(
    "signer-workflow-ref-mismatch",
    "the signing workflow came from a ref the policy does not accept",
    "on another branch, in a proposed change or at a fork's commit the same file name holds other steps",
    "use the workflow at an accepted ref, or name its ref under `signer_refs`",
)
SIGNER_CALLER = _rule(
    "signer-caller-mismatch",
    "another workflow called the signing one than the policy names",
    "whoever may call a reusable workflow chooses what it builds",
    "release from the calling workflow the policy names, or correct `caller_workflow`",
)
SIGNER_REF = _rule(
    "signer-ref-mismatch",
    "the signer ran for a ref the policy does not accept",
    "branches, tags and proposed changes differ in who may write to them",
    "release from an accepted ref, or correct `refs`",
    "SLSA v1.1 Verifying artifacts, step 2",
)
SIGNER_RUNNER = _rule(
    "signer-runner-mismatch",
    "the signer ran on another kind of runner than the policy names",
    "on a machine of their own an attacker can change the build while it runs",
    "release on the runner the policy names, or correct `runner`",
    "SLSA v1.1 Build L2",
)
SIGNER_TRIGGER = _rule(
    "signer-trigger-refused",
    "the signer was started by an event the policy does not accept",
    "events such as `pull_request_target` run with the project's identity on somebody else's change",
    "release from a push, a tag or by hand, or name the event under `triggers`",
)
SIGNER_CONTRADICTED = _rule(
    "signer-contradicted",
    "the signer's certificate contradicts itself",
    "where a certificate names two signers, two readers can see two signers",
    "sign again with a certificate of the instance's own Fulcio",
)

IDENTITY_RULES = (
    SIGNER_ISSUER,
    SIGNER_SOURCE,
    SIGNER_RECREATED,
    SIGNER_WORKFLOW,
    SIGNER_WORKFLOW_REF,
    SIGNER_CALLER,
    SIGNER_REF,
    SIGNER_RUNNER,
    SIGNER_TRIGGER,
    SIGNER_CONTRADICTED,
)
