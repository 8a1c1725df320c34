"""Keys of services that watch: logs, metrics, errors, analytics and flags."""

from tidegate.domain.secrets.catalog.rows import A_UUID, SOLID, UUID, named, token
from tidegate.domain.secrets.checks import varied
from tidegate.domain.secrets.rule import SecretRule, Tier

RULES: tuple[SecretRule, ...] = (
    token(
        "grafana-token", "a Grafana token", "Grafana docs, service accounts; Grafana Cloud access policies",
        "Grafana, service accounts, or Cloud access policies", "glsa_ glc_ eyJrIjoi",
        r"glsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}|glc_eyJ[0-9A-Za-z+/]{32,400}={0,3}|eyJrIjoi[0-9A-Za-z+/]{70,300}={0,2}",
        "glsa_<32:alnum>_<8:hex>", "glc_eyJ<140:alnum>=", "eyJrIjoi<90:alnum>=",
    ),
    token(
        "newrelic-key", "a New Relic key", "New Relic docs, API keys", "New Relic, API keys",
        "NRAK- NRII- NRAL", r"NRAK-[0-9A-Z]{27}|NRII-[\w-]{32}|[0-9a-f]{36}NRAL",
        "NRAK-<27:upper>", "NRII-<32:word>",
    ),
    named(
        "datadog-key", "a Datadog key", "Datadog docs, API and application keys; the agent's environment variables",
        "Datadog, organization settings, API keys or application keys",
        "dd_api_key dd_app_key dd_application_key datadog_api_key datadog_app_key datadog_application_key",
        r"[0-9a-f]{40}|[0-9a-f]{32}", "<32:hex>", checks=(*SOLID, varied),
    ),
    token(
        "sentry-token", "a Sentry token", "Sentry docs, auth tokens", "Sentry, settings, auth tokens",
        "sntrys_ sntryu_", r"sntrys_eyJ[0-9A-Za-z+/]{80,400}={0,2}_[0-9A-Za-z+/]{43}|sntryu_[0-9a-f]{64}",
        "sntryu_<64:hex>", "sntrys_eyJ<160:alnum>_<43:alnum>",
    ),
    token(
        "dynatrace-token", "a Dynatrace token", "Dynatrace docs, token format", "Dynatrace, access tokens",
        "dt0c01. dt0s01. dt0s02. dt0s03. dt0s04. dt0s08. dt0s16.", r"dt0[cs]\d\d\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}",
        "dt0c01.<24:base32>.<64:base32>",
    ),
    token(
        "honeycomb-key", "a Honeycomb key", "Honeycomb docs, API keys", "Honeycomb, environment settings, API keys",
        "hcaik_ hcbik_ hcxik_ hcamk_", r"hc(?:[abx]ik|amk)_[0-9a-z]{58}", "hcaik_<58:lower>",
    ),
    token(
        "logfire-token", "a Logfire token", "Pydantic Logfire docs, write and read tokens", "Logfire, project settings",
        "pylf_v", r"pylf_v\d{1,2}_[a-z]{2,10}_[0-9A-Za-z]{40,50}", "pylf_v1_us_<43:alnum>",
    ),
    token(
        "axiom-token", "an Axiom token", "Axiom docs, API tokens", "Axiom, settings, API tokens",
        "xaat- xapt-", rf"xa[ap]t-{UUID}", f"xaat-{A_UUID}",
    ),
    token(
        "posthog-key", "a PostHog personal key", "PostHog docs, API", "PostHog, settings, personal API keys",
        "phx_", r"phx_[0-9A-Za-z]{40,60}", "phx_<43:alnum>",
    ),
    token(
        "segment-token", "a Segment token", "Segment docs, public API tokens", "Segment, workspace settings, tokens",
        "sgp_", r"sgp_[0-9A-Za-z]{64}", "sgp_<64:alnum>",
    ),
    token(
        "launchdarkly-key", "a LaunchDarkly SDK key", "LaunchDarkly docs, keys",
        "LaunchDarkly, environments, reset key",
        "sdk- api-", rf"(?:sdk|api)-{UUID}", f"sdk-{A_UUID}", f"api-{A_UUID}", tier=Tier.WARN,
    ),
    token(
        "elastic-key", "an Elastic Cloud key", "Elastic docs, cloud API keys", "Elastic Cloud, organization, API keys",
        "essu_", r"essu_[0-9A-Za-z+/]{50,200}={0,2}", "essu_<90:alnum>==",
    ),
    token(
        "rootly-key", "a Rootly key", "Rootly docs, API keys", "Rootly, organization settings, API keys",
        "rootly_", r"rootly_[0-9a-f]{64}", "rootly_<64:hex>",
    ),
    token(
        "coralogix-key", "a Coralogix key", "Coralogix docs, API keys", "Coralogix, settings, API keys",
        "cxtp_ cxup_", r"cx[tu]p_[0-9A-Za-z]{30}", "cxtp_<30:alnum>",
    ),
    named(
        "pagerduty-key", "a PagerDuty key", "PagerDuty docs, REST API keys, events routing keys",
        "PagerDuty, integrations, API access keys",
        "pagerduty_api_key pagerduty_token pagerduty_routing_key pagerduty_service_key pagerduty_integration_key",
        r"[0-9a-f]{32}|[\w+-]{20}", "<32:hex>", checks=(*SOLID, varied),
    ),
    named(
        "opsgenie-key", "an Opsgenie key", "Atlassian support, Opsgenie API keys", "Opsgenie, settings, API keys",
        "opsgenie_api_key opsgenie_key", UUID, A_UUID,
    ),
    named(
        "codecov-token", "a Codecov token", "Codecov docs, repository upload token", "Codecov, settings, regenerate",
        "codecov_token", UUID, A_UUID,
    ),
    named(
        "algolia-key", "an Algolia admin key", "Algolia docs, API keys", "Algolia, settings, API keys",
        "algolia_admin_key algolia_admin_api_key algolia_api_key algolia_write_key", r"[0-9a-f]{32}", "<32:hex>",
        checks=(*SOLID, varied),
    ),
)  # fmt: skip
