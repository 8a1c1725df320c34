"""GitLab CI states its facts in variables; none of them is signed."""

from collections.abc import Mapping

from tidegate.adapters.ci.variables import env_facts, git_facts, value
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts

_PLAIN = {
    "repository": "CI_PROJECT_URL",
    "repository_id": "CI_PROJECT_ID",
    "owner": "CI_PROJECT_NAMESPACE",
    "owner_id": "CI_PROJECT_NAMESPACE_ID",
    "commit": "CI_COMMIT_SHA",
    "head_commit": "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
    "change": "CI_MERGE_REQUEST_IID",
    "event": "CI_PIPELINE_SOURCE",
    "workflow": "CI_CONFIG_PATH",
    "run_id": "CI_JOB_ID",
    "run_url": "CI_JOB_URL",
    "runner_id": "CI_RUNNER_ID",
    "actor": "GITLAB_USER_LOGIN",
    "actor_id": "GITLAB_USER_ID",
}
_VISIBILITY = {"public": False, "internal": True, "private": True}


class GitLabCI:
    """Implements ports.CI."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def facts(self, source: Source) -> CIFacts:
        said = {name: value(self._environment, variable) for name, variable in _PLAIN.items()}
        said["workflow"] = said["workflow"] or ".gitlab-ci.yml"
        said["ref"] = self._ref()
        if said["repository"] and said["ref"]:
            said["workflow_ref"] = f"{said['repository']}//{said['workflow']}@{said['ref']}"
        return CIFacts(
            system="gitlab",
            facts=git_facts(source) + env_facts(said),
            private=_VISIBILITY.get(value(self._environment, "CI_PROJECT_VISIBILITY")),
            fork=self._fork(),
        )

    def _ref(self) -> str:
        tag, branch = value(self._environment, "CI_COMMIT_TAG"), value(self._environment, "CI_COMMIT_BRANCH")
        change = value(self._environment, "CI_MERGE_REQUEST_REF_PATH")
        if tag:
            return f"refs/tags/{tag}"
        return f"refs/heads/{branch}" if branch else change

    def _fork(self) -> bool:
        """Does the job run for a change from another project? One that does not say from where is taken for one."""
        if value(self._environment, "CI_PIPELINE_SOURCE") not in {"merge_request_event", "external_pull_request_event"}:
            return False
        origin = value(self._environment, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
        return not origin or origin != value(self._environment, "CI_PROJECT_ID")
