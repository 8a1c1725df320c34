"""Jenkins and its git plugin state facts in variables; none of them is signed.

Names: Jenkins handbook, "Using environment variables"; the documentation of the Git plugin and of the Branch API
(`CHANGE_*`).
"""

from collections.abc import Mapping

from tidegate.adapters.ci.variables import env_facts, git_facts, numbered, repository, value
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts

_PLAIN = {
    "commit": "GIT_COMMIT",
    "event": "BUILD_CAUSE",
    "actor": "BUILD_USER",
    "actor_id": "BUILD_USER_ID",
    "workflow": "JOB_NAME",
    "run_id": "BUILD_ID",
    "run_url": "BUILD_URL",
    "runner": "NODE_NAME",
}


class JenkinsCI:
    """Implements ports.CI."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def facts(self, source: Source) -> CIFacts:
        said = {name: value(self._environment, variable) for name, variable in _PLAIN.items()}
        said["repository"] = repository(self._environment, "GIT_URL")
        said["change"] = numbered(self._environment, "CHANGE_ID")
        said["ref"] = self._ref(said["change"])
        # Where a change comes from is said for forks; without the plugin's word it is taken for one.
        fork = bool(value(self._environment, "CHANGE_ID")) and not self._own()
        return CIFacts("jenkins", git_facts(source) + env_facts(said), fork=fork)

    def _own(self) -> bool:
        return "CHANGE_FORK" not in self._environment and bool(value(self._environment, "CHANGE_BRANCH"))

    def _ref(self, change: str) -> str:
        tag, branch = value(self._environment, "TAG_NAME"), value(self._environment, "GIT_BRANCH")
        if tag:
            return f"refs/tags/{tag}"
        if change:
            return f"refs/pull/{change}/head"
        return f"refs/heads/{branch.removeprefix('origin/')}" if branch else ""
