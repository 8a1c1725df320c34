"""Credentials of databases and of stores of secrets, and keys that stand in files of their own."""

import random

from tidegate.domain.secrets import structures
from tidegate.domain.secrets.catalog.rows import IS, LONG, SOLID, START, TOKEN, named, token
from tidegate.domain.secrets.checks import digit, no_digest, real, unpublished, varied
from tidegate.domain.secrets.rule import SecretRule, sample

_HEADER = r"(?i:authorization)[\"'`\]]{0,2}\s{0,4}[:=,]\s{0,4}[\"'`]?"

_BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


def _identity(rng: random.Random) -> str:
    return "AGE-SECRET-KEY" + "-1" + "".join(rng.choice(_BECH32) for _ in range(58))


RULES: tuple[SecretRule, ...] = (
    token(
        "databricks-token", "a Databricks token", "Databricks docs, personal access tokens and OAuth secrets",
        "Databricks, settings, developer, access tokens", "dapi dose",
        r"dapi[0-9a-f]{32}(?:-\d)?|dose[0-9a-f]{32}", "dapi<32:hex>", "dapi<32:hex>-2", "dose<32:hex>",
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
    token(
        "docker-auth", "a registry's user and password", "Docker docs, docker login, config.json",
        "the registry: a new password",
        '"auth"', r'"auth"\s{0,8}:\s{0,8}"([0-9A-Za-z+/]{12,800}={0,2})"',
        lambda rng: '{"auths": {"x": {"auth": "' + structures.encoded_pair(rng) + '"}}}', group=1,
        negatives=('"auth": "<32:letters>"', '"auth": "$' + '{AUTH}"'), checks=(real, structures.user_and_password),
    ),
    token(
        "npm-registry-auth", "a registry's user and password", "npm docs, npmrc, auth settings",
        "the registry: a new password",
        "_auth", r"(?<![0-9A-Za-z_])_auth\s{0,4}=\s{0,4}[\"']?([0-9A-Za-z+/]{12,800}={0,2})",
        lambda rng: "//registry.example/:_auth=" + structures.encoded_pair(rng), group=1,
        negatives=("_auth=<32:letters>", "_auth=$" + "{NPM_AUTH}"), checks=(real, structures.user_and_password),
    ),
    token(
        "netrc-password", "a password in a netrc line", "curl docs, netrc", "the machine named there: a new password",
        "machine", START + r"machine\s{1,8}\S{1,120}\s{1,8}login\s{1,8}\S{1,120}\s{1,8}password\s{1,8}(\S{4,200})",
        "machine git.internal.org login deploy password <16:alnum>", group=1,
        checks=(real, structures.no_common),
    ),
    token(
        "curl-password", "a user and password on a command line", "curl manual, option -u",
        "the service: a new password",
        "curl", START + r"curl\s(?:[^\n]{0,400}?\s)?(?:-u\s{0,4}|--user[\s=]\s{0,4})[\"']?[^\s:\"'$]{0,80}:"
        r"([^\s\"'`<>{}|]{6,100})", "curl -s -u deploy:<16:alnum> https://x",
        "curl --user 'deploy:<10:alnum>!' https://x", group=1,
        negatives=("curl -u user:password https://x",
            "curl -u $" + "{U}:$" + "{P} https://x", "curl -u me:$" + "TOKEN x"),
        checks=(real, structures.no_common),
    ),
    token(
        "sql-password", "a password in a statement", "MySQL and Oracle docs, CREATE USER", "the database's role",
        "identified", r"(?i:identified(?:\s{1,4}with\s{1,4}\w{1,40})?\s{1,4}by)\s{1,4}[\"']([^\s\"'`<>$]{6,100})[\"']",
        "CREATE USER app IDENTIFIED BY '<14:alnum>'", group=1, fold=True,
        negatives=("IDENTIFIED BY 'password'", "identified by '$" + "{PW}'"), checks=(real, structures.no_common),
    ),
    token(
        "pgpass-password", "a password in a pgpass line", "PostgreSQL docs, the password file", "the database's role",
        ":5432:", START + r"[\w.*-]{1,100}:5432:[^\s:]{1,60}:[^\s:]{1,60}:([^\s:\"'$<{]{4,100})(?![^\s\"'\\])",
        "db.internal.org:5432:main:app:<12:alnum>", group=1, checks=(real,),
    ),
    token(
        "git-credentials-password", "a password in an address", "Git docs, git-credential-store",
        "the host named there",
        "://", r"https?://[\w.+-]{1,60}(?:@|%40)[\w.-]{1,80}:([^\s/\"'<>`$]{4,200})@[\w.-]{1,200}",
        lambda rng: "https://me@mail" + ".org:" + sample("<14:alnum>", rng.randrange(1000)) + "@git.internal.org",
        negatives=("https://me@mail.org:password" + "@git.internal.org", "https://mail.org/@scope/x:1@2"), group=1,
        checks=(real, structures.no_common),
    ),
    token(
        "filezilla-password", "a password saved by FileZilla", "FileZilla wiki, its files",
        "the server named there",
        '<Pass encoding="base64">', r'<Pass encoding="base64">([0-9A-Za-z+/]{6,400}={0,2})</Pass>',
        '<Pass encoding="base64"><24:base64></Pass>', group=1, checks=(unpublished, structures.unfilled),
        negatives=('<Pass encoding="base64"></Pass>',),
    ),
    token(
        "firefox-login", "a login saved by Firefox", "Mozilla support, profiles, logins.json",
        "the site named there",
        '"encryptedPassword"', r'"encryptedPassword"\s{0,4}:\s{0,4}"(M[0-9A-Za-z+/]{50,400}={0,2})"',
        '"encryptedPassword":"MDoEE<76:alnum>"', group=1, checks=(unpublished, varied),
    ),
    named(
        "influxdb-token", "an InfluxDB token", "InfluxDB docs, API tokens", "InfluxDB, load data, API tokens",
        "influx_token influxdb_token influx_api_token influxdb_admin_token", r"[\w-]{86}==", "<86:word>==",
    ),
    token(
        "password-hash", "a password's hash", "crypt(5); Apache docs, password formats", "the account: a new password",
        ":$1$ :$2a$ :$2b$ :$2y$ :$5$ :$6$ :$y$ :$apr1$",
        START + r"[A-Za-z_][\w.@-]{0,60}:(\$(?:apr1|1|5|6)\$(?:rounds=\d{1,9}\$)?[\w./]{1,16}\$[\w./]{22,86}"
        r"|\$2[aby]\$\d\d\$[\w./]{53}|\$y\$[\w./]{1,5}\$[\w./]{1,86}\$[\w./]{43})",
        "root:$6$<16:alnum>$<86:alnum>:19000:0:99999:7:::", "admin:$apr1$<8:alnum>$<22:alnum>", group=1,
        checks=(real,),
    ),
    token(
        "authorization-header", "a credential in an Authorization header", "RFC 6750",
        "the service: a new token",
        "authorization", _HEADER + r"(?i:bearer|token)\s{1,4}([\w.~+/-]{24,1500}={0,2})",
        "Authorization: Bearer aB3<40:alnum>", '"authorization": "token aB3<40:alnum>"', group=1,
        negatives=("Authorization: Bearer $" + "{SOME_TOKEN_OF_THE_ENVIRONMENT}",), fold=True,
        checks=(real, no_digest, structures.random_looking),
    ),
    token(
        "basic-auth-header", "a user and password in an Authorization header", "RFC 7617",
        "the service: a new password",
        "authorization", _HEADER + r"(?i:basic)\s{1,4}([0-9A-Za-z+/]{12,400}={0,2})",
        lambda rng: "Authorization: Basic " + structures.encoded_pair(rng), group=1, fold=True,
        negatives=("Authorization: Basic <32:letters>", "Authorization: Basic $" + "{PAIR}"),
        checks=(real, structures.user_and_password),
    ),
)  # fmt: skip
