"""The rules that speak of GitLab pipelines alone; those both systems share stand in the room's `rules`."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


def _rule(id_: str, level: Level, says: str, why: str, fix: str) -> Rule:
    return Rule(id_, Control.CI_TOKENS, level, says, why, fix)


_FAIL, _WARN = Level.FAIL, Level.WARN
INCLUDE_UNRESOLVED = _rule(
    "include-unresolved",
    _FAIL,
    "an include cannot be read from this repository",
    "the jobs it brings hold tokens and run scripts that nobody looked at here",
    "include a file of this repository, or pin the include and accept it with a reason in `exceptions`",
)
JOB_UNRESOLVED = _rule(
    "job-unresolved",
    _FAIL,
    "a job takes parts from an include that cannot be read",
    "what it runs, and with which tokens, is not known here",
    "write the job out in this repository, or accept it with a reason in `exceptions`",
)
INCLUDE_UNPINNED = _rule(
    "include-unpinned",
    _FAIL,
    "an include is not pinned to one version",
    "whoever can move the branch or tag changes what this pipeline runs, with its tokens",
    "give a project include `ref:` with a full commit SHA, a component `@` with a SHA or a full version",
)
INCLUDE_UNVERIFIED = _rule(
    "include-remote-unverified",
    _FAIL,
    "a remote include has no checksum",
    "whoever controls the server, or the way to it, changes what this pipeline runs, with its tokens",
    "add `integrity: sha256-…` and use `https://`, or copy the file into this repository",
)
AUDIENCE_BROAD = _rule(
    "id-token-audience-broad",
    _FAIL,
    "an id token is not made for one service",
    "each service that accepts the audience can use the token at all the others",
    "write exactly one audience as a string; ask for a second token where a second service needs one",
)
AUDIENCE_SHARED = _rule(
    "id-token-audience-shared",
    _WARN,
    "several jobs ask for id tokens with the same audience",
    "the service cannot tell the job that should reach it from the others",
    "keep the token in the one job that needs it, or let the service check `job_id`, `ref` and `environment`",
)
TOKEN_INHERITED = _rule(
    "id-token-inherited",
    _FAIL,
    "id tokens are handed to jobs that did not ask for them",
    "every job that inherits them can sign or log in as this project, also those added later",
    "write `id_tokens` in the single job that needs them",
)
SECRET_IN_VARIABLES = _rule(
    "secret-in-variables",
    _WARN,
    "a variable that is named like a secret has its value in the file",
    "everybody who can read the repository, now or later, has it",
    "revoke it, and keep the new one in a masked, protected CI/CD variable or in `secrets`",
)
IMAGE_UNPINNED = _rule(
    "image-unpinned",
    _FAIL,
    "a job's image is not pinned to a digest",
    "a tag can be moved to another image at any time, which then runs with the job's tokens",
    "pin the image with `@sha256:`",
)
SCRIPT_INJECTION = _rule(
    "script-injection",
    _FAIL,
    "text that others write becomes part of a script",
    "a branch name, title or commit message can then run commands with the job's tokens",
    'use the variable where a shell only expands it (`"$CI_COMMIT_TITLE"`), never inside `eval` or `sh -c "…"`',
)
FIELD_UNTRUSTED = _rule(
    "field-untrusted",
    _FAIL,
    "text that others write chooses what a job runs or where it deploys",
    "a branch name can then choose the image, the include, the child pipeline or the environment",
    "use a fixed text, or `$CI_COMMIT_REF_SLUG` in an environment's name",
)
PRIVILEGED = _rule(
    "runner-privileged",
    _WARN,
    "a job needs a privileged runner, or the runner's own Docker",
    "a privileged container can take over its runner, and with it every later job's tokens",
    "build images with buildah, kaniko or rootless BuildKit, or on runners that live for one job",
)
SECURITY_TOOTHLESS = _rule(
    "security-job-toothless",
    _WARN,
    "a security check cannot fail the pipeline",
    "what it finds then stops nothing",
    "remove `allow_failure`, `when: manual` or the `|| true`, or decide in the check's own settings what counts",
)
DEPLOY_OVERLAPS = _rule(
    "deploy-overlapping",
    _WARN,
    "a deployment can run twice at the same time",
    "an older pipeline that ends later puts the older version back",
    "give the job a `resource_group`",
)
JOB_TOKEN_MISUSED = _rule(
    "job-token-misused",
    _FAIL,
    "the job token leaves its job or writes to a repository",
    "it acts with the rights of whoever started the pipeline, wherever it is sent",
    "push with a project access token of a protected branch's job, and send the job token to this GitLab alone",
)
DEBUG_ON = _rule(
    "debug-trace-on",
    _FAIL,
    "debug tracing is switched on",
    "the job's log then shows every variable, secrets too",
    "remove `CI_DEBUG_TRACE` and `CI_DEBUG_SERVICES`",
)
UNTRACKED_KEPT = _rule(
    "artifacts-untracked",
    _WARN,
    "a job hands over every file that git does not track",
    "credentials that tools leave in the folder are then in an archive others can download",
    "name the files in `artifacts: paths`",
)
DOTENV_OUTSIDE = _rule(
    "dotenv-untrusted",
    _WARN,
    "a job that merge requests can start sets variables of later jobs",
    "a merge request can then choose what a deployment's variables say",
    "keep the `dotenv` report out of merge request pipelines, or give the deployment `needs: [{artifacts: false}]`",
)
VARIABLES_FORWARDED = _rule(
    "variables-forwarded",
    _WARN,
    "a job hands the variables of its pipeline to another one",
    "whoever starts this pipeline then sets variables, and so scripts, of the other",
    "remove `forward: pipeline_variables` and hand over single variables",
)
TRIGGER_UNAWAITED = _rule(
    "trigger-unawaited",
    _WARN,
    "a pipeline does not wait for the one it starts",
    "it is green before, and although, the other one fails",
    "add `strategy: depend` to the trigger",
)

RULES = (
    INCLUDE_UNRESOLVED,
    JOB_UNRESOLVED,
    INCLUDE_UNPINNED,
    INCLUDE_UNVERIFIED,
    AUDIENCE_BROAD,
    AUDIENCE_SHARED,
    TOKEN_INHERITED,
    SECRET_IN_VARIABLES,
    IMAGE_UNPINNED,
    SCRIPT_INJECTION,
    FIELD_UNTRUSTED,
    PRIVILEGED,
    SECURITY_TOOTHLESS,
    DEPLOY_OVERLAPS,
    JOB_TOKEN_MISUSED,
    DEBUG_ON,
    UNTRACKED_KEPT,
    DOTENV_OUTSIDE,
    VARIABLES_FORWARDED,
    TRIGGER_UNAWAITED,
)
