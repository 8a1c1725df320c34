"""The rules of least-privilege CI tokens."""

from tidegate.domain.grants.audits import AUDITS
from tidegate.domain.grants.gitlab.rules import RULES as GITLAB
from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

MALFORMED = Rule(
    "ci-config-malformed",
    Control.CI_TOKENS,
    Level.FAIL,
    "a CI file cannot be read",
    "what cannot be read cannot be examined, and the CI system may read it another way",
    "mend the file or remove it",
)
UNSUPPORTED = Rule(
    "ci-system-unsupported",
    Control.CI_TOKENS,
    Level.FAIL,
    "a CI system is configured that tidegate does not read yet",
    "its jobs may hold tokens nobody looked at",
    "move the pipeline, or accept the file with a reason in `exclude`",
)
MISSING = Rule(
    "permissions-missing",
    Control.CI_TOKENS,
    Level.FAIL,
    "a job has no `permissions`, neither its own nor its workflow's",
    "its token then has the repository's default, which may be everything and can change without a commit",
    "add `permissions: {contents: read}` to the workflow and more to single jobs",
)
BROAD = Rule(
    "permissions-broad",
    Control.CI_TOKENS,
    Level.FAIL,
    "a token may write everything",
    "one compromised step can change code, releases and packages",
    "replace `write-all` by the scopes the job needs",
)
READ_ALL = Rule(
    "permissions-read-all",
    Control.CI_TOKENS,
    Level.WARN,
    "a token may read everything",
    "a job rarely needs more than the repository's contents",
    "replace `read-all` by the scopes the job needs, often `contents: read`",
)
WORKFLOW_LEVEL = Rule(
    "permissions-at-workflow-level",
    Control.CI_TOKENS,
    Level.WARN,
    "a write permission is granted to the whole workflow",
    "every job that has no block of its own gets it, also those added later",
    "move the permission to the job that needs it",
)
UNKNOWN_SCOPE = Rule(
    "permission-unknown",
    Control.CI_TOKENS,
    Level.WARN,
    "a permission is granted that GitHub does not list",
    "a misspelt scope grants nothing, or something this version of tidegate has not heard of",
    "correct the scope's name; update tidegate when GitHub has added it",
)
UNEXPLAINED = Rule(
    "grant-unexplained",
    Control.CI_TOKENS,
    Level.WARN,
    "a job may write something none of its steps is known to need",
    "every step of the job, and every package it installs, can use the grant; what nobody needs only an attacker uses",
    "take the scope out of the job, or say in `controls.ci-tokens.grants` of the policy what needs it",
)
LOST_CALL = Rule(
    "call-unresolved",
    Control.CI_TOKENS,
    Level.FAIL,
    "a local action or workflow cannot be followed",
    "what it does with the job's token was not looked at",
    "correct the reference, or break the circle it is part of",
)
SIGNING_SHARED = Rule(
    "signing-token-shared",
    Control.CI_TOKENS,
    Level.WARN,
    "a job that can sign or publish also runs code nobody here wrote",
    "one bad package in the build can sign and publish as you",
    "build in one job without the token, hand over the files, and sign in a second job that runs nothing else",
)
SIGNING_EXPOSED = Rule(
    "signing-token-exposed",
    Control.CI_TOKENS,
    Level.FAIL,
    "a job with the signing token is started by events others can cause",
    "whoever causes the event can sign, publish or log in to the cloud as this repository",
    "give the job an `environment` with protection rules, or a condition that keeps these events out",
)
PUBLISH_UNGUARDED = Rule(
    "publish-unguarded",
    Control.CI_TOKENS,
    Level.WARN,
    "a job publishes without a protected environment",
    "nobody has to approve it, and any branch that can start the workflow can publish",
    "give the job an `environment` with protection rules, and name it where the registry trusts the workflow",
)
CREDENTIAL_LONG_LIVED = Rule(
    "credential-long-lived",
    Control.CI_TOKENS,
    Level.WARN,
    "a long-lived credential is used where the service takes the job's own identity",
    "a stolen credential works until somebody notices; an OIDC token works for minutes and for this job",
    "let the service trust the workflow, grant `id-token: write` to this one job, and delete the secret",
)
SECRET_IN_WORKFLOW_ENV = Rule(
    "secret-in-workflow-env",
    Control.CI_TOKENS,
    Level.FAIL,
    "a secret is in the environment of a whole workflow",
    "every step of every job can read it, those of foreign actions too",
    "move it to the `env` of the one step that needs it",
)
SECRET_HANDED_OUT = Rule(
    "secret-handed-out",
    Control.CI_TOKENS,
    Level.WARN,
    "a secret is given to an action nobody here has looked at",
    "the action, and whoever can push to it, can keep the secret",
    "use the service's own action or its command line, or give it a secret that can do only this one thing",
)
UNTRUSTED_EXECUTED = Rule(
    "untrusted-checkout-executed",
    Control.CI_TOKENS,
    Level.FAIL,
    "code from a stranger's pull request is run with the repository's own token",
    "whoever opens a pull request then has the token and every secret of the job",
    "run foreign code on `pull_request`, where it has no secrets, and hand only its results over",
)
GUARD_ON_ACTOR = Rule(
    "guard-on-actor",
    Control.CI_TOKENS,
    Level.WARN,
    "a condition trusts whoever acted last",
    "the actor is who pushed, labelled or re-ran last, and need not be the author of what runs",
    "ask for the author (`github.event.pull_request.user.login`) and the repository, or use a protected environment",
)
AGENT_OVERPOWERED = Rule(
    "agent-overpowered",
    Control.CI_TOKENS,
    Level.FAIL,
    "an AI agent that strangers can talk to holds a token that writes, or a secret",
    "text in an issue, comment or pull request can tell the agent what to do with it",
    "run the agent with `permissions: {contents: read}` and no secret but its key, and write in a second job",
)
GATE_TOOTHLESS = Rule(
    "gate-toothless",
    Control.CI_TOKENS,
    Level.FAIL,
    "the gate runs where its verdict stops nothing",
    "a shut gate then looks like an open one",
    "let the step's exit code end the job; use `enforce: report` in the policy to see verdicts before they count",
)
UNMAPPED = Rule(
    "sensor-unmapped",
    Control.CI_TOKENS,
    Level.WARN,
    "the sensor reports something this version of tidegate has no rule for",
    "a newer sensor knows more than its table here",
    "look at the finding; update tidegate, or set `rules: {sensor-unmapped: fail}` to be strict",
)

RULES = (
    MALFORMED,
    UNSUPPORTED,
    MISSING,
    BROAD,
    READ_ALL,
    WORKFLOW_LEVEL,
    UNKNOWN_SCOPE,
    UNEXPLAINED,
    LOST_CALL,
    SIGNING_SHARED,
    SIGNING_EXPOSED,
    PUBLISH_UNGUARDED,
    CREDENTIAL_LONG_LIVED,
    SECRET_IN_WORKFLOW_ENV,
    SECRET_HANDED_OUT,
    UNTRUSTED_EXECUTED,
    GUARD_ON_ACTOR,
    AGENT_OVERPOWERED,
    GATE_TOOTHLESS,
    UNMAPPED,
    *GITLAB,
    *(audit.rule for audit in AUDITS),
)
