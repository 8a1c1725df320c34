"""Our own detectors, written from the vendors' documentation, for tokens detect-secrets misses or cuts short."""

import re
from collections.abc import Callable

from tidegate.domain.secrets import values
from tidegate.domain.secrets.detector import RUN_40, Detector, Patterns, Span

_URL = (
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<user>[^\s:/?#\[\]@\"'<>`\\]{0,100}):"
    r"(?P<password>[^\s/?#@\"'<>`\\]{1,200})@(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{0,253})"
)


def _tokens(
    kind: str, says: str, pattern: str, *literals: bytes, value: Callable[[re.Match[str]], Span | None] = values.token
) -> Detector:
    return Detector(kind, says, Patterns.of(pattern), value, literals)


_GITLAB = rb"glpat- gloas- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- glwt- glsoat- glffct-".split()

DETECTORS = (
    _tokens(
        "github-token", "a GitHub token",
        r"gh[pousr]_[0-9A-Za-z]{1,40}_?eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|gh[pousr]_\w{36,255}",
        b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_",
    ),
    _tokens("github-token", "a GitHub token", r"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}", b"github_pat_"),
    _tokens(
        "gitlab-token", "a GitLab token",
        r"gl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|wt|soat|ffct)-[\w-]{20,400}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?",
        *_GITLAB,
    ),
    _tokens("npm-token", "an npm token", r"npm_[0-9A-Za-z]{36}", b"npm_"),
    Detector(
        "aws-secret-key", "an AWS secret key",
        Patterns.of(r"(?i)aws.?(?:secret)?.?(?:access)?.?key[^\n=:]{0,20}[=:]\s*[\"']?([A-Za-z0-9/+]{40})(?![\w/+=])"),
        values.mixed, (b"aws",), True, needs=RUN_40,
    ),
    _tokens("google-key", "a Google API key", r"AIza[\w-]{35}(?![\w-])", b"AIza"),
    _tokens("google-secret", "a Google OAuth client secret", r"GOCSPX-[\w-]{28}", b"GOCSPX-"),
    _tokens("anthropic-key", "an Anthropic key", r"sk-ant-[a-z]+\d\d-[\w-]{80,120}", b"sk-ant-"),
    _tokens(
        "openai-key", "an OpenAI key",
        r"sk-(?:(?:proj|svcacct|admin|None)-)?[\w-]{20,160}T3BlbkFJ[\w-]{20,160}", b"T3BlbkFJ",
    ),
    _tokens("huggingface-token", "a Hugging Face token", r"(?:hf_|api_org_)[A-Za-z]{34}(?!\w)", b"hf_", b"api_org_"),
    _tokens("slack-token", "a Slack token", r"xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{32,}", b"xapp-"),
    _tokens("slack-token", "a Slack token", r"xox[abeoprs]-(?:[0-9A-Za-z]{1,250}-){1,6}[0-9A-Za-z]{20,}", b"xox"),
    _tokens("stripe-key", "a Stripe live key", r"[rs]k_(?:live|prod)_[0-9A-Za-z]{16,247}", b"k_live_", b"k_prod_"),
    _tokens("digitalocean-token", "a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}", b"_v1_"),
    _tokens("docker-token", "a Docker token", r"dckr_(?:pat|oat)_[\w-]{27,}", b"dckr_"),
    _tokens("databricks-token", "a Databricks token", r"dapi[0-9a-f]{32}(?:-\d)?", b"dapi", value=values.bare),
    _tokens("vault-token", "a Vault token", r"hv[sb]\.[\w-]{24,300}", b"hvs.", b"hvb."),
    _tokens("age-key", "an age key", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", b"AGE-SECRET-KEY-1"),
    _tokens("shopify-token", "a Shopify token", r"shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}", b"shp"),
    _tokens("rubygems-key", "a RubyGems key", r"rubygems_[0-9a-f]{48}", b"rubygems_"),
    _tokens("terraform-token", "a Terraform token", r"[0-9A-Za-z]{14}\.atlasv1\.[\w=-]{60,70}", b".atlasv1."),
    _tokens(
        "grafana-token", "a Grafana token",
        r"glsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}|glc_[0-9A-Za-z+/]{32,400}={0,3}", b"glsa_", b"glc_",
    ),
    _tokens(
        "azure-secret", "an Azure client secret",
        r"[\w~.]{3}\dQ~[\w~.-]{31,34}", *(b"%dQ~" % digit for digit in range(10)),
    ),
    _tokens(
        "tailscale-key", "a Tailscale key",
        r"tskey-[a-z]{2,12}-[0-9A-Za-z]{6,32}(?:-[0-9A-Za-z]{10,64})?", b"tskey-",
    ),
    _tokens("artifactory-token", "an Artifactory token", r"(?<![0-9A-Za-z])AKC[0-9A-Za-z]{40,200}", b"AKC"),
    _tokens("notion-token", "a Notion token", r"ntn_[0-9]{11}[0-9A-Za-z]{35}", b"ntn_"),
    _tokens("sourcegraph-token", "a Sourcegraph token", r"sgp_(?:[0-9A-Fa-f]{16}_|local_)?[0-9A-Fa-f]{40}", b"sgp_"),
    _tokens(
        "fly-token", "a Fly.io token",
        r"fo1_[\w-]{43}|fm[12][ar]?_[0-9A-Za-z+/]{60,1000}={0,3}", b"fo1_", b"fm1", b"fm2",
    ),
    _tokens("figma-token", "a Figma token", r"fig[dour]_[\w-]{40,}", b"figd_", b"figo_"),
    _tokens("groq-key", "a Groq key", r"gsk_[0-9A-Za-z]{52}", b"gsk_"),
    _tokens("heroku-key", "a Heroku key", r"HRKU-AA[\w-]{58}", b"HRKU-AA"),
    _tokens("openshift-token", "an OpenShift token", r"sha256~[\w-]{43}", b"sha256~"),
    _tokens("linear-key", "a Linear key", r"lin_(?:api|oauth)_[0-9A-Za-z]{40,64}", b"lin_api_", b"lin_oauth_"),
    _tokens(
        "1password-token", "a 1Password token", r"ops_eyJ[\w-]{200,1500}", b"ops_eyJ", value=values.published,
    ),
    _tokens("postman-key", "a Postman key", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", b"PMAK-"),
    _tokens("newrelic-key", "a New Relic key", r"NRAK-[0-9A-Z]{27}", b"NRAK-"),
    _tokens(
        "doppler-token", "a Doppler token",
        r"dp\.(?:pt|st|sa|ct|scim|audit)\.(?:[\w-]{2,35}\.)?[0-9A-Za-z]{40,44}", b"dp.",
    ),
    _tokens("pulumi-token", "a Pulumi token", r"pul-[0-9a-f]{40}", b"pul-"),
    _tokens("planetscale-token", "a PlanetScale credential", r"pscale_(?:tkn|pw|oauth|pat)_[\w=.-]{32,64}", b"pscale_"),
    _tokens("replicate-token", "a Replicate token", r"r8_[0-9A-Za-z]{37}", b"r8_"),
    _tokens("supabase-token", "a Supabase token", r"sbp_[0-9a-f]{40}|sb_secret_[\w-]{22,40}", b"sbp_", b"sb_secret_"),
    _tokens("sentry-token", "a Sentry token", r"sntrys_eyJ[0-9A-Za-z+/=_-]{80,400}|sntryu_[0-9a-f]{64}", b"sntry"),
    Detector(
        "private-key", "a private key",
        Patterns.of(r"-----? ?BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-\d"),
        values.private_key, values.KEY_HEADS, spans_lines=True, needs=RUN_40, normal=values.key_material,
    ),
    Detector(
        "credential-url", "a password in an address", Patterns.of(_URL, flags=re.NOFLAG), values.address, (b"://",),
        needs=re.compile(rb"://[^\s:/?#@\"'<>]{0,100}:[^\s/?#@\"'<>]{1,200}@"),
        probe=r"""://[^\s/?#@"'<>]*:[^\s/?#@"'<>]+@""",
    ),
)  # fmt: skip
"""In order of precedence: of two that match the same text, the first names it."""
