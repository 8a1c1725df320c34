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
    return _further(environment)


def _further(environment: Mapping[str, str]) -> CI:
    if environment.get("BUILDKITE") == "true":
        from tidegate.adapters.ci.buildkite import BuildkiteCI

        return BuildkiteCI(environment)
    if environment.get("CIRCLECI") == "true":
        from tidegate.adapters.ci.circleci import CircleCI

        return CircleCI(environment)
    if environment.get("TF_BUILD", "").lower() == "true":
        from tidegate.adapters.ci.azure import AzureCI

        return AzureCI(environment)
    if environment.get("JENKINS_URL") and environment.get("BUILD_URL"):
        from tidegate.adapters.ci.jenkins import JenkinsCI

        return JenkinsCI(environment)
    from tidegate.adapters.ci.local import LocalCI

    return LocalCI()
