"""The rules without a vendor: a password or key given to a name that says so."""

from tidegate.domain.secrets.assignments import credible, credible_below
from tidegate.domain.secrets.checks import no_digest
from tidegate.domain.secrets.rule import SecretRule, Tier

_NAMES = (
    r"pass(?:w(?:or)?[dt]|[_-]word|phrase|code|wort)|(?-i:(?<![A-Za-z])[Pp]ass|(?<=[a-z])Pass|(?<![A-Z])PASS)"
    r"|(?<![A-Za-z])(?:db|user|root|smtp|mail|ftp|admin|my|mysql|sql|pg|redis|auth|login"
    r"|require|store|key|cert|conn|ldap|bind|ssh|web|new|old)pass|pwd|pswd|psw|(?<![A-Za-z])pw"
    r"|(?<![A-Za-z])(?:root|bind|user|admin|db|ldap|smtp|mail|ftp|ssh|my)pw|(?-i:(?<=[a-z])Pw(?![a-z]))|masterauth"
    r"|senha|kennwort|contrasena|wachtwoord|secrets?|tokens?|credentials?|creds|(?<![a-z])auth|(?-i:(?<=[a-z])Auth)"
    r"|authorization|(?<=[_.-])api"
    r"|(?:api|access|auth|private|secret|account|master|(?:en|de)crypt(?:ion)?|crypto?|cipher|sign(?:ing|ature)?|service"
    r"|admin|app|application|client|storage|consumer|shared|license|session|cookie|jwt|hmac|aes|des|security|deploy"
    r"|subscription|maps|bot|server|webhook|write|user|developer|integration|hash)[_.-]?keys?"
    r"|(?:(?<![A-Za-z])keys?|(?-i:(?<=[a-z])Keys?))"
    r"(?=[\"'\]]{0,2}\s{0,4}(?:=>|:=|[:=,(])\s{0,4}[\"'][0-9A-Za-z+/=_-]{20,200}[\"'])"
)
_AFTER = (
    r"(?:[_.-]?(?:value|string|text|plain|key|base|prod|production|dev|development|live|staging|test|old|new|default"
    r"|[0-9]{1,2}))?"
)
_TYPE = (
    r"(?:\s{0,2}:?\s{0,2}[&?*]?(?:'static\s)?"
    r"(?:[Ss]tring|str|CharSequence|any|Optional\[str\]|SecretStr)(?!::|\w)[?\[\]]{0,2})?"
)
_OP = (
    r"(?P<op>\s{0,8}(?:=>|\|(?=\s)|\?\?=?|\|\|=?|[=!]={1,2}|:{0,3}=|\?:|\?=|:-|::?|=|(?<=[\"'`]),(?:\s{0,4}default\s{0,2}=)?|\(|>|\.equals(?:IgnoreCase)?\("
    r"|(?<=\s)(?:value|default|or|eq|is)\s{0,4}=?(?=\s{0,4}[\"'])|(?<=\s))\s{0,8})"
)
_WRAP = (
    r"(?:(?:str|String|bytes|SecretStr|Secret|Password|Buffer\.from|Some|Value|Field"
    r"|Arc::new|String::from|aws\.String|quote)\()?(?:[rbufL@](?=[\"'`]))?"
)
_VALUE = (
    r"(?P<value>(?<=[\"'`])[^\"'`\n\\]{4,200}(?=\\?[\"'`])|(?<![\"'`])"
    r"(?!process\.env|import\.meta|os\.environ)[^\s\"'`,;<>(){}&\\]{4,200})"
)

_KEYS = (
    "api access private account master encryption encrypt decryption decrypt crypto crypt cipher signing sign signature"
    " service admin app application client storage consumer shared license session cookie jwt hmac aes des security"
    " deploy subscription maps bot server webhook write user developer integration hash"
)

_BELOW = "password passphrase passwd pwd pw _pass secret token _key apikey"
_OWNERS = "root bind user admin db ldap smtp mail ftp ssh my"

RULES: tuple[SecretRule, ...] = (
    SecretRule(
        "password-or-key",
        "a password or key given to a name that says so",
        "no vendor: a name, an assignment and a value that is neither word, code nor placeholder",
        (
            *b"pass pwd psw pswd senha kennwort contrasena wachtwoord secret token credential creds auth".split(),
            b"pw=", b"pw =", b"pw:", b'pw"', b"pw'", b"_pw", b"masterauth",
            *(who.encode() + b"pw" for who in _OWNERS.split()),
            b"api=", b"api =", b"api:", b'api"', b"api'",
            b'key="', b"key='", b'key = "', b"key = '", b'key: "', b"key: '", b'key":', b"key':", b'key",', b"key',",
            *(kind.encode() + between for kind in _KEYS.split() for between in (b"key", b"_key", b"-key", b".key")),
        ),
        rf"(?i:(?P<name>(?:{_NAMES}){_AFTER}))\\?[\"'`]?\]?(?:\[\d{{0,4}}\]|\*{{1,2}})?"
        rf"{_TYPE}{_OP}\\?{_WRAP}(?P<quote>[\"'`]?){_VALUE}",
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
        (no_digest,),
        Tier.WARN,
        True,
        "change it where it is used, and load it from the environment or a secret store",
        judge=credible,
        near=20,
    ),
    SecretRule(
        "password-below-its-name",
        "a password or key below a name that says so",
        "no vendor: the values of Kubernetes, Terraform, property lists and Hadoop's files",
        (
            *(word.encode() + end
              for word in _BELOW.split()
              for end in (b"\n", b'"\n', b"'\n", b'",\n', b"\r\n", b'" {', b'",', b"',", b"</key>", b"</name>")),
        ),
        r"(?i:(?P<name>pass(?:word|wd|phrase)?|pwd|pw|secret|token|key))"
        r"(?:[\"']?,?(?:(?<=,)\s{0,3}|\r?\n[ \t]{1,40})[\"']?value[\"']?\s{0,3}[:=]\s{0,3}"
        r"|\"\s{0,2}\{[ \t]{0,4}(?:\r?\n(?:[^\n]{0,40}\n)?[ \t]{1,20})?default\s{0,8}=\s{0,3}"
        r"|</(?:key|name)>\s{0,40}<(?:string|value)>)"
        r"(?P<quote>[\"']?)(?P<value>[^\s\"'<>`{}]{4,64})(?=[\"'<\s]|\Z)",
        (
            "- name: DB_PASSWORD\n  value: x7<10:alnum>",
            'variable "db_password" {\n  default = "K3<8:alnum>!"\n}',
            "<key>ApiKey</key>\n\t<string><32:hex></string>",
            '"name": "API_TOKEN",\n  "value": "<40:hex>"',
            '{"name": "DB_PASSWORD", "value": "K3<8:alnum>!"}',
            'variable "db_password" { default = "x7<8:alnum>3" }',
            "<name>fs.password</name><value>z4<9:alnum>7</value>",
        ),
        (
            "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: x9<9:alnum>",
            "- name: DB_PASSWORD\n  value: $" + "{DB_PASSWORD}",
            'variable "db_password" {\n  default = "password"\n}',
            "<key>password</key>\n<string>Password</string>",
        ),
        "value",
        (no_digest,),
        Tier.WARN,
        True,
        "change it where it is used, and load it from the environment or a secret store",
        judge=credible_below,
        spans_lines=True,
        near=20,
    ),
)  # fmt: skip
