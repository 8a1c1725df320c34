"""Our own detectors of what is no single token: keys over many lines, addresses, and AWS keys by their names."""

import re

from tidegate.domain.secrets import values
from tidegate.domain.secrets.detector import IN_ADDRESS, RUN_40, Detector, Needs, Patterns

_URL = (
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<user>[^\s:/?#\[\]@\"'<>`\\]{0,100}):"
    r"(?P<password>[^\s/?#@\"'<>`\\]{1,200}(?:@[^\s/?#@\"'<>`\\,;&]{0,100}(?=@)){0,3})@(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{0,253})"
)

_HAS_PASSWORD = Needs(rb"://[^\s:/?#@\"'<>]{0,100}:[^\s/?#@\"'<>]{1,200}@")
_AT_THE_HOST = "change the password at the host in the address, and hand the address over in the environment"

DETECTORS = (
    Detector(
        "aws-secret-key", "an AWS secret key",
        Patterns.of(r"(?i)aws.?(?:secret)?.?(?:access)?.?key[^\n=:]{0,20}[=:]\s*[\"']?([A-Za-z0-9/+]{40})(?![\w/+=])"),
        values.mixed, (b"aws",), True, needs=RUN_40,
        mend="revoke it at AWS IAM, the user's access keys: make a second key, change over, delete the first",
    ),
    Detector(
        "private-key", "a private key",
        Patterns.of(r"-----? ?BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-\d"),
        values.private_key, values.KEY_HEADS, spans_lines=True, normal=values.key_material,
        mend="revoke its certificate, or take its public half from wherever it is trusted, then make a new pair",
    ),
    Detector(
        "credential-url", "a password in an address", Patterns.of(_URL, flags=re.NOFLAG), values.address, (b"://",),
        needs=_HAS_PASSWORD, tail=IN_ADDRESS, mend=_AT_THE_HOST,
    ),
    Detector(
        "doubtful-credential-url", "a password in an address, of words or for a host that may be none",
        Patterns.of(_URL, flags=re.NOFLAG), values.doubtful_address, (b"://",),
        needs=_HAS_PASSWORD, tail=IN_ADDRESS, tier="warn", mend=_AT_THE_HOST,
    ),
)  # fmt: skip
"""In order of precedence: of two that match the same text, the first names it."""
