"""A private Sigstore instance is one file, a ClientTrustConfig: where to sign, and whom to believe."""

import json

from tidegate.errors import FormatError
from tidegate.formats import strict_json

MEDIA_TYPE = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
LIMIT = 4 << 20


def trusted_root(config: bytes) -> bytes:
    """The `trusted_root.json` in a ClientTrustConfig. Raises FormatError for any other document."""
    plain = strict_json.loads(config, limit=LIMIT, what="the trust configuration")
    if not isinstance(plain, dict) or plain.get("mediaType") != MEDIA_TYPE:
        raise FormatError(f"the trust configuration is not a `{MEDIA_TYPE}`")
    root = plain.get("trustedRoot")
    if not isinstance(root, dict) or not isinstance(plain.get("signingConfig"), dict):
        raise FormatError("the trust configuration lacks `trustedRoot` or `signingConfig`")
    return json.dumps(root).encode()
