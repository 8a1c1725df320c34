"""GitHub Actions states its facts in variables and in the event file; none of them is signed."""

from collections.abc import Mapping

from tidegate.adapters.ci.variables import env_facts, event, git_facts, value
from tidegate.domain.claims.source import is_commit
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts

_PLAIN = {
    "repository_id": "GITHUB_REPOSITORY_ID",
    "owner": "GITHUB_REPOSITORY_OWNER",
    "owner_id": "GITHUB_REPOSITORY_OWNER_ID",
    "commit": "GITHUB_SHA",
    "ref": "GITHUB_REF",
    "event": "GITHUB_EVENT_NAME",
    "workflow": "GITHUB_WORKFLOW",
    "workflow_ref": "GITHUB_WORKFLOW_REF",
    "workflow_commit": "GITHUB_WORKFLOW_SHA",
    "run_id": "GITHUB_RUN_ID",
    "run_attempt": "GITHUB_RUN_ATTEMPT",
    "runner": "RUNNER_ENVIRONMENT",
    "actor": "GITHUB_ACTOR",
    "actor_id": "GITHUB_ACTOR_ID",
    "triggering_actor": "GITHUB_TRIGGERING_ACTOR",
}
_FROM_A_CHANGE = frozenset({"pull_request", "pull_request_target", "pull_request_review", "workflow_run"})


class GitHubCI:
    """Implements ports.CI. `environment` is read once, when asked."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def facts(self, source: Source) -> CIFacts:
        said = {name: value(self._environment, variable) for name, variable in _PLAIN.items()}
        server = value(self._environment, "GITHUB_SERVER_URL") or "https://github.com"
        repository = value(self._environment, "GITHUB_REPOSITORY")
        if repository:
            said["repository"] = f"{server}/{repository}"
        if repository and said["run_id"]:
            attempt = said["run_attempt"] or "1"
            said["run_url"] = f"{server}/{repository}/actions/runs/{said['run_id']}/attempts/{attempt}"
        happened = event(self._environment.get("GITHUB_EVENT_PATH", ""))
        said["head_commit"] = _head(said["event"], happened)
        said["change"] = _change(said["ref"])
        return CIFacts(
            system="github",
            facts=git_facts(source) + env_facts(said),
            private=_private(happened),
            fork=_fork(said["event"], happened),
        )


def _head(name: str, happened: Mapping[str, object] | None) -> str:
    """The commit of the change itself: GITHUB_SHA is its merge with the target, or the default branch's."""
    change = _object(happened, "workflow_run") if name == "workflow_run" else _object(happened, "pull_request")
    if change is None or name not in _FROM_A_CHANGE:
        return ""
    commit = change.get("head_sha") if name == "workflow_run" else (_object(change, "head") or {}).get("sha")
    return commit if isinstance(commit, str) and is_commit(commit) else ""


def _change(ref: str) -> str:
    """The number in `refs/pull/N/merge`."""
    words = ref.split("/")
    return words[2] if words[:2] == ["refs", "pull"] and len(words) == 4 and words[2].isdigit() else ""


def _private(happened: Mapping[str, object] | None) -> bool | None:
    repository = _object(happened, "repository")
    private = repository.get("private") if repository else None
    return private if isinstance(private, bool) else None


def _fork(name: str, happened: Mapping[str, object] | None) -> bool:
    """Does the job run for somebody else's change? An event that cannot be read is taken for one."""
    if name not in _FROM_A_CHANGE:
        return False
    base = _id(_object(happened, "repository"))
    change = _object(happened, "workflow_run") if name == "workflow_run" else _object(happened, "pull_request")
    head = _object(change, "head_repository") if name == "workflow_run" else _object(_object(change, "head"), "repo")
    return base is None or _id(head) != base


def _object(plain: Mapping[str, object] | None, key: str) -> Mapping[str, object] | None:
    inner = plain.get(key) if plain is not None else None
    return inner if isinstance(inner, dict) else None


def _id(repository: Mapping[str, object] | None) -> int | None:
    ident = repository.get("id") if repository else None
    return ident if type(ident) is int else None
