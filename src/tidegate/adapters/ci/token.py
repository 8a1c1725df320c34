"""What the CI's own identity token says of the job: a token for our audience alone, good for nothing else.

Asked only where the job may ask anyway; the token is never written down, and GitHub is told to mask it. Its signature
is not checked here, since that takes the issuer's keys: a fact from it is no proof, only harder to set than a variable.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace

from tidegate.adapters.signing import ambient
from tidegate.adapters.signing.ambient import Token
from tidegate.domain.claims import source
from tidegate.errors import TidegateError
from tidegate.ports import CIFacts, Fact

AUDIENCE = "tidegate"
_GITHUB = {
    "repository_id": "repository_id",
    "owner": "repository_owner",
    "owner_id": "repository_owner_id",
    "commit": "sha",
    "ref": "ref",
    "event": "event_name",
    "workflow_ref": "workflow_ref",
    "workflow_commit": "workflow_sha",
    "signer_workflow_ref": "job_workflow_ref",
    "run_id": "run_id",
    "run_attempt": "run_attempt",
    "runner": "runner_environment",
    "actor": "actor",
    "actor_id": "actor_id",
    "environment": "environment",
}
_GITLAB = {
    "repository_id": "project_id",
    "owner": "namespace_path",
    "owner_id": "namespace_id",
    "commit": "sha",
    "ref": "ref_path",
    "event": "pipeline_source",
    "run_id": "job_id",
    "runner": "runner_environment",
    "actor": "user_login",
    "actor_id": "user_id",
    "environment": "environment",
}
_BUILDKITE = {
    "owner": "organization_slug",
    "workflow": "pipeline_slug",
    "commit": "build_commit",
    "run_id": "build_id",
}
_TABLES: Mapping[str, Mapping[str, str]] = {"github": _GITHUB, "gitlab": _GITLAB, "buildkite": _BUILDKITE}
_PATHS = {"github": "repository", "gitlab": "project_path"}
MAX_VALUE = 1000


def with_token(facts: CIFacts, environment: Mapping[str, str]) -> tuple[CIFacts, str]:
    """The facts with what the token says, which stands before what variables say; and why there is none, "" else.

    Without the right to ask nothing is asked, and nothing is amiss.
    """
    here = ambient.around(environment, AUDIENCE)
    if not here.ready or here.system != facts.system or here.system not in _TABLES:
        return facts, ""
    try:
        token = ambient.ask(here.system, AUDIENCE)
    except TidegateError as error:
        return facts, f"the CI gave no token for `{AUDIENCE}`: {error.message}; its facts are those of variables alone"
    if here.system == "github":
        # The runner reads this line, forgets it, and replaces the token wherever it would be shown.
        sys.stderr.write(f"::add-mask::{token.text}\n")
        sys.stderr.flush()
    told = tuple(Fact(name, text, "oidc", False) for name, text in said(here.system, token) if _plain(text))
    git = tuple(fact for fact in facts.facts if fact.source == "git")
    return replace(facts, facts=(*git, *told, *(fact for fact in facts.facts if fact not in git))), ""


def said(system: str, token: Token) -> list[tuple[str, str]]:
    """(fact, value) of each claim of this system that is a text."""
    found = [(name, token.said(claim)) for name, claim in _TABLES[system].items()]
    server, path = source.server(token.said("iss")), token.said(_PATHS.get(system, ""))
    if server.startswith("https://") and path:
        found.append(("repository", f"{server}/{path}"))
    return [(name, text) for name, text in found if text and (name != "commit" or source.is_commit(text))]


def _plain(text: str) -> bool:
    return 0 < len(text) <= MAX_VALUE and text.isprintable()
