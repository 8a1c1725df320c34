"""The one rule without a vendor: a password or key given to a name that says so."""

from tidegate.domain.secrets.assignments import credible
from tidegate.domain.secrets.checks import no_digest
from tidegate.domain.secrets.rule import SecretRule, Tier

_NAMES = (
    r"pass(?:w(?:or)?d|phrase|code|wort)|(?-i:(?<![A-Za-z])[Pp]ass|(?<=[a-z])Pass|(?<![A-Z])PASS)"
    r"|(?<![A-Za-z])(?:db|user|root|smtp|mail|ftp|admin|my|mysql|sql|pg|redis|auth|login)pass|pwd|secrets?|tokens?|credentials?"
    r"|(?:api|access|auth|private|secret|account|master|encryption|encrypt|signing|service|admin|app|client|storage)"
    r"[_.-]?keys?|salt"
)
_AFTER = r"(?:[_.-]?(?:value|string|plain|key|base|hash|prod|production|dev|live|staging|old|new|[0-9]{1,2}))?"
_BETWEEN = r"\\?[\"'`]?\]?\s{0,8}(?:=>|:=|={1,3}|:|,|\(|>|\svalue\s{0,4}=|(?<=\s))\s{0,8}\\?[rbuf]?@?"
_QUOTE = r"(?P<value>(?<=[\"'`])[^\"'`\n\\]{4,200}(?=\\?[\"'`])|(?<![\"'`])[^\s\"'`,;<>(){}&\\]{4,200})"

RULES: tuple[SecretRule, ...] = (
    SecretRule(
        "password-or-key",
        "a password or key given to a name that says so",
        "no vendor: a name, an assignment and a value that is neither word, code nor placeholder",
        (
            b"pass", b"pwd", b"secret", b"token", b"credential", b"apikey", b"api_key", b"api-key", b"api.key",
            b"accesskey", b"access_key", b"access-key", b"authkey", b"auth_key", b"auth-key", b"privatekey",
            b"private_key", b"private-key", b"accountkey", b"account_key", b"account-key", b"masterkey",
            b"master_key", b"master-key", b"encryptionkey", b"encryption_key", b"encryption-key", b"encrypt_key",
            b"signingkey", b"signing_key", b"signing-key", b"service_key", b"servicekey", b"admin_key", b"adminkey",
            b"app_key", b"appkey", b"client_key", b"clientkey", b"storage_key", b"storagekey",
        ),
        rf"(?i:{_NAMES}){_AFTER}{_BETWEEN}[\"'`]?{_QUOTE}",
        (
            'password = "K7mp<6:alnum>#<4:digits>"',
            "DB_PASSWORD=q9<10:alnum>7!",
            '"client_secret": "b7<30:hex>"',
            "api_key: 'k3<28:alnum>'",
            "<password>zX4<8:alnum>!</password>",
            "conn.setPassword(\"r8<9:alnum>?\")",
        ),
        (
            "password = get_password()",
            'password = "${DB_PASSWORD}"',
            'password: "your-password-here"',
            "token: str",
            'label_password = "Enter your password"',
            'SECRET_KEY = os.environ["SECRET_KEY"]',
            "password = config.database.password2",
            'api_key = "YOUR_API_KEY"',
            'tokenizer = "bert-base-uncased-v2"',
            "<20:alnum>",
            'secret_name = "<32:hex>"',
            'pass: "true"',
        ),
        "value",
        (credible, no_digest),
        Tier.WARN,
        True,
        "change it where it is used, and load it from the environment or a secret store",
    ),
)  # fmt: skip
