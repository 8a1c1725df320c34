"""How each zizmor audit weighs here: one rule an audit, its level, and when a fail is softened to a warning."""

from dataclasses import dataclass
from enum import StrEnum

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


class When(StrEnum):
    """When a `fail` row fails; otherwise the finding is shown as `warn`."""

    ALWAYS = "always"
    CONTROLLED = "outsiders may control the text"
    WRITES = "the job can write, or nothing limits it"
    DEFAULTED = "a job has no block of its own"
    FROM_PULL_REQUESTS = "a pull request can start the workflow"


@dataclass(frozen=True, slots=True)
class Audit:
    ident: str
    rule: Rule
    when: When = When.ALWAYS


# Naming, style and speed; counted, never a finding.
HYGIENE = frozenset(
    {
        "anonymous-definition",
        "concurrency-limits",
        "misfeature",
        "self-repository",
        "superfluous-actions",
        "undocumented-permissions",
    }
)

_FAIL, _WARN = Level.FAIL, Level.WARN
_STEAL = "whoever controls that code acts with the job's token and secrets"
_PIN = "pin to a full commit SHA and keep the version in a comment"


def _audit(ident: str, level: Level, says: str, why: str, fix: str, when: When = When.ALWAYS) -> Audit:
    return Audit(ident, Rule(f"zizmor-{ident}", Control.CI_TOKENS, level, says, why, fix), when)


AUDITS = (
    _audit(
        "excessive-permissions",
        _FAIL,
        "a token may do more than its jobs need",
        "a compromised step can use every permission of its job's token",
        "grant only what each job needs, in the job's own `permissions` block",
        When.DEFAULTED,
    ),
    _audit(
        "artipacked",
        _FAIL,
        "checkout leaves the token on disk",
        "later steps and uploaded artifacts can read the token from `.git/config`",
        "set `persist-credentials: false` on the checkout step",
        When.WRITES,
    ),
    _audit(
        "secrets-inherit",
        _FAIL,
        "a called workflow inherits every secret",
        "one compromised workflow then reads all secrets, not just its own",
        "pass the secrets it needs by name instead of `secrets: inherit`",
    ),
    _audit(
        "overprovisioned-secrets",
        _FAIL,
        "a step receives all secrets at once",
        "a compromised step then reads all secrets, not just its own",
        "name each secret instead of `toJSON(secrets)` or a computed index",
    ),
    _audit(
        "secrets-outside-env",
        _WARN,
        "a secret is used outside a protected environment",
        "without an environment every run of the workflow can read the secret",
        "move the secret into an environment with protection rules",
    ),
    _audit(
        "github-app",
        _FAIL,
        "an app token is not limited to what it is for",
        "a leaked app token then reaches every repository and permission of the app",
        "name `permission-*` and `repositories` where the token is made",
    ),
    _audit(
        "use-trusted-publishing",
        _FAIL,
        "a package is published with a long-lived token",
        "a stolen publishing token works until somebody notices",
        "publish with trusted publishing (OIDC) and remove the token",
    ),
    _audit(
        "hardcoded-container-credentials",
        _FAIL,
        "a registry password is written in the workflow",
        "everybody who can read the repository can use it",
        "revoke it and use a secret",
    ),
    _audit(
        "unredacted-secrets",
        _FAIL,
        "a secret is taken apart, so its parts are not hidden in logs",
        "only whole secrets are masked",
        "store each part as a secret of its own",
    ),
    _audit(
        "dangerous-triggers",
        _FAIL,
        "strangers can start this workflow with its secrets",
        "`pull_request_target` and `workflow_run` run with the target's token on input of strangers",
        "use `pull_request`, or accept this trigger with a reason in `exceptions`",
    ),
    _audit(
        "template-injection",
        _FAIL,
        "text from outside becomes part of a script",
        _STEAL,
        "pass the value through `env:` and use the variable in the script",
        When.CONTROLLED,
    ),
    _audit(
        "github-env",
        _WARN,
        "a step writes outside text to the environment of later steps",
        _STEAL,
        "do not write text from outside to `GITHUB_ENV` or `GITHUB_PATH`",
    ),
    _audit(
        "bot-conditions",
        _FAIL,
        "a condition trusts an actor name that others can obtain",
        "the last actor of a pull request is not always its author",
        "compare `github.event.pull_request.user.login` and the repository",
    ),
    _audit(
        "insecure-commands",
        _FAIL,
        "deprecated workflow commands are switched on",
        "printing untrusted text then sets variables and paths of later steps",
        "remove `ACTIONS_ALLOW_UNSECURE_COMMANDS`",
    ),
    _audit(
        "unsound-condition",
        _FAIL,
        "a condition is always true",
        "the step it guards always runs",
        "write the condition on one line without surrounding text",
    ),
    _audit(
        "unsound-contains",
        _FAIL,
        "a condition can be met by a chosen branch name",
        "`contains` on a string also matches parts of it",
        "compare with `==`, or use `fromJSON` with a list",
    ),
    _audit(
        "unsound-ternary",
        _WARN,
        "an `a && b || c` expression can take the wrong side",
        "when `b` is falsy the expression yields `c`",
        "turn the condition round, or use `case`",
    ),
    _audit(
        "cache-poisoning",
        _FAIL,
        "a release job restores a cache others can fill",
        "a poisoned cache puts foreign code into the release",
        "switch caching off in jobs that build or publish releases",
        When.WRITES,
    ),
    _audit(
        "self-hosted-runner",
        _FAIL,
        "a job runs on a self-hosted runner",
        "a runner that is not made anew for each job carries state from one job to the next",
        "use hosted or single-use runners for everything a pull request can start",
        When.FROM_PULL_REQUESTS,
    ),
    _audit(
        "dependabot-execution",
        _FAIL,
        "dependabot may run code of dependencies",
        _STEAL,
        "remove `insecure-external-code-execution: allow`",
    ),
    _audit(
        "unpinned-uses",
        _FAIL,
        "an action is not pinned to a commit",
        "a tag or branch can be moved to other code at any time; " + _STEAL,
        _PIN,
    ),
    _audit(
        "unpinned-images",
        _FAIL,
        "a container image is not pinned to a digest",
        "a tag can be moved to another image at any time; " + _STEAL,
        "pin the image with `@sha256:`",
    ),
    _audit(
        "unpinned-tools",
        _WARN,
        "a tool is installed without a fixed version",
        "the next run may use another tool than the one reviewed",
        "name the exact version",
    ),
    _audit(
        "adhoc-packages",
        _WARN,
        "packages are installed outside the lockfile",
        "they are not reviewed, not pinned by hash and not in the SBOM",
        "install from a lockfile with hashes",
    ),
    _audit(
        "forbidden-uses",
        _FAIL,
        "a forbidden action is used",
        "it was ruled out",
        "use an allowed action",
    ),
    _audit(
        "ref-version-mismatch",
        _WARN,
        "the version comment does not match the pinned commit",
        "a reviewer believes the comment",
        "mend the comment or the commit",
    ),
    _audit(
        "typosquat-uses",
        _FAIL,
        "an action's name looks like a well-known one",
        _STEAL,
        "use the action that was meant",
    ),
    _audit(
        "archived-uses",
        _WARN,
        "an action is no longer maintained",
        "its faults are not mended any more",
        "move to a maintained action",
    ),
    _audit(
        "impostor-commit",
        _FAIL,
        "a pinned commit is not part of the action's repository",
        "it comes from a fork; " + _STEAL,
        "pin a commit of a branch or tag of the action",
    ),
    _audit(
        "ref-confusion",
        _FAIL,
        "an action is pinned to a name that is both branch and tag",
        "which of the two runs can be changed",
        _PIN,
    ),
    _audit(
        "known-vulnerable-actions",
        _FAIL,
        "an action has a known vulnerability",
        _STEAL,
        "move to a version without the vulnerability",
    ),
    _audit(
        "stale-action-refs",
        _WARN,
        "a pinned commit belongs to no release",
        "nobody announced or reviewed it",
        "pin the commit of a release",
    ),
    _audit(
        "dependabot-cooldown",
        _WARN,
        "updates are proposed the moment they appear",
        "most malicious releases are found within days",
        "set a `cooldown` of seven days or more",
    ),
    _audit(
        "insecure-url-scheme",
        _FAIL,
        "a hook is fetched over an unprotected connection",
        "everybody on the way can replace the code",
        "use `https`",
    ),
    _audit(
        "obfuscation",
        _WARN,
        "a reference or expression hides what it does",
        "reviewers overlook it",
        "write it plainly",
    ),
)
BY_IDENT = {audit.ident: audit for audit in AUDITS}
