"""Credentials of databases and of stores of secrets, and keys that stand in files of their own."""

import random

from tidegate.domain.secrets import structures
from tidegate.domain.secrets.catalog.rows import IS, LONG, SOLID, TOKEN, named, token
from tidegate.domain.secrets.checks import digit, no_digest, unpublished
from tidegate.domain.secrets.rule import SecretRule, Tier

_BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


def _identity(rng: random.Random) -> str:
    return "AGE-SECRET-KEY" + "-1" + "".join(rng.choice(_BECH32) for _ in range(58))


RULES: tuple[SecretRule, ...] = (
    token(
        "databricks-token", "a Databricks token", "Databricks docs, personal access tokens and OAuth secrets",
        "Databricks, settings, developer, access tokens", "dapi dose",
        r"dapi(?:[0-9a-f]{32}|[0-9A-F]{32})(?:-\d)?|dose[0-9a-f]{32}", "dapi<32:hex>", "dapi<32:hex>-2", "dose<32:hex>",
    ),
    token(
        "planetscale-token", "a PlanetScale credential", "PlanetScale docs, service tokens and passwords",
        "PlanetScale, settings, passwords or service tokens", "pscale_",
        r"pscale_(?:tkn|pw|oauth|pat)_[\w=.-]{32,64}", "pscale_tkn_<43:word>", "pscale_pw_<43:word>",
    ),
    token(
        "neon-credential", "a Neon key or password", "Neon docs, API keys and roles", "Neon console, API keys or roles",
        "napi_ npg_", r"napi_[a-z0-9]{60,68}|npg_[0-9A-Za-z]{12,16}", "napi_<64:lower>", "npg_A1b<9:alnum>",
        checks=(*TOKEN, digit),
    ),
    token(
        "supabase-token", "a Supabase token", "Supabase docs, access tokens and secret keys",
        "Supabase, account, access tokens, or project settings, API keys", "sbp_ sb_secret_",
        r"sbp_(?:oauth_)?[0-9a-f]{40}|sb_secret_[\w-]{22,40}", "sbp_<40:hex>", "sb_secret_<31:word>",
    ),
    token(
        "aiven-password", "an Aiven password", "Aiven docs, service users", "Aiven console, the service's users, reset",
        "AVNS_", r"AVNS_[\w-]{17,20}", "AVNS_<19:word>",
    ),
    token(
        "cockroach-key", "a CockroachDB Cloud key", "CockroachDB docs, service accounts",
        "CockroachDB Cloud, access management",
        "CCDB1_", r"CCDB1_[0-9A-Za-z]{22}_[0-9A-Za-z]{40}", "CCDB1_<22:alnum>_<40:alnum>",
    ),
    token(
        "confluent-secret", "a Confluent Cloud secret", "Confluent docs, API keys, secret format",
        "Confluent Cloud, API keys",
        "cflt", r"cflt[0-9A-Za-z+/]{60}", "cflt<60:base64>", checks=SOLID,
    ),
    token(
        "tinybird-token", "a Tinybird token", "Tinybird docs, tokens", "Tinybird, tokens, refresh",
        "p.eyJ", r"p\.eyJ[\w-]{20,300}\.[\w-]{43}", "p.eyJ<60:alnum>.<43:word>",
    ),
    token(
        "vault-token", "a Vault token", "HashiCorp docs, Vault tokens, prefixes", "Vault: `vault token revoke`",
        "hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{24,300}", "hvs.<90:word>", "hvb.<140:word>",
    ),
    token(
        "doppler-token", "a Doppler token", "Doppler docs, token formats", "Doppler, access, or tokens",
        "dp.pt. dp.st. dp.sa. dp.ct. dp.scim. dp.audit.",
        r"dp\.(?:pt|st|sa|ct|scim|audit)\.(?:[\w-]{2,35}\.)?[0-9A-Za-z]{40,44}", "dp.pt.<43:alnum>",
        "dp.st.prd.<43:alnum>",
    ),
    token(
        "1password-token", "a 1Password service account token", "1Password docs, service accounts",
        "1Password, developer, service accounts", "ops_eyJ", r"ops_eyJ[\w-]{200,1500}={0,2}", "ops_eyJ<400:alnum>",
        checks=LONG,
    ),
    token(
        "1password-secret-key", "a 1Password secret key", "1Password support, secret key",
        "1Password, my profile, regenerate",
        "A3-", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
        "A3-<6:upper>-<6:upper>-<5:upper>-<5:upper>-<5:upper>-<5:upper>", checks=(*TOKEN, digit),
    ),
    token(
        "age-key", "an age key", "age specification, identities", "nowhere: encrypt anew for a new identity",
        "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
        _identity, negatives=("AGE-SECRET-KEY-1<30:upper>",),
    ),
    token(
        "minisign-key", "a minisign or signify secret key", "minisign and OpenBSD signify, key format",
        "nowhere: publish a new public key", "RWRTY0Iy RWRCS", r"RWRTY0Iy[0-9A-Za-z+/]{204}|RWRCS[0-9A-Za-z+/]{131}",
        "RWRTY0Iy<204:base64>", checks=LONG,
    ),
    token(
        "nats-seed", "a NATS seed", "NATS docs, NKeys", "the account's JWT: a new key, the old one revoked",
        "SUA SAA SOA SNA SCA SXA", r"S[UAONCX]A[A-Z2-7]{55}", structures.nats_seed, negatives=("SUA<55:base32>",),
        checks=(*SOLID, structures.nats_crc),
    ),
    token(
        "nats-seed-doubtful", "a NATS seed whose checksum does not fit", "NATS docs, NKeys",
        "the account's JWT: a new key, the old one revoked", "SUA SAA SOA SNA SCA SXA", r"S[UAONCX]A[A-Z2-7]{55}",
        "SUAB2<53:base32>", "SOAC3<53:base32>", "SAAD4<53:base32>", checks=(*SOLID, digit), tier=Tier.WARN,
    ),
    token(
        "bare-private-key", "a private key without its header", "RFC 5208 and RFC 8017, DER in base64",
        "the issuer of its certificate, or wherever its public half is trusted",
        "BADANBgkqhkiG9w0BAQEFAASC BMGByqGSM49AgEGCCqGSM49AwEHBG0w BAAKCAQEA BAAKCAgEA BAAKBgQ",
        r"(?<![\n0-9A-Za-z+/])MII[A-Za-z0-9+/]{3,5}(?:BADANBgkqhkiG9w0BAQEFAASC|BAAK(?:CAQEA|CAgEA|BgQ))"
        r"[0-9A-Za-z+/]{200,1900}={0,2}"
        r"|(?<![0-9A-Za-z+/])MIG[A-Za-z0-9+/]{5}MBMGByqGSM49AgEGCCqGSM49AwEHBG0w[0-9A-Za-z+/]{120,160}={0,2}",
        'key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC<400:base64>"', 'k: "MIIEpAIBAAKCAQEA<400:base64>"',
        "key=MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0w<140:base64>",
        checks=(unpublished, structures.unfilled, no_digest),
        negatives=("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A<300:base64>",),
        inside=True,
    ),
    token(
        "wireguard-key", "a WireGuard key", "WireGuard, wg(8), configuration file", "the peers: a new key pair",
        "privatekey presharedkey", rf"(?i:(?:private|preshared)key){IS}([0-9A-Za-z+/]{{42}}[AEIMQUYcgkosw048]=)",
        "PrivateKey = <42:base64>A=", group=1, checks=SOLID, fold=True,
    ),
    token(
        "otp-secret", "a one-time password's secret", "Google Authenticator wiki, key URI format",
        "the account: enrol anew",
        "otpauth://", r"otpauth://[th]otp/[^\s\"'<>]{0,300}?[?&]secret=([A-Za-z2-7]{16,128})(?![0-9A-Za-z])",
        "otpauth://totp/acme:me?secret=<32:base32>&issuer=acme", group=1,
        negatives=("otpauth://totp/x?secret=" + "JBSWY3DP" + "EHPK3PXP",), checks=(*TOKEN, structures.no_hello),
    ),
    token(
        "encoded-private-key", "a private key in base64", "RFC 7468, and Kubernetes' client-key-data",
        "its certificate's issuer",
        "LS0tLS1CRUdJTi", r"LS0tLS1CRUdJTi[0-9A-Za-z+/]{100,2000}", structures.encoded_key,
        negatives=(structures.encoded_certificate,), checks=(structures.solid, structures.holds(b"PRIVATE KEY-----")),
    ),
    named(
        "influxdb-token", "an InfluxDB token", "InfluxDB docs, API tokens", "InfluxDB, load data, API tokens",
        "influx_token influxdb_token influx_api_token influxdb_admin_token", r"[\w-]{86}==", "<86:word>==",
    ),
)  # fmt: skip
