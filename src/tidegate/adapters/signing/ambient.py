"""The identity a CI job is given: seen from its variables, asked for only when something is to be signed."""

import base64
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.domain.claims import permissions
from tidegate.errors import FormatError, UnavailableError, UnsealedError
from tidegate.formats import strict_json

AUDIENCE = "sigstore"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,20000}\.[A-Za-z0-9_-]{1,60000}\.[A-Za-z0-9_-]{1,20000}")
_GCP_PRODUCT = Path("/sys/class/dmi/id/product_name")
_LEEWAY = 5


@dataclass(frozen=True, slots=True)
class Ambient:
    """The CI system we run in ("" for none) and whether this job may ask it for an identity token."""

    system: str
    ready: bool


def around(environment: Mapping[str, str], audience: str = AUDIENCE) -> Ambient:
    """Look, without asking anybody. A CI system that says its name comes before the cloud it may run on."""
    has = environment.get
    if has("GITHUB_ACTIONS"):
        names = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL")
        return Ambient("github", all(has(name) for name in names))
    if has("GITLAB_CI"):
        return Ambient("gitlab", bool(has(f"{audience.upper()}_ID_TOKEN")))
    if has("BUILDKITE"):
        return Ambient("buildkite", shutil.which("buildkite-agent") is not None)
    if has("CIRCLECI"):
        return Ambient("circleci", shutil.which("circleci") is not None)
    if has("GOOGLE_SERVICE_ACCOUNT_NAME") or _on_gcp():
        return Ambient("gcp", True)
    return Ambient("", False)


def _on_gcp() -> bool:
    try:
        return _GCP_PRODUCT.read_text().strip() in {"Google", "Google Compute Engine"}
    except (OSError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class Token:
    """An identity token. `text` is a secret: it is in no repr, message or log. `claims` are not verified here."""

    text: str = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)

    def said(self, name: str) -> str:
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""

    @property
    def ends(self) -> float:
        """Seconds since the epoch."""
        value = self.claims.get("exp")
        return float(value) if isinstance(value, int | float) else 0.0


def ask(system: str, audience: str = AUDIENCE) -> Token:
    """A fresh token of this job, for Sigstore unless it is said for whom. Never starts a browser.

    Raises UnsealedError where the job's settings have to be mended, UnavailableError when CI does not answer.
    """
    from id._internal.oidc import ambient

    detectors = {
        "github": ambient.detect_github,
        "gitlab": ambient.detect_gitlab,
        "buildkite": ambient.detect_buildkite,
        "circleci": ambient.detect_circleci,
        "gcp": ambient.detect_gcp,
    }
    failed = ""
    try:
        text = detectors[system](audience)
    except Exception as error:  # noqa: BLE001 - its message may quote an answer that holds the token
        text, failed = None, _code(error)
    if text is None:
        raise UnavailableError(f"{system} gave no identity token{failed}", hint="run the job again")
    return read(text, system, audience)


def read(text: str, system: str, audience: str = AUDIENCE) -> Token:
    """A token as it came. Raises UnavailableError for no token, UnsealedError for one of another service, or over."""
    claims: object = None
    if _TOKEN.fullmatch(text):
        try:
            part = text.split(".")[1]
            raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
            claims = strict_json.loads(raw, limit=64 << 10, what="the token")
        except (FormatError, ValueError):
            claims = None
    if not isinstance(claims, dict):
        raise UnavailableError(f"{system} answered with something that is no identity token", hint="run the job again")
    token = Token(text, claims)
    if claims.get("aud") not in (audience, [audience]):
        # One that is good elsewhere, too, could be used there by whoever is shown it here.
        raise UnsealedError(f"the identity token is not for `{audience}` alone", hint=permissions.fix(system))
    if token.ends < time.time() - _LEEWAY:
        raise UnsealedError("the identity token is over", hint="sign earlier in the job, or give it a longer timeout")
    return token


def _code(error: Exception) -> str:
    """The status of the answer, and nothing else of the message."""
    status = re.search(r"\(code=(\d{3})\b", str(error))
    return f" (status {status[1]})" if status else ""
