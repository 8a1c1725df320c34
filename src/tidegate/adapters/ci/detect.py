"""Which CI system we run in, by the variable each documents for the purpose; they are claims, not proofs."""

from collections.abc import Mapping

from tidegate.ports import CI


def detect(environment: Mapping[str, str]) -> CI:
    """The reader of this environment's facts; a laptop when no CI system says it is here."""
    if environment.get("GITHUB_ACTIONS") == "true":
        from tidegate.adapters.ci.github import GitHubCI

        return GitHubCI(environment)
    if environment.get("GITLAB_CI") == "true":
        from tidegate.adapters.ci.gitlab import GitLabCI

        return GitLabCI(environment)
    from tidegate.adapters.ci.local import LocalCI

    return LocalCI()
