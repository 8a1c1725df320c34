"""Who can start a job: merge requests, pushes to branches nobody protects, or neither."""

from collections.abc import Iterable, Mapping

from tidegate.domain.grants.gitlab.expressions import CHOSEN, DEFAULT, UNKNOWN, Truth, Value, both, decide, either
from tidegate.model.pipeline import Condition, Pipeline, PipelineJob, Refs

_MERGE_REQUEST_ONLY = (
    "CI_MERGE_REQUEST_ID",
    "CI_MERGE_REQUEST_IID",
    "CI_MERGE_REQUEST_TITLE",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CI_MERGE_REQUEST_PROJECT_PATH",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH",
    "CI_MERGE_REQUEST_EVENT_TYPE",
    "CI_MERGE_REQUEST_LABELS",
)
_COMMON: dict[str, Value] = {
    "CI": "true",
    "GITLAB_CI": "true",
    "CI_COMMIT_REF_NAME": CHOSEN,
    "CI_COMMIT_REF_SLUG": CHOSEN,
    "CI_COMMIT_REF_PROTECTED": "false",
    "CI_COMMIT_TAG": None,
    "CI_DEFAULT_BRANCH": DEFAULT,
    "CI_EXTERNAL_PULL_REQUEST_IID": None,
}
_MERGE_REQUEST = _COMMON | {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_COMMIT_BRANCH": None,
    "CI_MERGE_REQUEST_ID": "1",
    "CI_MERGE_REQUEST_IID": "1",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": CHOSEN,
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": DEFAULT,
}
_BRANCH = _COMMON | dict.fromkeys(_MERGE_REQUEST_ONLY) | {"CI_COMMIT_BRANCH": CHOSEN}
_SOURCES = {"push": "pushes", "web": "web", "api": "api", "trigger": "triggers", "schedule": "schedules"}
_KEYWORDS = frozenset(
    {"api", "branches", "chat", "external", "external_pull_requests", "merge_requests", "pipelines", "pushes"}
    | {"schedules", "tags", "triggers", "web"}
)
_USUAL = Refs(("branches", "tags"))


def by_merge_requests(job: PipelineJob, pipeline: Pipeline) -> Truth:
    """Does the job run in merge request pipelines?"""
    return _started(job, pipeline, _MERGE_REQUEST, "merge_requests")


def by_any_branch(job: PipelineJob, pipeline: Pipeline) -> Truth:
    """Does the job run for a branch that is neither the default one nor named in its conditions?"""
    found: Truth = False
    for source, keyword in _SOURCES.items():
        found = either(found, _started(job, pipeline, _BRANCH | {"CI_PIPELINE_SOURCE": source}, keyword))
    return found


def never(job: PipelineJob) -> bool:
    """Do its conditions keep the job out of every pipeline?"""
    if job.rules is None:
        return job.when == "never"
    return not any(rule.when != "never" for rule in job.rules)


def _started(job: PipelineJob, pipeline: Pipeline, known: Mapping[str, Value], keyword: str) -> Truth:
    if pipeline.child:
        known = {**known, "CI_PIPELINE_SOURCE": UNKNOWN}
    created = True if pipeline.rules is None else _ruled(pipeline.rules, known)
    if created is False:
        return False
    if job.rules is not None:
        return both(created, _ruled(job.rules, known))
    if pipeline.child and job.only is None and job.except_ is None:
        return both(created, None)
    return both(created, _filtered(job, known, keyword))


def _ruled(rules: Iterable[Condition], known: Mapping[str, Value]) -> Truth:
    """The first rule that holds decides; one that may hold leaves both ways open."""
    found: Truth = False
    certain = True
    for rule in rules:
        holds = decide(rule.if_, known) if rule.if_ else True
        if rule.narrowed:
            holds = both(holds, None)
        runs = rule.when != "never"
        if holds is True:
            return either(found, None if runs and not certain else runs)
        if holds is None:
            if runs:
                found = None
            certain = False
    return found


def _filtered(job: PipelineJob, known: Mapping[str, Value], keyword: str) -> Truth:
    only, except_ = job.only, job.except_
    inside = _refs(only or _USUAL, known, keyword, empty=True)
    if only is not None and not only.names:
        inside = both(inside, _refs(_USUAL, known, keyword, empty=True))
    if except_ is None:
        return inside
    outside = _refs(except_, known, keyword, empty=False)
    if outside is True:
        return False
    return both(inside, None if outside is None else True)


def _refs(refs: Refs, known: Mapping[str, Value], keyword: str, *, empty: bool) -> Truth:
    """For `only` names and expressions must both match, for `except` one of them does."""
    named: Truth = False
    for name in refs.names:
        named = either(named, _name(name, known, keyword))
    said: Truth = False
    for expression in refs.expressions:
        said = either(said, decide(expression, known))
    parts = [truth for truth, there in ((named, refs.names), (said, refs.expressions)) if there]
    if refs.narrowed:
        parts.append(None)
    found: Truth = empty
    for part in parts:
        found = both(found, part) if empty else either(found, part)
    return found


def _name(name: str, known: Mapping[str, Value], keyword: str) -> Truth:
    name = name.partition("@")[0]
    if name in _KEYWORDS:
        branch = known.get("CI_COMMIT_BRANCH") is not None
        return name == keyword or (name == "branches" and branch)
    if name.startswith("/"):
        return None if keyword != "merge_requests" else False
    return False
