"""The provider detectors of detect-secrets; the one file that knows the library.

Its plugins are a source of patterns: their own line filters, baseline hashes and network checks are not used, and the
value is always the whole token, since some of their groups hold only its prefix.
"""

import importlib.util
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product

from tidegate.domain.secrets import values
from tidegate.domain.secrets.detector import RUN_20, Detector, Needs, Patterns, Span, itself


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin class, what our findings call it, and what must be near for it to be asked."""

    module: str
    name: str
    id: str
    says: str
    value: Callable[[re.Match[str]], Span | None]
    literals: tuple[bytes, ...]
    fold: bool = False
    needs: Needs | None = None
    spans_lines: bool = False
    normal: Callable[[str, Span], str] = itself
    tail: str = ""
    skip: str = ""
    """Patterns that begin with this text are left out: they match ids or noise, not credentials."""
    where: str = ""
    """The place at the vendor it is revoked at."""


_WORD = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
# The first three characters of a number in base64.
_NUMBERS = tuple(bytes(three) for three in product(b"MNO", b"DTjz", b"AEIMQUYcgk"))

# Left out on purpose: entropy and keyword detectors (no provider), public addresses (no secret), what ours contains
# (OpenAI's takes a time quadratic in a line's length), and single patterns
# named by `skip` (a Twilio account id, Artifactory's three-character prefix).
PLUGINS = (
    Plugin(
        "artifactory", "ArtifactoryDetector", "artifactory-token", "an Artifactory token", values.artifactory,
        (b"AKC",), skip=r'(?:\s|=|:|"|^)AP',
        needs=Needs(rb'(?:^|[\s=:"])AKC[a-zA-Z0-9]{21}'),
        where="the platform's user profile, identity tokens",
    ),
    # The id alone signs nothing, yet it blocks: its secret mostly stands near, often in a form no rule can tell from
    # other base64, and a gate must not pass the one because it could not read the other.
    Plugin(
        "aws", "AWSKeyDetector", "aws-key-id", "an AWS access key id", values.aws_id,
        (b"AKIA", b"ASIA", b"ABIA", b"ACCA", b"A3T"), skip="aws",
        needs=Needs(rb"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}"),
        where="AWS IAM, the user's access keys",
    ),
    Plugin(
        "aws", "AWSKeyDetector", "aws-secret-key", "an AWS secret key", values.mixed, (b"aws",), True,
        needs=Needs(rb"""['"][0-9a-zA-Z/+]{40}['"]"""), skip="(?:A3T",
        where="AWS IAM, the user's access keys",
    ),
    Plugin(
        "azure_storage_key", "AzureStorageKeyDetector", "azure-storage-key", "an Azure storage key", values.published,
        (b"AccountKey=",),
        needs=Needs(rb"AccountKey=[a-zA-Z0-9+/=]{88}"),
        where="Azure, the storage account, access keys, rotate key",
    ),
    Plugin(
        "cloudant", "CloudantDetector", "cloudant-credential", "a Cloudant credential", values.varied,
        (b"cloudant", b"cloukey", b"clou_", b"clou-", b"cl_", b"cl-", b"clapi", b"clkey", b"clpw", b"clpass",
         b"cltoken"), True,
        needs=Needs(rb"""(?i)(?:key|pwd|pw|password|pass|token)["' \]=:>]+(?:[0-9a-f]{64}|[a-z]{24})|cloudant\.com"""),
        where="IBM Cloud, the Cloudant service's credentials",
    ),
    Plugin(
        "discord", "DiscordBotTokenDetector", "discord-token", "a Discord bot token", values.discord,
        _NUMBERS, needs=Needs(rb"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}"),
        tail="[w-z0-5][MNO][DTjz][AEIMQUYcgk][w-z0-5]",
        where="Discord's developer portal, the bot, reset token",
    ),
    Plugin(
        "github_token", "GitHubTokenDetector", "github-token", "a GitHub token", values.bare,
        (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"),
        needs=Needs(rb"gh[pousr]_[A-Za-z0-9_]{36}"),
        where="GitHub, settings, developer settings",
    ),
    Plugin(
        "gitlab_token", "GitLabTokenDetector", "gitlab-token", "a GitLab token", values.bare,
        (b"glpat-", b"gldt-", b"glft-", b"glsoat-", b"glrt-", b"GR1348941", b"glcbt-", b"glimt-", b"glptt-",
         b"glagent-", b"gloas-"),
        needs=Needs(rb"(?:gl[a-z]{2,5}-|GR1348941)[A-Za-z0-9_-]{20}"),
        where="GitLab, the user's, group's or project's access tokens",
    ),
    Plugin(
        "ibm_cloud_iam", "IbmCloudIamDetector", "ibm-cloud-key", "an IBM Cloud key", values.mixed,
        (b"ibm", b"iam", b"cloud_", b"cloud-"), True,
        needs=Needs(rb"""[=:> ]["']?[a-zA-Z0-9_-]{44}(?![a-zA-Z0-9_-])"""),
        where="IBM Cloud, manage, access, API keys",
    ),
    Plugin(
        "ibm_cos_hmac", "IbmCosHmacDetector", "ibm-cos-key", "an IBM object storage key", values.varied,
        (b"secret_key", b"secret-key", b"secretkey", b"secret_access", b"secret-access", b"secretaccess"), True,
        needs=Needs(rb"""(?i)[=:> ]["']?[a-f0-9]{48}(?![a-f0-9])"""),
        where="IBM Cloud, the object storage's service credentials",
    ),
    Plugin(
        "jwt", "JwtTokenDetector", "json-web-token", "a signed JSON web token", values.jwt, (b"eyJ",),
        needs=Needs(rb"eyJ[A-Za-z0-9_=-]{8,}\.eyJ[A-Za-z0-9_=-]{4,}\.[A-Za-z0-9_-]{16}"),
        where="the service that signed it (a change of the signing key ends them all)",
    ),
    Plugin(
        "mailchimp", "MailchimpDetector", "mailchimp-key", "a Mailchimp key", values.bare,
        tuple(b"-us%d" % digit for digit in range(10)), needs=Needs(rb"[0-9a-z]{32}-us[0-9]"),
        where="Mailchimp, profile, extras, API keys",
    ),
    Plugin(
        "npm", "NpmDetector", "npm-token", "an npm token", values.npm_line, (b":_authToken=",), needs=RUN_20,
        where="npm, account, access tokens",
    ),
    Plugin(
        "private_key", "PrivateKeyDetector", "private-key", "a private key", values.private_key,
        values.KEY_HEADS, spans_lines=True, normal=values.key_material,
        needs=Needs(rb"(?s)(?:BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY|PuTTY-User-Key-File-2).*[A-Za-z0-9+/=]{40}"),
        where="its certificate's issuer, or wherever its public half is trusted",
    ),
    Plugin("pypi_token", "PypiTokenDetector", "pypi-token", "a PyPI token", values.published, (b"pypi-AgE",),
        needs=Needs(rb"pypi-AgE[A-Za-z0-9_-]{80}"),
        where="PyPI, account settings, API tokens",
    ),
    Plugin(
        "sendgrid", "SendGridDetector", "sendgrid-key", "a SendGrid key", values.bare, (b"SG.",),
        needs=Needs(rb"SG\.[\w-]{22}\."),
        where="SendGrid, settings, API keys",
    ),
    Plugin(
        "slack", "SlackDetector", "slack-token", "a Slack token or webhook", values.slack,
        (b"xoxa-", b"xoxb-", b"xoxp-", b"xoxo-", b"xoxs-", b"xoxr-", b"hooks.slack.com/services/"), True,
        needs=Needs(rb"(?i)xox[abposr]-(?:[0-9]{6,16}-)+[0-9a-z]{10}|hooks\.slack\.com/services/T[a-z0-9_]+/B[a-z0-9_]+/[a-z0-9_]"),
        where="Slack, the app's settings, OAuth or incoming webhooks",
    ),
    Plugin(
        "softlayer", "SoftlayerDetector", "softlayer-key", "a SoftLayer key", values.varied,
        (b"softlayer", b"sl_", b"sl-", b"slapi", b"slkey", b"slpwd", b"slpass", b"sltoken"), True,
        needs=Needs(rb"""(?i)(?:[=:> ]["']?|/)[a-z0-9]{64}"""),
        where="IBM Cloud, manage, access, classic infrastructure keys",
    ),
    Plugin("square_oauth", "SquareOAuthDetector", "square-secret", "a Square secret", values.token, (b"sq0csp-",),
        needs=Needs(rb"sq0csp-[0-9A-Za-z\\_-]{43}"),
        where="Square's developer console, OAuth",
    ),
    Plugin("stripe", "StripeDetector", "stripe-key", "a Stripe live key", values.bare, (b"k_live_",),
        needs=Needs(rb"[rs]k_live_[0-9a-zA-Z]{24}"),
        where="Stripe, developers, API keys, roll key",
    ),
    Plugin(
        "telegram_token", "TelegramBotTokenDetector", "telegram-token", "a Telegram bot token", values.telegram,
        tuple(b":A" + bytes((char,)) for char in _WORD), needs=Needs(rb"[0-9]{8}:A[0-9A-Za-z_-]{34}"),
        where="Telegram's BotFather, revoke",
    ),
    Plugin(
        "twilio", "TwilioKeyDetector", "twilio-key", "a Twilio API key", values.twilio,
        tuple(b"SK" + bytes((char,)) for char in b"0123456789abcdef"), needs=Needs(rb"SK[0-9a-f]{32}"), skip="AC",
        where="Twilio console, account, API keys",
    ),
)  # fmt: skip

_EXACT = frozenset({"github-token", "gitlab-token", "aws-key-id", "stripe-key", "square-secret", "sendgrid-key"})


@cache
def detectors() -> tuple[Detector, ...]:
    """Every plugin of the table as a detector. The library is loaded when one must judge: it takes 0.1 s."""
    return tuple(_detector(plugin) for plugin in PLUGINS)


def version() -> str:
    """The library's, without loading it."""
    spec = importlib.util.find_spec("detect_secrets")
    places = spec.submodule_search_locations if spec else None
    for name in os.listdir(os.path.dirname(places[0])) if places else ():
        named = re.fullmatch(r"detect_secrets-([0-9a-z.+!]+)\.dist-info", name)
        if named:
            return named[1]
    from importlib import metadata  # takes 15 ms

    return metadata.version("detect-secrets")


def _detector(plugin: Plugin) -> Detector:
    return Detector(
        plugin.id,
        plugin.says,
        Patterns(lambda: _patterns(plugin), (plugin.module, plugin.name, plugin.skip)),
        plugin.value,
        plugin.literals,
        plugin.fold,
        plugin.needs,
        plugin.tail,
        spans_lines=plugin.spans_lines,
        exact=plugin.id in _EXACT,
        normal=plugin.normal,
        mend=f"revoke it at {plugin.where}, then make a new one",
    )


def _patterns(plugin: Plugin) -> tuple[re.Pattern[str], ...]:
    module = importlib.import_module(f"detect_secrets.plugins.{plugin.module}")
    denylist: tuple[re.Pattern[str], ...] = tuple(getattr(module, plugin.name).denylist)
    return tuple(p for p in denylist if not plugin.skip or not p.pattern.startswith(plugin.skip))
