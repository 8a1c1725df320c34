"""Tokens of code hosts."""

from tidegate.domain.secrets import checks
from tidegate.domain.secrets.rule import SecretRule

RULES = (
    SecretRule(
        "netlify-token",
        "a Netlify token",
        "docs.netlify.com: access tokens begin with nfp_",
        (b"nfp_",),
        r"nfp_[0-9A-Za-z_]{36}",
        ("nfp_<36:alnum>",),
        ("nfp_<20:alnum>", "nfp_your_token_<21:alnum>"),
        checks=checks.BARE,
    ),
)
