"""CI systems that are recognised by their file and not read yet; a repository that uses one is told so."""

import re

_AT_ROOT = {
    ".travis.yml": "Travis CI",
    ".travis.yaml": "Travis CI",
    "bitbucket-pipelines.yml": "Bitbucket Pipelines",
    "bitbucket-pipelines.yaml": "Bitbucket Pipelines",
    ".drone.yml": "Drone",
    ".drone.yaml": "Drone",
    ".drone.star": "Drone",
    ".drone.jsonnet": "Drone",
    ".woodpecker.yml": "Woodpecker",
    ".woodpecker.yaml": "Woodpecker",
    ".harness.yaml": "Harness",
    "appveyor.yml": "AppVeyor",
    ".appveyor.yml": "AppVeyor",
    ".cirrus.yml": "Cirrus CI",
    ".cirrus.star": "Cirrus CI",
    "codefresh.yml": "Codefresh",
    ".codefresh.yml": "Codefresh",
    "bitrise.yml": "Bitrise",
    "codemagic.yaml": "Codemagic",
    "buildspec.yml": "AWS CodeBuild",
    "buildspec.yaml": "AWS CodeBuild",
    "cloudbuild.yaml": "Google Cloud Build",
    "cloudbuild.yml": "Google Cloud Build",
    "cloudbuild.json": "Google Cloud Build",
    "wercker.yml": "Wercker",
    "screwdriver.yaml": "Screwdriver",
    ".build.yml": "sourcehut builds",
    "teamcity-settings.kts": "TeamCity",
    ".zuul.yaml": "Zuul",
    "zuul.yaml": "Zuul",
    ".vsts-ci.yml": "Azure Pipelines",
}
# Matched without regard to case, since several of these systems do not care, and a reader of a listing does not see it.
_YAML = r"\.ya?ml"
# What is only called after a Jenkinsfile.
_TEXTS = r"(?:md|txt|rst|adoc|html|json|xml|lock|svg|png|js|ts|go|java|rb|rs|cs)\b"
_SPELLED = (
    (r"\.circleci/(?:.*/)?[^/]+" + _YAML, "CircleCI"),
    (r"circle\.yml", "CircleCI"),
    (r"\.?buildkite/(?:.*/)?[^/]*" + _YAML, "Buildkite"),
    (r"\.?buildkite" + _YAML, "Buildkite"),
    (r"(?:.*/)?(?:[\w-]+[._-])?jenkinsfile(?:[._-](?!" + _TEXTS + r")[a-z0-9_-]+)?", "Jenkins"),
    (r"\.?jenkins/[^/]+\.groovy", "Jenkins"),
    (r"(?:.*/)?\.?azure-?pipelines?(?:[-._][^/]*)?" + _YAML, "Azure Pipelines"),
    (r"\.?azure-?pipelines?/.*" + _YAML, "Azure Pipelines"),
    (r"\.azuredevops/.*" + _YAML, "Azure Pipelines"),
    (r"\.woodpecker/.*" + _YAML, "Woodpecker"),
    (r"\.forgejo/workflows/[^/]+" + _YAML, "Forgejo Actions"),
    (r"\.gitea/workflows/[^/]+" + _YAML, "Gitea Actions"),
    (r"\.tekton/.*" + _YAML, "Tekton"),
    (r"\.semaphore/.*" + _YAML, "Semaphore"),
    (r"\.harness/.*" + _YAML, "Harness"),
    (r"\.teamcity/.*\.kts", "TeamCity"),
    (r"\.builds/[^/]+\.yml", "sourcehut builds"),
    (r"\.zuul\.d/.*" + _YAML, "Zuul"),
)
_PATTERNS = tuple((re.compile(spelled, re.DOTALL | re.IGNORECASE), system) for spelled, system in _SPELLED)


def foreign_ci(path: str) -> str | None:
    """The name of the CI system a path (relative to the repository) configures, None when it configures none."""
    name = _AT_ROOT.get(path.lower())
    if name is not None:
        return name
    return next((system for pattern, system in _PATTERNS if pattern.fullmatch(path)), None)
