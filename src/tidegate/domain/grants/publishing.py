"""Which steps publish a package, and which of them could do so without a long-lived credential."""

import re
from collections.abc import Iterator

from tidegate.domain.grants import known_actions, known_commands, shell
from tidegate.domain.grants.following import Worked
from tidegate.model.workflow import Pairs, Step

_ACTIONS = frozenset(
    {
        "cucumber/action-publish-npm",
        "cucumber/action-publish-rubygem",
        "js-devtools/npm-publish",
        "pypa/gh-action-pypi-publish",
        "rubygems/release-gem",
    }
)
_COMMANDS = frozenset(
    {
        ("bun", "publish"),
        ("cargo", "publish"),
        ("changeset", "publish"),
        ("dart", "pub", "publish"),
        ("deno", "publish"),
        ("dotnet", "nuget", "push"),
        ("flit", "publish"),
        ("flutter", "pub", "publish"),
        ("gem", "push"),
        ("hatch", "publish"),
        ("jsr", "publish"),
        ("lein", "deploy"),
        ("lerna", "publish"),
        ("maturin", "publish"),
        ("maturin", "upload"),
        ("mix", "hex.publish"),
        ("npm", "publish"),
        ("nuget", "push"),
        ("ovsx", "publish"),
        ("pdm", "publish"),
        ("pnpm", "publish"),
        ("pod", "trunk", "push"),
        ("poetry", "publish"),
        ("semantic-release",),
        ("twine", "upload"),
        ("uv", "publish"),
        ("vsce", "publish"),
        ("yarn", "npm", "publish"),
        ("yarn", "publish"),
    }
)
# Build tools that take several goals in any order, and how the one that publishes begins.
_GOALS = {"gradle": "publish", "gradlew": "publish", "mvn": "deploy", "mvnw": "deploy", "sbt": "publish"}
SECRET = re.compile(r"\bsecrets *(?:\. *([A-Za-z_][A-Za-z0-9_-]*)|\[ *'([^']{1,200})' *\])", re.IGNORECASE)
AUTOMATIC = "github_token"
EVERY = "*"
"""Stands for every secret, where they are taken all together or by a computed name."""
_WHOLE = re.compile(r"\btojson *\( *secrets *\)|\bsecrets *\[ *[^' \]]|\bsecrets *\. *\*", re.IGNORECASE)
# Inputs and variables that hold a credential for which the service also takes the job's OIDC token.
_INPUTS = {
    "aws-actions/configure-aws-credentials": ("aws-secret-access-key",),
    "azure/login": ("creds", "client-secret"),
    "google-github-actions/auth": ("credentials_json",),
    "js-devtools/npm-publish": ("token",),
    "pypa/gh-action-pypi-publish": ("password",),
}
_VARIABLES = frozenset(
    {
        "AWS_SECRET_ACCESS_KEY",
        "ARM_CLIENT_SECRET",
        "AZURE_CLIENT_SECRET",
        "CARGO_REGISTRY_TOKEN",
        "GEM_HOST_API_KEY",
        "GOOGLE_CREDENTIALS",
        "HATCH_INDEX_AUTH",
        "NODE_AUTH_TOKEN",
        "NPM_TOKEN",
        "NUGET_API_KEY",
        "POETRY_PYPI_TOKEN_PYPI",
        "TWINE_PASSWORD",
        "UV_PUBLISH_TOKEN",
    }
)


def publishes(worked: Worked) -> str:
    """What a step publishes with, "" when it publishes nothing."""
    step = worked.step
    if step.uses:
        action = known_actions.named(step.uses)
        return action if action in _ACTIONS else ""
    for words in shell.commands(step.run) if step.run else ():
        arguments, options = known_commands.parted(words[1:])
        if known_commands.IDLE & options:
            continue
        for row in _COMMANDS:
            if row[0] == words[0] and tuple(arguments[: len(row) - 1]) == row[1:]:
                return " ".join(row)
        for word in arguments:
            if words[0] in _GOALS and word.rpartition(":")[2].startswith(_GOALS[words[0]]):
                return f"{words[0]} {_GOALS[words[0]]}"
    return ""


def long_lived(step: Step, around: Pairs) -> Iterator[tuple[str, str]]:
    """(where it is given, secret) of credentials that OIDC would replace; `around` is the job's environment."""
    for name in _INPUTS.get(known_actions.named(step.uses), ()):
        yield from ((name, secret) for secret in secrets(step.given(name)))
    for name, value in (*step.env, *around):
        if name.upper() in _VARIABLES:
            yield from ((name, secret) for secret in secrets(value))


def secrets(text: str) -> list[str]:
    """Secrets an expression names, without the token every job gets anyway."""
    if "secrets" not in text.lower():
        return []
    found = [match[1] or match[2] for match in SECRET.finditer(text)]
    every = [EVERY] if _WHOLE.search(text) else []
    return list(dict.fromkeys(name for name in (*found, *every) if name.lower() != AUTOMATIC))


def named(step: Step) -> list[str]:
    """Every secret a step names, in its inputs, environment, script or condition."""
    texts = (*(value for _, value in step.with_), *(value for _, value in step.env), step.run, step.if_)
    return list(dict.fromkeys(secret for text in texts for secret in secrets(text)))
