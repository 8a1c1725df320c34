"""What in a job's environment could speak in the project's name: a build of foreign code must not run beside it.

The build's own environment is made anew, but whatever runs as the same user can read that of its parents.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping

NAMES = frozenset(
    {
        # Identity tokens of CI systems, and what asks for them.
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "ACTIONS_RUNTIME_TOKEN",
        "BITBUCKET_STEP_OIDC_TOKEN",
        "BUILDKITE_AGENT_ACCESS_TOKEN",
        "BUILDKITE_AGENT_TOKEN",
        "CIRCLE_OIDC_TOKEN",
        "CIRCLE_OIDC_TOKEN_V2",
        "CI_JOB_JWT",
        "CI_JOB_JWT_V1",
        "CI_JOB_JWT_V2",
        "SIGSTORE_ID_TOKEN",
        "SYSTEM_ACCESSTOKEN",
        # Tokens that write to the repository.
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "GITLAB_TOKEN",
        # Clouds.
        "ARM_CLIENT_SECRET",
        "ARM_OIDC_REQUEST_TOKEN",
        "ARM_OIDC_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_CLIENT_SECRET",
        "AZURE_FEDERATED_TOKEN",
        "AZURE_FEDERATED_TOKEN_FILE",
        "CLOUDSDK_AUTH_ACCESS_TOKEN",
        "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_GHA_CREDS_PATH",
        "GOOGLE_OAUTH_ACCESS_TOKEN",
        "GOOGLE_SERVICE_ACCOUNT_NAME",
        "IDENTITY_HEADER",
        "MSI_SECRET",
        "VAULT_TOKEN",
        # Signers.
        "COSIGN_KEY",
        "COSIGN_PASSWORD",
        "COSIGN_PRIVATE_KEY",
        "GPG_PASSPHRASE",
        "GPG_PRIVATE_KEY",
        "MINISIGN_PASSWORD",
        "SIGNING_KEY",
        # Publishing.
        "CARGO_REGISTRY_TOKEN",
        "DOCKERHUB_TOKEN",
        "DOCKER_AUTH_CONFIG",
        "DOCKER_PASSWORD",
        "FLIT_PASSWORD",
        "GEM_HOST_API_KEY",
        "HATCH_INDEX_AUTH",
        "MATURIN_PASSWORD",
        "NODE_AUTH_TOKEN",
        "NPM_TOKEN",
        "NUGET_API_KEY",
        "PDM_PUBLISH_PASSWORD",
        "PYPI_PASSWORD",
        "PYPI_TOKEN",
        "TWINE_PASSWORD",
        "UV_PUBLISH_PASSWORD",
        "UV_PUBLISH_TOKEN",
    }
)
_ENDINGS = (
    *("_ID_TOKEN", "_ID_TOKEN_FILE", "_OIDC_TOKEN", "_OIDC_TOKEN_FILE", "_PRIVATE_KEY", "_SIGNING_KEY"),
    *("_API_TOKEN", "_PUBLISH_TOKEN", "_PYPI_TOKEN", "_PASSPHRASE", "_AUTHTOKEN", "_CONFIG__AUTH"),
)
_PUBLISHING = re.compile(
    r"POETRY_(?:PYPI_TOKEN_|HTTP_BASIC_\w+_PASSWORD)\w*|TWINE_\w*PASSWORD\w*|UV_INDEX_\w+_PASSWORD"
)
# What these services' own tokens begin with, whatever the variable is called.
_TOKEN = re.compile(r"(?:gh[opsu]_|github_pat_|glpat-|npm_|pypi-AgE)[A-Za-z0-9_.-]{16,}")
_OURS = re.compile(r"TIDEGATE_(?:\w*_)?(?:KEY|PASSPHRASE|TOKEN|PIN)")
_JWT = re.compile(r"(eyJ[A-Za-z0-9_-]{5,20000})\.[A-Za-z0-9_-]{1,60000}\.[A-Za-z0-9_-]{1,20000}")
_JOB = "CI_JOB_TOKEN"
"""GitLab puts it into every job and under several names, today as a JWT. It asks for no identity and signs nothing."""


def dangerous(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names of variables that hold a token, a key, a passphrase, or the way to one; empty ones hold nothing."""
    job = environment.get(_JOB, "")
    return tuple(
        sorted(
            name
            for name, value in environment.items()
            if value and (_named(name) or "PRIVATE KEY-----" in value or (value != job and _speaks(value)))
        )
    )


def _named(name: str) -> bool:
    upper = name.upper()
    shaped = _OURS.fullmatch(upper) or _PUBLISHING.fullmatch(upper)
    return upper in NAMES or upper.endswith(_ENDINGS) or shaped is not None


def _speaks(value: str) -> bool:
    return _TOKEN.fullmatch(value.strip()) is not None or _is_jwt(value)


def _is_jwt(value: str) -> bool:
    """Three parts, of which the first is a JOSE header (RFC 7515): GitLab's `id_tokens` have names of the team's."""
    match = _JWT.fullmatch(value.strip())
    if match is None:
        return False
    try:
        header = json.loads(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(header, dict) and "alg" in header
