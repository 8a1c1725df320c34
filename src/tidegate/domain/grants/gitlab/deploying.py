"""Which commands change something that is in use, and which jobs are made for it."""

import re

from tidegate.domain.grants import shell

_COMMANDS = frozenset(
    {
        ("ansible-playbook",),
        ("aws", "cloudformation", "deploy"),
        ("aws", "ecs", "update-service"),
        ("aws", "s3", "sync"),
        ("az", "webapp", "deploy"),
        ("cap", "production", "deploy"),
        ("cdk", "deploy"),
        ("eb", "deploy"),
        ("firebase", "deploy"),
        ("fly", "deploy"),
        ("flyctl", "deploy"),
        ("gcloud", "app", "deploy"),
        ("gcloud", "functions", "deploy"),
        ("gcloud", "run", "deploy"),
        ("helm", "install"),
        ("helm", "upgrade"),
        ("helmfile", "apply"),
        ("kubectl", "apply"),
        ("kubectl", "rollout"),
        ("kubectl", "set", "image"),
        ("netlify", "deploy"),
        ("pulumi", "up"),
        ("serverless", "deploy"),
        ("sls", "deploy"),
        ("terraform", "apply"),
        ("tofu", "apply"),
        ("wrangler", "deploy"),
    }
)
_NAMED = re.compile(r"(?:.{0,100}[-_: /.])?deploy(?:[-_: /.].{0,100})?|production", re.IGNORECASE)


def deploys(script: str) -> str:
    """The command of a script that deploys, "" when there is none."""
    for words in shell.commands(script):
        arguments = tuple(word for word in words[1:] if not word.startswith("-"))
        for row in _COMMANDS:
            if row[0] == words[0] and arguments[: len(row) - 1] == row[1:] and not _only_shown(words):
                return " ".join(row)
    return ""


def is_named_so(name: str) -> bool:
    """Does a job or stage say of itself that it deploys?"""
    return _NAMED.fullmatch(name) is not None


def _only_shown(words: tuple[str, ...]) -> bool:
    return any(word.startswith("--dry-run") for word in words)
