"""The provider detectors of detect-secrets; the one file that knows the library.

Its plugins are a source of patterns: their own line filters, baseline hashes and network checks are not used, and the
value is always the whole token, since some of their groups hold only its prefix.
"""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product

from tidegate.domain.secrets import values
from tidegate.domain.secrets.detector import RUN_20, RUN_40, Detector, Patterns, Span, itself


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
    needs: re.Pattern[bytes] | None = None
    spans_lines: bool = False
    normal: Callable[[str, Span], str] = itself
    tail: str = ""
    skip: str = ""
    """Patterns that begin with this text are left out: they match ids or noise, not credentials."""
    mend: str = ""


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
    ),
    Plugin(
        "aws", "AWSKeyDetector", "aws-key-id", "an AWS access key id", values.aws_id,
        (b"AKIA", b"ASIA", b"ABIA", b"ACCA", b"A3T"), skip="aws",
    ),
    Plugin(
        "aws", "AWSKeyDetector", "aws-secret-key", "an AWS secret key", values.mixed, (b"aws",), True,
        needs=RUN_40, skip="(?:A3T",
    ),
    Plugin(
        "azure_storage_key", "AzureStorageKeyDetector", "azure-storage-key", "an Azure storage key", values.published,
        (b"AccountKey=",),
    ),
    Plugin(
        "cloudant", "CloudantDetector", "cloudant-credential", "a Cloudant credential", values.varied,
        (b"cloudant", b"cloukey", b"clou_", b"clou-", b"cl_", b"cl-", b"clapi", b"clkey", b"clpw", b"clpass",
         b"cltoken"), True, needs=RUN_20,
    ),
    Plugin(
        "discord", "DiscordBotTokenDetector", "discord-token", "a Discord bot token", values.discord,
        _NUMBERS, needs=re.compile(rb"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}"),
    ),
    Plugin(
        "github_token", "GitHubTokenDetector", "github-token", "a GitHub token", values.bare,
        (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"),
    ),
    Plugin(
        "gitlab_token", "GitLabTokenDetector", "gitlab-token", "a GitLab token", values.bare,
        (b"glpat-", b"gldt-", b"glft-", b"glsoat-", b"glrt-", b"GR1348941", b"glcbt-", b"glimt-", b"glptt-",
         b"glagent-", b"gloas-"),
    ),
    Plugin(
        "ibm_cloud_iam", "IbmCloudIamDetector", "ibm-cloud-key", "an IBM Cloud key", values.mixed,
        (b"ibm", b"iam", b"cloud_", b"cloud-"), True, needs=RUN_40,
    ),
    Plugin(
        "ibm_cos_hmac", "IbmCosHmacDetector", "ibm-cos-key", "an IBM object storage key", values.varied,
        (b"secret_key", b"secret-key", b"secretkey", b"secret_access", b"secret-access", b"secretaccess"), True,
        needs=RUN_40,
    ),
    Plugin(
        "jwt", "JwtTokenDetector", "json-web-token", "a signed JSON web token", values.jwt, (b"eyJ",),
        needs=re.compile(rb"\.eyJ"),
    ),
    Plugin(
        "mailchimp", "MailchimpDetector", "mailchimp-key", "a Mailchimp key", values.bare,
        tuple(b"-us%d" % digit for digit in range(10)), needs=re.compile(rb"[0-9a-z]{32}-us[0-9]"),
    ),
    Plugin("npm", "NpmDetector", "npm-token", "an npm token", values.npm_line, (b":_authToken=",), needs=RUN_20),
    Plugin(
        "private_key", "PrivateKeyDetector", "private-key", "a private key", values.private_key,
        values.KEY_HEADS, spans_lines=True, needs=RUN_40, normal=values.key_material,
    ),
    Plugin("pypi_token", "PypiTokenDetector", "pypi-token", "a PyPI token", values.published, (b"pypi-AgE",)),
    Plugin(
        "sendgrid", "SendGridDetector", "sendgrid-key", "a SendGrid key", values.bare, (b"SG.",),
        needs=re.compile(rb"SG\.[\w-]{22}\."),
    ),
    Plugin(
        "slack", "SlackDetector", "slack-token", "a Slack token or webhook", values.varied,
        (b"xoxa-", b"xoxb-", b"xoxp-", b"xoxo-", b"xoxs-", b"xoxr-", b"hooks.slack.com/services/"), True,
    ),
    Plugin(
        "softlayer", "SoftlayerDetector", "softlayer-key", "a SoftLayer key", values.varied,
        (b"softlayer", b"sl_", b"sl-", b"slapi", b"slkey", b"slpwd", b"slpass", b"sltoken"), True, needs=RUN_40,
    ),
    Plugin("square_oauth", "SquareOAuthDetector", "square-secret", "a Square secret", values.token, (b"sq0csp-",)),
    Plugin("stripe", "StripeDetector", "stripe-key", "a Stripe live key", values.bare, (b"k_live_",)),
    Plugin(
        "telegram_token", "TelegramBotTokenDetector", "telegram-token", "a Telegram bot token", values.telegram,
        tuple(b":A" + bytes((char,)) for char in _WORD), needs=re.compile(rb"[0-9]{8}:A[0-9A-Za-z_-]{34}"),
    ),
    Plugin(
        "twilio", "TwilioKeyDetector", "twilio-key", "a Twilio API key", values.twilio,
        tuple(b"SK" + bytes((char,)) for char in b"0123456789abcdef"), needs=re.compile(rb"SK[0-9a-f]{32}"), skip="AC",
    ),
)  # fmt: skip


@cache
def detectors() -> tuple[Detector, ...]:
    """Every plugin of the table as a detector. The library is loaded when one must judge: it takes 0.1 s."""
    return tuple(_detector(plugin) for plugin in PLUGINS)


def version() -> str:
    import importlib.metadata  # takes 15 ms

    return importlib.metadata.version("detect-secrets")


def _detector(plugin: Plugin) -> Detector:
    return Detector(
        plugin.id,
        plugin.says,
        Patterns(lambda: _patterns(plugin)),
        plugin.value,
        plugin.literals,
        plugin.fold,
        plugin.needs,
        plugin.tail,
        spans_lines=plugin.spans_lines,
        normal=plugin.normal,
        mend=plugin.mend,
    )


def _patterns(plugin: Plugin) -> tuple[re.Pattern[str], ...]:
    module = importlib.import_module(f"detect_secrets.plugins.{plugin.module}")
    denylist: tuple[re.Pattern[str], ...] = tuple(getattr(module, plugin.name).denylist)
    return tuple(p for p in denylist if not plugin.skip or not p.pattern.startswith(plugin.skip))
