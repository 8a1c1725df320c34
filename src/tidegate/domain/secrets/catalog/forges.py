"""Tokens of code hosts: where the sources and the releases are."""

import random
from collections.abc import Callable

from tidegate.domain.secrets import structures
from tidegate.domain.secrets.catalog.rows import A_UUID, TELLING, TOKEN, UUID, named, token
from tidegate.domain.secrets.checks import no_digest
from tidegate.domain.secrets.rule import SecretRule, sample

_ISSUED = (structures.issued, no_digest)
_GITHUB = "GitHub docs, authenticating, token formats"
_GITLAB = "GitLab docs, security, token overview, prefixes"
_ATLASSIAN = "Atlassian support, API tokens and access tokens"
_TAIL = r"[\w-]{20,300}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?"


def _app_token(rng: random.Random) -> str:
    seed = rng.randrange(1000)
    return "ghs" + "_" + sample("<6:digits>_", seed) + "eyJ" + sample("<30:alnum>.<60:alnum>.<43:word>", seed)


def _conduit(prefix: str) -> Callable[[random.Random], str]:
    return lambda rng: prefix + "a2" + sample("<26:base32>", rng.randrange(1000)).lower()


RULES: tuple[SecretRule, ...] = (
    token(
        "github-token", "a GitHub token", _GITHUB,
        "GitHub, settings, developer settings (an app's or action's token: the app, or wait for its end)",
        "ghp_ gho_ ghu_ ghs_ ghr_",
        r"gh[pousr]_(?:[0-9A-Za-z]{1,40}_?eyJ[\w-]{10,600}\.[\w-]{10,900}\.[\w-]{10,600}|[0-9A-Za-z_]{36,255})",
        structures.crc_token("ghp_"), structures.crc_token("gho_"), structures.crc_token("ghs_"), "ghu_<36:alnum>",
        "ghr_<76:alnum>", _app_token, negatives=("ghp_<20:alnum>",), inside=True, checks=_ISSUED,
    ),
    token(
        "github-fine-grained-token", "a fine-grained GitHub token", _GITHUB, "GitHub, settings, developer settings",
        "github_pat_", r"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}", "github_pat_<22:alnum>_<59:alnum>",
        inside=True, checks=TELLING,
    ),
    token(
        "gitlab-token", "a GitLab token", _GITLAB, "GitLab, the user's, group's or project's settings, access tokens",
        "glpat-", rf"glpat-{_TAIL}", "glpat-<20:word>", lambda rng: sample("glpat-<27:word>.01.<9:lower>",
        rng.randrange(1000)), inside=True, checks=TELLING,
    ),
    token(
        "gitlab-oauth-secret", "a GitLab OAuth application secret", _GITLAB, "GitLab, applications, renew secret",
        "gloas-", r"gloas-[\w-]{40,100}", "gloas-<64:hex>",
    ),
    token(
        "gitlab-deploy-token", "a GitLab deploy token", _GITLAB, "GitLab, settings, repository, deploy tokens",
        "gldt-", rf"gldt-{_TAIL}", "gldt-<20:word>",
    ),
    token(
        "gitlab-runner-token", "a GitLab runner token", _GITLAB, "GitLab, settings, CI/CD, runners",
        "glrt- glrtr- GR1348941", rf"glrtr?-{_TAIL}|GR1348941[\w-]{{20,50}}",
        "glrt-<20:word>", "glrt-t3_<20:word>", "GR1348941<20:word>",
    ),
    token(
        "gitlab-job-token", "a GitLab job token", _GITLAB, "GitLab (cancel the job: the token ends with it)",
        "glcbt-", rf"glcbt-(?:[0-9a-zA-Z]{{1,5}}_)?{_TAIL}", "glcbt-64_<20:word>",
    ),
    token(
        "gitlab-trigger-token", "a GitLab pipeline trigger token", _GITLAB,
        "GitLab, settings, CI/CD, pipeline trigger tokens", "glptt-", r"glptt-[\w-]{20,100}", "glptt-<40:hex>",
    ),
    token(
        "gitlab-feed-token", "a GitLab feed or incoming mail token", _GITLAB, "GitLab, preferences, access tokens",
        "glft- glimt-", r"gl(?:f|im)t-[\w-]{20,100}", "glft-<20:word>", "glimt-<25:word>",
    ),
    token(
        "gitlab-agent-token", "a GitLab agent or workspace token", _GITLAB,
        "GitLab, operate, Kubernetes clusters, the agent", "glagent- glwt-",
        r"gl(?:agent|wt)-[\w-]{20,100}", "glagent-<50:word>", "glwt-<20:word>",
    ),
    token(
        "gitlab-scim-token", "a GitLab SCIM token", _GITLAB, "GitLab, the group's settings, SAML SSO",
        "glsoat-", r"glsoat-[\w-]{20,100}", "glsoat-<20:word>",
    ),
    token(
        "gitlab-feature-flag-token", "a GitLab feature flag token", _GITLAB, "GitLab, deploy, feature flags, configure",
        "glffct-", r"glffct-[\w-]{20,100}", "glffct-<20:word>",
    ),
    token(
        "atlassian-token", "an Atlassian API token", _ATLASSIAN, "Atlassian, account, security, API tokens",
        "ATATT3", r"ATATT3[\w=-]{100,220}=[0-9A-F]{8}", "ATATT3xFfGF0<171:word>=<8:HEX>",
    ),
    token(
        "bitbucket-token", "a Bitbucket access token", _ATLASSIAN,
        "Bitbucket, the repository's settings, access tokens",
        "ATCTT3", r"ATCTT3[\w=-]{100,220}=[0-9A-F]{8}", "ATCTT3xFfGN0<171:word>=<8:HEX>",
    ),
    token(
        "bitbucket-password", "a Bitbucket app password", _ATLASSIAN, "Bitbucket, personal settings, app passwords",
        "ATBB", r"ATBB[0-9A-Za-z]{24}[0-9A-F]{8}", "ATBB<24:alnum><8:HEX>", checks=(structures.solid, *TOKEN[1:]),
    ),
    token(
        "trello-token", "a Trello token", "Atlassian developer docs, Trello, authorization",
        "Trello, account settings, applications", "ATTA", r"ATTA[0-9a-f]{64}[0-9A-F]{8}", "ATTA<64:hex><8:HEX>",
    ),
    token(
        "azure-devops-token", "an Azure DevOps token", "Microsoft Learn, Azure DevOps, personal access tokens, format",
        "Azure DevOps, user settings, personal access tokens", "AZDO",
        r"[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4}", "<76:alnum>AZDO<4:alnum>", checks=(structures.solid, *TOKEN[1:]),
    ),
    token(
        "sourcegraph-token", "a Sourcegraph token", "Sourcegraph docs, access tokens",
        "Sourcegraph, settings, access tokens", "sgp_", r"sgp_(?:[0-9A-Fa-f]{16}_|local_)?[0-9A-Fa-f]{40}",
        "sgp_<40:hex>", "sgp_<16:hex>_<40:hex>",
    ),
    named(
        "sourcegraph-legacy-token", "a Sourcegraph token", "Sourcegraph docs, access tokens; SRC_ACCESS_TOKEN",
        "Sourcegraph, settings, access tokens", "sourcegraph sourcegraph_token src_access_token",
        r"[0-9A-Fa-f]{40}", "<40:hex>",
    ),
    token(
        "jetbrains-token", "a JetBrains token", "JetBrains docs, YouTrack and Hub, permanent tokens",
        "the profile, account security, tokens", "perm: perm-",
        r"perm[:-][0-9A-Za-z+/]{4,80}={0,2}\.[0-9A-Za-z+/-]{4,80}={0,2}\.[0-9A-Za-z]{30}",
        "perm:<12:alnum>.<12:alnum>.<30:alnum>",
    ),
    token(
        "phabricator-token", "a Phabricator API token", "Phabricator user guide, Conduit",
        "the installation's settings, Conduit API tokens", "api- cli-",
        r"(?:api|cli)-(?=[a-z]{0,27}[2-7])(?=[2-7]{0,27}[a-z])[a-z2-7]{28}", _conduit("cli-"), _conduit("api-"),
    ),
    token(
        "openvsx-token", "an Open VSX token", "Open VSX wiki, publishing extensions",
        "open-vsx.org, settings, access tokens", "ovsxat_ ovsxp_", rf"ovsx(?:at|p)_{UUID}", f"ovsxat_{A_UUID}",
    ),
)  # fmt: skip
