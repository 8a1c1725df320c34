"""CircleCI states its facts in variables; none of them is signed.

Names: CircleCI documentation, "Built-in environment variables".
"""

from collections.abc import Mapping

from tidegate.adapters.ci.variables import env_facts, git_facts, numbered, repository, value
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts

_PLAIN = {
    "commit": "CIRCLE_SHA1",
    "owner": "CIRCLE_PROJECT_USERNAME",
    "repository_id": "CIRCLE_PROJECT_ID",
    "owner_id": "CIRCLE_ORGANIZATION_ID",
    "actor": "CIRCLE_USERNAME",
    "workflow": "CIRCLE_JOB",
    "run_id": "CIRCLE_WORKFLOW_ID",
    "run_url": "CIRCLE_BUILD_URL",
    "runner": "CIRCLE_NODE_INDEX",
}


class CircleCI:
    """Implements ports.CI."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def facts(self, source: Source) -> CIFacts:
        said = {name: value(self._environment, variable) for name, variable in _PLAIN.items()}
        said["repository"] = repository(self._environment, "CIRCLE_REPOSITORY_URL")
        tag, branch = value(self._environment, "CIRCLE_TAG"), value(self._environment, "CIRCLE_BRANCH")
        said["ref"] = f"refs/tags/{tag}" if tag else f"refs/heads/{branch}" if branch else ""
        said["change"] = numbered(self._environment, "CIRCLE_PR_NUMBER") or self._pull(branch)
        if said["change"]:
            said["ref"] = f"refs/pull/{said['change']}/head"
        return CIFacts("circleci", git_facts(source) + env_facts(said), fork=self._fork(branch))

    def _pull(self, branch: str) -> str:
        """CircleCI builds a fork's change on the branch `pull/N`."""
        number = branch.removeprefix("pull/")
        return number if branch.startswith("pull/") and number.isascii() and number.isdigit() else ""

    def _fork(self, branch: str) -> bool:
        """`CIRCLE_PR_*` are set for changes from forks alone."""
        names = ("CIRCLE_PR_NUMBER", "CIRCLE_PR_USERNAME", "CIRCLE_PR_REPONAME")
        return bool(self._pull(branch)) or any(self._environment.get(name) for name in names)
