"""The rules of least-privilege CI tokens."""

from tidegate.domain.grants.audits import AUDITS
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
    UNMAPPED,
    *(audit.rule for audit in AUDITS),
)
