"""Token claims as GitHub and GitLab make them, and the certificate fields Fulcio makes of them (oid-info.md)."""

from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

Claims = dict[str, Any]

GITHUB = "https://token.actions.githubusercontent.com"
GITLAB = "https://gitlab.com"
SHA = "1f" * 20
SERVER = "https://github.com"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a certificate is for: its one subject name, and the Fulcio extensions by their last number."""

    name: x509.GeneralName
    extensions: dict[int, str] = field(default_factory=dict)


def github(
    repository: str = "acme/api",
    ref: str = "refs/tags/v1.0",
    sha: str = SHA,
    workflow: str = ".github/workflows/release.yml",
    event: str = "push",
    **more: Any,
) -> Claims:
    """Claims of a GitHub Actions token; `more` adds or replaces any of them, None takes one out."""
    workflow_ref = f"{repository}/{workflow}@{ref}"
    claims: Claims = {
        "iss": GITHUB,
        "aud": "sigstore",
        "sub": f"repo:{repository}:ref:{ref}",
        "repository": repository,
        "repository_id": "123456",
        "repository_owner": repository.split("/")[0],
        "repository_owner_id": "4242",
        "repository_visibility": "public",
        "ref": ref,
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "sha": sha,
        "event_name": event,
        "workflow": "release",
        "workflow_ref": workflow_ref,
        "workflow_sha": sha,
        "job_workflow_ref": workflow_ref,
        "job_workflow_sha": sha,
        "runner_environment": "github-hosted",
        "run_id": "777",
        "run_number": "12",
        "run_attempt": "1",
        "actor": "octo",
        "actor_id": "99",
    }
    return {name: value for name, value in (claims | more).items() if value is not None}


def gitlab(
    project: str = "acme/api",
    ref: str = "v1.0",
    sha: str = SHA,
    ref_type: str = "tag",
    config: str = ".gitlab-ci.yml",
    source: str = "push",
    **more: Any,
) -> Claims:
    """Claims of a GitLab id token; `ref` is the short name, as GitLab has it."""
    path = f"refs/{'tags' if ref_type == 'tag' else 'heads'}/{ref}"
    claims: Claims = {
        "iss": GITLAB,
        "aud": "sigstore",
        "sub": f"project_path:{project}:ref_type:{ref_type}:ref:{ref}",
        "namespace_id": "4242",
        "namespace_path": project.rsplit("/", 1)[0],
        "project_id": "123456",
        "project_path": project,
        "project_visibility": "public",
        "user_id": "99",
        "user_login": "octo",
        "pipeline_id": "555",
        "pipeline_source": source,
        "job_id": "777",
        "ref": ref,
        "ref_type": ref_type,
        "ref_path": path,
        "ref_protected": "true",
        "runner_id": 1,
        "runner_environment": "gitlab-hosted",
        "sha": sha,
        "ci_config_ref_uri": f"gitlab.com/{project}//{config}@{path}",
        "ci_config_sha": sha,
    }
    return {name: value for name, value in (claims | more).items() if value is not None}


def subject(claims: Claims) -> Subject:
    """What Fulcio certifies of a token. KeyError for a GitHub or GitLab token that lacks a claim it needs."""
    if claims["iss"].startswith(GITHUB):
        return _github(claims)
    if claims["iss"] == GITLAB:
        return _gitlab(claims)
    issuer = {1: claims["iss"], 8: claims["iss"]}
    if "email" in claims:
        return Subject(x509.RFC822Name(claims["email"]), issuer)
    return Subject(x509.UniformResourceIdentifier(claims["sub"]), issuer)


def _github(claims: Claims) -> Subject:
    repository = f"{SERVER}/{claims['repository']}"
    signer = f"{SERVER}/{claims['job_workflow_ref']}"
    extensions = {
        1: claims["iss"],
        2: claims["event_name"],
        3: claims["sha"],
        4: claims["workflow"],
        5: claims["repository"],
        6: claims["ref"],
        8: claims["iss"],
        9: signer,
        10: claims["job_workflow_sha"],
        11: claims["runner_environment"],
        12: repository,
        13: claims["sha"],
        14: claims["ref"],
        15: claims["repository_id"],
        16: f"{SERVER}/{claims['repository_owner']}",
        17: claims["repository_owner_id"],
        18: f"{SERVER}/{claims['workflow_ref']}",
        19: claims["workflow_sha"],
        20: claims["event_name"],
        21: f"{repository}/actions/runs/{claims['run_id']}/attempts/{claims['run_attempt']}",
        22: claims["repository_visibility"],
    }
    if "environment" in claims:
        extensions[23] = claims["environment"]
    return Subject(x509.UniformResourceIdentifier(signer), extensions)


def _gitlab(claims: Claims) -> Subject:
    server = claims["iss"]
    config = f"https://{claims['ci_config_ref_uri']}"
    kind = "tags" if claims["ref_type"] == "tag" else "heads"
    extensions = {
        1: server,
        8: server,
        9: config,
        10: claims["ci_config_sha"],
        11: claims["runner_environment"],
        12: f"{server}/{claims['project_path']}",
        13: claims["sha"],
        14: f"refs/{kind}/{claims['ref']}",
        15: claims["project_id"],
        16: f"{server}/{claims['namespace_path']}",
        17: claims["namespace_id"],
        18: config,
        19: claims["ci_config_sha"],
        20: claims["pipeline_source"],
        21: f"{server}/{claims['project_path']}/-/jobs/{claims['job_id']}",
        22: claims["project_visibility"],
    }
    if "environment" in claims:
        extensions[23] = claims["environment"]
    return Subject(x509.UniformResourceIdentifier(config), extensions)
