"""Buildkite states its facts in variables; none of them is signed.

Names: Buildkite documentation, "Environment variables". `BUILDKITE_COMMIT` may be `HEAD`, which names no commit.
"""

import re
from collections.abc import Mapping

from tidegate.adapters.ci.variables import env_facts, git_facts, numbered, repository, value
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts

_PLAIN = {
    "commit": "BUILDKITE_COMMIT",
    "event": "BUILDKITE_SOURCE",
    "actor": "BUILDKITE_BUILD_CREATOR",
    "actor_id": "BUILDKITE_BUILD_CREATOR_EMAIL",
    "owner": "BUILDKITE_ORGANIZATION_SLUG",
    "workflow": "BUILDKITE_PIPELINE_SLUG",
    "run_id": "BUILDKITE_BUILD_ID",
    "run_url": "BUILDKITE_BUILD_URL",
    "run_attempt": "BUILDKITE_RETRY_COUNT",
    "runner": "BUILDKITE_AGENT_NAME",
}
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class BuildkiteCI:
    """Implements ports.CI."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def facts(self, source: Source) -> CIFacts:
        said = {name: value(self._environment, variable) for name, variable in _PLAIN.items()}
        said["repository"] = repository(self._environment, "BUILDKITE_REPO")
        said["commit"] = said["commit"] if _COMMIT.fullmatch(said["commit"]) else ""
        said["change"] = numbered(self._environment, "BUILDKITE_PULL_REQUEST")
        tag, branch = value(self._environment, "BUILDKITE_TAG"), value(self._environment, "BUILDKITE_BRANCH")
        said["ref"] = f"refs/tags/{tag}" if tag else f"refs/heads/{branch}" if branch and not said["change"] else ""
        if said["change"]:
            said["ref"] = f"refs/pull/{said['change']}/head"
        return CIFacts("buildkite", git_facts(source) + env_facts(said), fork=self._fork(said))

    def _fork(self, said: Mapping[str, str]) -> bool:
        """Does the job run for somebody else's change? One that does not say from where is taken for one."""
        if not said["change"]:
            return False
        theirs = repository(self._environment, "BUILDKITE_PULL_REQUEST_REPO")
        return not theirs or theirs.lower() != said["repository"].lower()
