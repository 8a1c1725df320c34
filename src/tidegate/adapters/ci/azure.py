"""Azure Pipelines states its facts in variables; none of them is signed.

Names: Microsoft Learn, "Use predefined variables" (Azure Pipelines).
"""

from collections.abc import Mapping
from urllib.parse import quote

from tidegate.adapters.ci.variables import env_facts, git_facts, repository, value
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts

_PLAIN = {
    "repository_id": "BUILD_REPOSITORY_ID",
    "commit": "BUILD_SOURCEVERSION",
    "head_commit": "SYSTEM_PULLREQUEST_SOURCECOMMITID",
    "change": "SYSTEM_PULLREQUEST_PULLREQUESTID",
    "ref": "BUILD_SOURCEBRANCH",
    "event": "BUILD_REASON",
    "actor": "BUILD_REQUESTEDFOR",
    "actor_id": "BUILD_REQUESTEDFORID",
    "workflow": "BUILD_DEFINITIONNAME",
    "run_id": "BUILD_BUILDID",
    "run_attempt": "SYSTEM_JOBATTEMPT",
    "runner": "AGENT_NAME",
}


class AzureCI:
    """Implements ports.CI."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def facts(self, source: Source) -> CIFacts:
        said = {name: value(self._environment, variable) for name, variable in _PLAIN.items()}
        said["repository"] = repository(self._environment, "BUILD_REPOSITORY_URI")
        home, project = (
            value(self._environment, "SYSTEM_COLLECTIONURI"),
            value(self._environment, "SYSTEM_TEAMPROJECT"),
        )
        if home and project and said["run_id"]:
            said["run_url"] = f"{home.rstrip('/')}/{quote(project)}/_build/results?buildId={quote(said['run_id'])}"
        return CIFacts("azure", git_facts(source) + env_facts(said), fork=self._fork(said["event"], said["change"]))

    def _fork(self, event: str, change: str) -> bool:
        """Does the job run for somebody else's change? One that does not say from where is taken for one."""
        if event != "PullRequest" and not change:
            return False
        return value(self._environment, "SYSTEM_PULLREQUEST_ISFORK").lower() != "false"
