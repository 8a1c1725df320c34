"""Variables that are named like a secret and hold a text that could be one."""

import re

_NAME = re.compile(
    r"(?:.*_)?(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRET_KEY|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?|PAT)",
    re.IGNORECASE,
)
_DIGIT, _LETTER = re.compile(r"[0-9]"), re.compile(r"[A-Za-z]")
_ELSE = re.compile(r"(?:[./~]|[a-z]+://(?![^/@]*:[^/@]*@)|arn:|projects/)")
SHORTEST = 8


def is_literal_secret(name: str, value: str) -> bool:
    """A value that is a variable, a path, an address or a plain word is none."""
    value = value.strip()
    if not _NAME.fullmatch(name[-200:]) or len(value) < SHORTEST or "$" in value or " " in value:
        return False
    return bool(_DIGIT.search(value) and _LETTER.search(value)) and not _ELSE.match(value)
