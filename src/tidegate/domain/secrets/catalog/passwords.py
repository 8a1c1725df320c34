"""Passwords where tools keep them: in files of their own, in headers, in dumps."""

import re

from tidegate.domain.secrets import structures
from tidegate.domain.secrets.catalog.rows import START, token
from tidegate.domain.secrets.checks import no_digest, real, unpublished, varied
from tidegate.domain.secrets.detector import Span
from tidegate.domain.secrets.guesses import given
from tidegate.domain.secrets.placeholders import is_nowhere
from tidegate.domain.secrets.rule import SecretRule, Tier, sample


def _elsewhere(text: str, span: Span) -> bool:
    """The host behind the password is none of documentation's."""
    host = re.match(r"@([\w.-]{1,200})", text[span[1] :])
    return host is None or not is_nowhere(host[1])


RULES: tuple[SecretRule, ...] = (
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
        "machine",
        START + r"machine\s{1,8}\S{1,120}\s{1,8}login\s{1,8}\S{1,120}\s{1,8}password\s{1,8}([^\s\"']{4,200})",
        "machine git.internal.org login deploy password <16:alnum>", group=1,
        checks=(real, given), negatives=("machine HOST login USER password PASSWORD",),
    ),
    token(
        "pgpass-password", "a password in a pgpass line", "PostgreSQL docs, the password file", "the database's role",
        ":5432:",
        START + r"[\w.*-]{1,100}:5432:[^\s:]{1,60}:[^\s:]{1,60}:([^\s:\"'$<{][^\s:\"'<{]{3,99})(?![^\s\"'\\])",
        "db.internal.org:5432:main:app:<12:alnum>", group=1, checks=(real,),
    ),
    token(
        "git-credentials-password", "a password in an address", "Git docs, git-credential-store",
        "the host named there",
        "://", r"https?://[\w.+-]{1,60}(?:@|%40)[\w.-]{1,80}:([^\s/\"'<>`$]{4,200})@[\w.-]{1,200}",
        lambda rng: "https://me@mail" + ".org:" + sample("<14:alnum>", rng.randrange(1000)) + "@git.internal.org",
        negatives=("https://me@mail.org:password" + "@git.internal.org", "https://mail.org/@scope/x:1@2"), group=1,
        checks=(real, structures.no_common, _elsewhere),
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
        "the service it is for",
        "authorization bearer",
        r"(?i:authorization[\"'`\]]{0,2}\s{0,4}[:=,]\s{0,4}[\"'`]?(?:bearer|token)\s{1,4}|[\"'`]bearer\s{1,2})"
        r"([\w.~+/-]{24,1500}={0,2})",
        "Authorization: Bearer aB3<40:alnum>", '"authorization": "token aB3<40:alnum>"', group=1,
        negatives=("Authorization: Bearer $" + "{SOME_TOKEN_OF_THE_ENVIRONMENT}",), fold=True,
        checks=(real, no_digest, structures.random_looking),
    ),
    token(
        "basic-auth-header", "a user and password in an Authorization header", "RFC 7617",
        "the service it is for",
        "authorization basic",
        r"(?i:authorization[\"'`\]]{0,2}\s{0,4}[:=,]\s{0,4}[\"'`]?basic\s{1,4}|[\"'`]basic\s{1,2})"
        r"([0-9A-Za-z+/]{12,400}={0,2})",
        lambda rng: "Authorization: Basic " + structures.encoded_pair(rng), group=1, fold=True,
        negatives=("Authorization: Basic <32:letters>", "Authorization: Basic $" + "{PAIR}"),
        checks=(real, structures.used_pair),
    ),
    token(
        "wordpress-salt", "a WordPress key or salt", "WordPress docs, editing wp-config.php, security keys", "",
        "AUTH_KEY' AUTH_SALT' LOGGED_IN_KEY' LOGGED_IN_SALT' NONCE_KEY' NONCE_SALT'",
        r"define\(\s{0,2}'(?:(?:SECURE_)?AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)',\s{0,16}'([^'\n]{50,90})'",
        "define('AUTH_KEY',         '<40:alnum>|+ <22:alnum>');", "define( 'NONCE_SALT', '<64:alnum>' );", group=1,
        negatives=("define('AUTH_KEY', 'put your unique phrase here');",), checks=(real, varied),
        mend="change it in wp-config.php: a new one ends every session; keep it out of the repository",
    ),
    token(
        "dumped-hash", "a password's hash in a dump", "bcrypt in the rows of MySQL's and PostgreSQL's dumps",
        "the account: a new password", "'$2a$ '$2b$ '$2y$ \t$2a$ \t$2b$ \t$2y$",
        r"(?:(?:(?:^|\n)\s{0,8}|(?i:values)\s{0,4})\([^\n]{1,600}?[,(]\s{0,2}'|(?:^|\n)[^\n'\"=]{1,300}?\t)"
        r"(\$2[aby]\$\d\d\$[\w./]{53})(?=['\s]|$)",
        "(1, 'mike', '$2y$12$<53:alnum>', 1),", "INSERT INTO u VALUES (1,'$2b$10$<53:alnum>');",
        "1\tmike\t$2a$10$<53:alnum>\tt", group=1, tier=Tier.WARN, checks=(real,),
        negatives=("hash = '$2y$12$<53:alnum>'", "verify('x', '$2b$12$<53:alnum>')"),
    ),
)  # fmt: skip
