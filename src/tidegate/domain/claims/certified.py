"""What a certificate says of the job that asked for it, under the names CI facts have."""

from collections.abc import Mapping

from tidegate.domain.claims import source

_PLAIN = {
    "repository": "source_repository_uri",
    "repository_id": "source_repository_id",
    "owner_id": "source_repository_owner_id",
    "ref": "source_repository_ref",
    "event": "build_trigger",
    "runner": "runner_environment",
    "run_url": "run_invocation_uri",
    "workflow_commit": "build_config_digest",
}
_PATHS = {"workflow_ref": "build_config_uri", "signer_workflow_ref": "build_signer_uri"}


def facts(claims: Mapping[str, str], system: str) -> tuple[tuple[str, str], ...]:
    """(name, value) of each fact the certificate proves. GitHub's variables name workflows without the server."""
    named = [(name, claims.get(claim, "")) for name, claim in _PLAIN.items()]
    for name, claim in _PATHS.items():
        uri = claims.get(claim, "")
        short = uri.removeprefix(source.server_of(uri) + "/") if system == "github" and uri else uri
        named.append((name, short))
    return tuple((name, value) for name, value in named if value)
