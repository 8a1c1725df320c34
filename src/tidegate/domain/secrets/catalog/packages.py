"""Tokens of package registries and build services: who holds one publishes in our name."""

from tidegate.domain.secrets import structures
from tidegate.domain.secrets.catalog.rows import A_UUID, LONG, SOLID, UUID, named, token
from tidegate.domain.secrets.checks import mixed, no_digest
from tidegate.domain.secrets.rule import SecretRule

_CIRCLE = "CircleCI docs, managing API tokens"

RULES: tuple[SecretRule, ...] = (
    token(
        "npm-token", "an npm token", "npm docs, about access tokens; GitHub blog on its checksum",
        "npm, account, access tokens", "npm_", r"npm_[0-9A-Za-z]{36}",
        structures.crc_token("npm_"), "npm_<36:alnum>", negatives=("npm_config_<26:letters>", "npm_<30:alnum>"),
        checks=(structures.apart, structures.issued, no_digest),
    ),
    token(
        "pypi-token", "a PyPI token", "PyPI help, API tokens; pypitoken's description of the macaroon",
        "PyPI, account settings, API tokens", "pypi-AgE", r"pypi-AgE[\w-]{60,600}={0,2}",
        "pypi-AgEIcHlwaS5vcmc<140:word>", "pypi-AgENdGVzdC5weXBpLm9yZw<140:word>",
        checks=LONG,
    ),
    token(
        "rubygems-key", "a RubyGems key", "RubyGems guides, API key scopes", "RubyGems, settings, API keys",
        "rubygems_", r"rubygems_[0-9a-f]{48}", "rubygems_<48:hex>",
    ),
    token(
        "crates-token", "a crates.io token", "crates.io, token prefix announced with RFC 2947's scopes",
        "crates.io, account settings, API tokens", "cio", r"cio[0-9A-Za-z]{32}", "cioA1b<29:alnum>",
        negatives=("cionfigurationofsomethinglongerthan",), checks=(*SOLID, mixed),
    ),
    token(
        "nuget-key", "a NuGet key", "Microsoft Learn, NuGet, API keys", "the NuGet gallery, account, API keys",
        "oy2", r"oy2[a-z0-9]{43}", "oy2<43:lower>", checks=SOLID,
    ),
    token(
        "clojars-token", "a Clojars deploy token", "Clojars wiki, deploy tokens", "Clojars, dashboard, deploy tokens",
        "CLOJARS_", r"CLOJARS_[0-9a-z]{60}", "CLOJARS_<60:hex>",
    ),
    token(
        "docker-token", "a Docker token", "Docker docs, access tokens", "Docker, account settings, access tokens",
        "dckr_", r"dckr_(?:pat|oat)_[\w-]{27,40}", "dckr_pat_<27:word>", "dckr_oat_<32:word>",
    ),
    token(
        "artifactory-token", "an Artifactory token", "JFrog docs, API key and reference tokens",
        "the platform's user profile, identity tokens", "AKC cmVmdGtuOj",
        r"AKC[0-9A-Za-z]{40,200}|cmVmdGtuOj[0-9A-Za-z]{54}", "AKCp8<65:alnum>", "cmVmdGtuOj<54:alnum>", checks=SOLID,
    ),
    token(
        "packagist-token", "a Private Packagist token", "Private Packagist docs, authentication tokens",
        "Private Packagist, tokens", "packagist_", r"packagist_[a-z]{2,4}_[0-9a-f]{68}", "packagist_uut_<68:hex>",
    ),
    token(
        "deno-token", "a Deno Deploy token", "Deno Deploy docs, access tokens", "Deno Deploy, account settings, tokens",
        "ddp_ ddo_ ddw_", r"dd[pow]_[0-9A-Za-z]{36}", "ddp_<36:alnum>", "ddo_<36:alnum>",
    ),
    token(
        "circleci-token", "a CircleCI token", _CIRCLE, "CircleCI, user or project settings, API tokens",
        "CCIPAT_ CCIPRJ_", r"CCIP(?:AT|RJ)_[0-9A-Za-z]{22}_[0-9a-f]{40}", "CCIPAT_<22:alnum>_<40:hex>",
    ),
    token(
        "buildkite-token", "a Buildkite token", "Buildkite docs, API access tokens", "Buildkite, API access tokens",
        "bkua_", r"bkua_[0-9a-f]{40}", "bkua_<40:hex>",
    ),
    token(
        "octopus-key", "an Octopus Deploy key", "Octopus docs, how to create an API key",
        "Octopus Deploy, profile, my API keys", "API-", r"API-(?=[A-Z]{0,24}[0-9])[A-Z0-9]{26,32}",
        "API-A1B2<26:upper>", checks=SOLID,
    ),
    token(
        "harness-token", "a Harness token", "Harness docs, manage API keys", "Harness, profile, API keys",
        "pat. sat.", r"[ps]at\.[\w-]{22}\.[0-9a-f]{24}\.[0-9A-Za-z]{20}", "pat.<22:alnum>.<24:hex>.<20:alnum>",
    ),
    token(
        "depot-token", "a Depot token", "Depot docs, authentication", "Depot, settings, tokens",
        "depot_", r"depot_(?:project|user|org)_[0-9a-f]{64}", "depot_project_<64:hex>",
    ),
    token(
        "sonar-token", "a Sonar token", "SonarSource docs, managing tokens", "Sonar, my account, security",
        "squ_ sqp_ sqa_", r"sq[upa]_[0-9a-f]{40}", "squ_<40:hex>", "sqp_<40:hex>",
    ),
    token(
        "snyk-token", "a Snyk token", "Snyk docs, authentication for API, personal and service tokens",
        "Snyk, account settings, or the group's service accounts", "snyk_uat. snyk_sat.",
        r"snyk_[us]at\.[0-9a-f]{8}\.[\w.-]{20,300}", "snyk_uat.<8:hex>.<60:word>", "snyk_sat.<8:hex>.<60:word>",
    ),
    named(
        "snyk-legacy-token", "a Snyk token", "Snyk docs, authentication for the CLI; SNYK_TOKEN",
        "Snyk, account settings, general", "snyk_token snyk_key snyk_api_token snyk_api_key snyk_api snyk_oauth_token",
        UUID, A_UUID,
    ),
    token(
        "socket-token", "a Socket token", "Socket docs, API tokens", "Socket, settings, API tokens",
        "sktsec_", r"sktsec_[\w-]{40,80}", "sktsec_<43:word>_api", "sktsec_<40:word>",
    ),
    token(
        "stackhawk-key", "a StackHawk key", "StackHawk docs, API key", "StackHawk, settings, API keys",
        "hawk.", r"hawk\.[\w-]{20}\.[\w-]{20}", "hawk.<20:alnum>.<20:alnum>",
    ),
    token(
        "terraform-token", "a Terraform token", "HashiCorp docs, API tokens", "HCP Terraform, settings, tokens",
        ".atlasv1.", r"[0-9A-Za-z]{14}\.atlasv1\.[\w=-]{60,70}", "<14:alnum>.atlasv1.<67:alnum>",
    ),
    token(
        "pulumi-token", "a Pulumi token", "Pulumi docs, access tokens", "Pulumi, personal or organisation tokens",
        "pul-", r"pul-[0-9a-f]{40}", "pul-<40:hex>",
    ),
    token(
        "prefect-key", "a Prefect key", "Prefect docs, manage API keys", "Prefect, settings, API keys",
        "pnu_ pnb_", r"pn[ub]_[0-9A-Za-z]{36}", "pnu_<36:alnum>", "pnb_<36:alnum>",
    ),
    token(
        "scalingo-token", "a Scalingo token", "Scalingo developer docs, tokens", "Scalingo, profile, tokens",
        "tk-us-", r"tk-us-[\w-]{48}", "tk-us-<48:word>",
    ),
    token(
        "readme-key", "a ReadMe key", "ReadMe docs, authentication", "ReadMe, configuration, API key",
        "rdme_", r"rdme_[a-z0-9]{70}", "rdme_<70:lower>",
    ),
    token(
        "postman-key", "a Postman key", "Postman docs, API keys and collection access keys",
        "Postman, settings, API keys", "PMAK- PMAT-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}|PMAT-[0-9A-Z]{26}",
        "PMAK-<24:hex>-<34:hex>", "PMAT-<26:upper>",
    ),
)  # fmt: skip
