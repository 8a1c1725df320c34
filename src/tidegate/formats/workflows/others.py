"""CI systems that are recognised by their file and not read yet; a repository that uses one is told so."""

import re

_ROOT = {
    ".gitlab-ci.yml": "GitLab CI",
    ".circleci/config.yml": "CircleCI",
    ".circleci/config.yaml": "CircleCI",
    ".buildkite/pipeline.yml": "Buildkite",
    ".buildkite/pipeline.yaml": "Buildkite",
    ".travis.yml": "Travis CI",
    "bitbucket-pipelines.yml": "Bitbucket Pipelines",
    ".drone.yml": "Drone",
    ".drone.yaml": "Drone",
    ".woodpecker.yml": "Woodpecker",
    ".woodpecker.yaml": "Woodpecker",
    "appveyor.yml": "AppVeyor",
    ".appveyor.yml": "AppVeyor",
    ".cirrus.yml": "Cirrus CI",
    ".cirrus.star": "Cirrus CI",
    ".semaphore/semaphore.yml": "Semaphore",
    "codefresh.yml": "Codefresh",
}
_PATTERNS = (
    (re.compile(r"(?:.*/)?Jenkinsfile(?:\.[A-Za-z0-9_-]+)?", re.DOTALL), "Jenkins"),
    (re.compile(r"(?:.*/)?azure-pipelines\.ya?ml", re.DOTALL), "Azure Pipelines"),
    (re.compile(r"\.azure-pipelines/.*\.ya?ml", re.DOTALL), "Azure Pipelines"),
    (re.compile(r"\.woodpecker/.*\.ya?ml", re.DOTALL), "Woodpecker"),
    (re.compile(r"\.forgejo/workflows/[^/]+\.ya?ml"), "Forgejo Actions"),
    (re.compile(r"\.gitea/workflows/[^/]+\.ya?ml"), "Gitea Actions"),
    (re.compile(r"\.tekton/.*\.ya?ml", re.DOTALL), "Tekton"),
)


def foreign_ci(path: str) -> str | None:
    """The name of the CI system a path (relative to the repository) configures, None when it configures none."""
    name = _ROOT.get(path)
    if name is not None:
        return name
    return next((system for pattern, system in _PATTERNS if pattern.fullmatch(path)), None)
