"""The provider detectors of detect-secrets; the one file that knows the library.

Its plugins are a source of patterns: their own line filters, baseline hashes and network checks are not used, and the
value is always the whole token, since some of their groups hold only its prefix.
"""

import importlib
import importlib.metadata
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tidegate.domain.secrets import values
from tidegate.domain.secrets.detector import RUN_20, RUN_40, Detector, Span, itself


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin class, what our findings call it, and what must be near for it to be asked."""

    module: str
    name: str
    id: str
    says: str
    value: Callable[[re.Match[str]], Span | None]
    literals: tuple[bytes, ...] = ()
    fold: bool = False
    probe: re.Pattern[bytes] | None = None
    spans_lines: bool = False
    apart: re.Pattern[bytes] | None = None
    normal: Callable[[str, Span], str] = itself
    skip: str = ""
    """Patterns that begin with this text are left out: they match ids or noise, not credentials."""


# Left out on purpose: entropy and keyword detectors (no provider), public addresses (no secret), and single patterns
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
        apart=RUN_40, skip="(?:A3T",
    ),
    Plugin(
        "azure_storage_key", "AzureStorageKeyDetector", "azure-storage-key", "an Azure storage key", values.published,
        (b"AccountKey=",),
    ),
    Plugin(
        "cloudant", "CloudantDetector", "cloudant-credential", "a Cloudant credential", values.varied,
        (b"cloudant", b"cloukey", b"clou_", b"clou-", b"cl_", b"cl-", b"clapi", b"clkey", b"clpw", b"clpass",
         b"cltoken"), True, apart=RUN_20,
    ),
    Plugin(
        "discord", "DiscordBotTokenDetector", "discord-token", "a Discord bot token", values.discord,
        probe=re.compile(rb"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}"),
    ),
    Plugin(
        "github_token", "GitHubTokenDetector", "github-token", "a GitHub token", values.token,
        (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"),
    ),
    Plugin(
        "gitlab_token", "GitLabTokenDetector", "gitlab-token", "a GitLab token", values.token,
        (b"glpat-", b"gldt-", b"glft-", b"glsoat-", b"glrt-", b"GR1348941", b"glcbt-", b"glimt-", b"glptt-",
         b"glagent-", b"gloas-"),
    ),
    Plugin(
        "ibm_cloud_iam", "IbmCloudIamDetector", "ibm-cloud-key", "an IBM Cloud key", values.mixed,
        (b"ibm", b"iam", b"cloud_", b"cloud-"), True, apart=RUN_40,
    ),
    Plugin(
        "ibm_cos_hmac", "IbmCosHmacDetector", "ibm-cos-key", "an IBM object storage key", values.varied,
        (b"secret_key", b"secret-key", b"secretkey", b"secret_access", b"secret-access", b"secretaccess"), True,
        apart=RUN_40,
    ),
    Plugin("jwt", "JwtTokenDetector", "json-web-token", "a signed JSON web token", values.jwt, (b"eyJ",)),
    Plugin(
        "mailchimp", "MailchimpDetector", "mailchimp-key", "a Mailchimp key", values.bare,
        probe=re.compile(rb"-us[0-9]"),
    ),
    Plugin("npm", "NpmDetector", "npm-token", "an npm token", values.npm_line, (b":_authToken=",), apart=RUN_20),
    Plugin("openai", "OpenAIDetector", "openai-key", "an OpenAI key", values.token, (b"T3BlbkFJ",)),
    Plugin(
        "private_key", "PrivateKeyDetector", "private-key", "a private key", values.private_key,
        values.KEY_HEADS, spans_lines=True, apart=RUN_40, normal=values.key_material,
    ),
    Plugin("pypi_token", "PypiTokenDetector", "pypi-token", "a PyPI token", values.published, (b"pypi-AgE",)),
    Plugin("sendgrid", "SendGridDetector", "sendgrid-key", "a SendGrid key", values.token, (b"SG.",)),
    Plugin(
        "slack", "SlackDetector", "slack-token", "a Slack token or webhook", values.varied,
        (b"xoxa-", b"xoxb-", b"xoxp-", b"xoxo-", b"xoxs-", b"xoxr-", b"hooks.slack.com/services/"), True,
    ),
    Plugin(
        "softlayer", "SoftlayerDetector", "softlayer-key", "a SoftLayer key", values.varied,
        (b"softlayer", b"sl_", b"sl-", b"slapi", b"slkey", b"slpwd", b"slpass", b"sltoken"), True, apart=RUN_40,
    ),
    Plugin("square_oauth", "SquareOAuthDetector", "square-secret", "a Square secret", values.token, (b"sq0csp-",)),
    Plugin("stripe", "StripeDetector", "stripe-key", "a Stripe live key", values.token, (b"k_live_",)),
    Plugin(
        "telegram_token", "TelegramBotTokenDetector", "telegram-token", "a Telegram bot token", values.telegram,
        (b":A",), apart=RUN_20,
    ),
    Plugin(
        "twilio", "TwilioKeyDetector", "twilio-key", "a Twilio API key", values.twilio,
        probe=re.compile(rb"SK[0-9a-f]{32}"), skip="AC",
    ),
)  # fmt: skip


@cache
def detectors() -> tuple[Detector, ...]:
    """Every plugin of the table as a detector. The library is loaded at the first call: it takes 0.1 s."""
    return tuple(_detector(plugin) for plugin in PLUGINS)


def version() -> str:
    return importlib.metadata.version("detect-secrets")


def _detector(plugin: Plugin) -> Detector:
    module = importlib.import_module(f"detect_secrets.plugins.{plugin.module}")
    denylist: tuple[re.Pattern[str], ...] = tuple(getattr(module, plugin.name).denylist)
    patterns = tuple(p for p in denylist if not plugin.skip or not p.pattern.startswith(plugin.skip))
    return Detector(
        plugin.id,
        plugin.says,
        patterns,
        plugin.value,
        plugin.literals,
        plugin.fold,
        plugin.probe,
        plugin.spans_lines,
        plugin.apart,
        plugin.normal,
    )
