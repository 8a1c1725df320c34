"""Passwords and keys are told from words, code and placeholders, however they are written; on lines made up here."""

import random
import re
import string

import pytest

from tidegate.domain.secrets.engine import Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints

SCANNER = Scanner(Fingerprints.derived(), tiers=frozenset({"block", "warn"}))
CHARS = {"a": string.ascii_lowercase, "A": string.ascii_uppercase, "0": string.digits, "x": "0123456789abcdef"}
CHARS["?"] = string.ascii_letters + string.digits

QUOTED = r"""
{n} = "{v}"
{n} = '{v}'
{n}="{v}"
{n}: '{v}',
{n}: "{v}"
"{n}": "{v}",
'{n}': '{v}',
'{n}' => '{v}',
:{n} => "{v}"
const {n} = "{v}";
let {n} = '{v}'
var {n} string = "{v}"
private static final String {n} = "{v}";
public const string {n} = "{v}";
String {n} = "{v}";
{n} := "{v}"
self.{n} = "{v}"
this.{n} = '{v}';
${n} = "{v}";
$config['{n}'] = '{v}';
config["{n}"] = "{v}"
define('{n}', '{v}');
.{n}("{v}")
props.put("{n}", "{v}");
props.setProperty("{n}", "{v}");
os.environ["{n}"] = "{v}"
os.getenv("{n}", "{v}")
process.env.{n} || "{v}"
connect(host="db", {n}="{v}")
def f({n}="{v}"):
{n}: str = "{v}"
const {n}: string = "{v}";
if ({n} == "{v}") {{
if {n}.equals("{v}")
<{n}>{v}</{n}>
<add key="{n}" value="{v}" />
<property name="{n}" value="{v}"/>
<string name="{n}">{v}</string>
<entry key="{n}">{v}</entry>
\"{n}\":\"{v}\"
{n}=`{v}`
export {n}="{v}"
set {n} '{v}'
@{n} = "{v}"
val {n} = "{v}"
let {n} = String::from("{v}");
static NSString *{n} = @"{v}";
#define {n} "{v}"
{n} "{v}"
--{n} "{v}"
{{"{n}":"{v}"}}
- `{n}`: `{v}`
**{n}**: `{v}`
char* {n} = "{v}";
{n} => "{v}"
<input name="{n}" value="{v}">
set{N}("{v}")
with{N}("{v}")
-{n} "{v}"
{n}?: '{v}'
curl -H "{n}: {v}"
# {n} = "{v}"
// {n}: "{v}"
""".strip("\n").split("\n")
"""How a name is given a value in source code and data, in quotes or between tags."""

PLAIN = r"""
{n}={v}
{n}: {v}
{n} = {v}
export {n}={v}
ENV {n}={v}
ENV {n} {v}
  - {n}={v}
-e {n}={v} image
--{n} {v}
--{n}={v}
?user=x&{n}={v}&a=b
Server=db;{n}={v};Port=1
{n}: {v} # comment
# {n}: {v}
{n}={v} ./run.sh
  {n}: {v}
set {n}={v}
ARG {n}={v}
- {n}: {v}
jdbc:mysql://h/db?{n}={v}
""".strip("\n").split("\n")
"""How it is in settings and on command lines."""

PASSWORDS = r"""
aaaaaaaa aaaaaa00 aaaa000 aaa0000 a00a0aa0 Aaaaaaa0 Aaaaaa000 AaaaAaaa00 Aaaaaaa000! aaaaa@000 Aaaa#0000 aa!AA00aa
aA0Aa0aA0aA0 a0AaaA0aAAa0aAa0 aaaa-aaaa-aaaa aaaaaa0000 AAaa00AAaa 0a0a0a0a aaa!000 A0000a-Aa aA!0aA!0
"""
KEYS = f"{'x' * 32} {'x' * 40} {'x' * 64} {'?' * 20} {'?' * 32} {'?' * 40} xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
PASSWORD_NAMES = (
    "password passwd pwd db_password dbPassword DB_PASSWORD admin_pass passphrase spring.datasource.password"
)
KEY_NAMES = "secret client_secret apiKey API_KEY access_token auth_token SECRET_KEY jwt_secret consumerSecret x-api-key"

NEITHER = r"""
password = "password"
password = "your_password"
password: "********"
password = "Enter your password"
"password": "Mot de passe",
"password": "Passwort",
"password": "Contraseña",
"forgot_password": "Forgot password?",
password: "Password must be at least 6 characters long."
password = request.form['password']
password = getpass.getpass('Password: ')
password = os.environ.get("DB_PASSWORD")
password = os.getenv('DB_PASSWORD', '')
password: process.env.DB_PASSWORD,
password: ${DB_PASSWORD}
DB_PASSWORD=${DB_PASSWORD:-}
DB_PASSWORD=<your password>
DB_PASSWORD=your_db_password
DB_PASSWORD=changeme
password=$(cat /run/secrets/db)
password: !vault |
password: {{ vault_password }}
password: "{{ db_password }}"
password: string;
password: String,
password: z.string().min(6),
password: Joi.string().required(),
'password' => 'required|string|min:8|confirmed',
'password' => Hash::make($request->password),
'password' => bcrypt('secret'),
password = models.CharField(max_length=128)
password VARCHAR(255) NOT NULL,
password varchar(60) DEFAULT NULL,
passwordField.setText("")
password_hash = generate_password_hash(password)
token = jwt.encode(payload, key)
token = Token(TokenType.STRING, value)
token = "eos_token"
tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
token_url = "https://auth.example.com/token"
secret_name = "db-credentials"
secretKeyRef: {name: app, key: db}
secretName: my-tls-secret
SECRET_KEY = config("SECRET_KEY")
api_key = settings.API_KEY
apiKey: config.apiKey,
api_key="YOUR_API_KEY_HERE"
"api_key": "<insert api key>"
const API_KEY = import.meta.env.VITE_API_KEY;
auth = HTTPBasicAuth(user, password)
auth: "basic"
auth = "oauth2"
author = "Jane Doe 2nd"
authorization: Bearer ${token}
Authorization: `Bearer ${token}`
headers["Authorization"] = "Bearer " + token
password_confirmation: "password"
password: 'test'
password: "secret"
token: "string"
"token": "abc",
csrf_token = "{{ csrf_token() }}"
<input type="password" name="password" placeholder="Password">
<label for="password">Password</label>
<Text>Password</Text>
password={password}
password={this.state.password}
onChange={e => setPassword(e.target.value)}
const [password, setPassword] = useState("");
passwd = pwd.getpwnam("root")
if password != confirm_password:
assert password == "expected_password"
password = user.password
$password = $_POST['password'];
$password = trim($_POST["password"]);
String password = passwordEditText.getText().toString();
private String password;
@Value("${spring.datasource.password}")
spring.datasource.password=${DB_PASS}
public static final String PASSWORD = "password";
public static final String DATABASE_PASSWORD = "database.password";
private static final String KEY_TOKEN = "key_token";
EXTRA_TOKEN = "com.acme.app.EXTRA_TOKEN"
errors.password = "Password is required"
t('login.password')
i18n.t("password_reset")
password_reset_token = models.CharField()
access_token = response.json()["access_token"]
"access_token_url": "https://x.y/oauth/token",
token_type: "bearer"
tokenType = "Bearer"
grant_type=password
secret: kv/data/app/db
passphrase: "$PASSPHRASE"
private_key: /etc/ssl/private/key.pem
private_key_file = "~/.ssh/id_rsa"
keyPassword = keystoreProperties['keyPassword']
password: "%s"
"password": "{password}"
password="#{password}"
api_key=%API_KEY%
key = "AES/CBC/PKCS5Padding"
signing_key = "RS256"
cipher_key = "aes-256-gcm"
public_key = "04a1b2c3d4"
password: ENC(abc123def==)
secrets: inherit
token: ${{ secrets.GITHUB_TOKEN }}
pwd: /home/user/app
PWD=/usr/src/app
pwd = os.getcwd()
cwd, pwd = "src", "lib2"
credentials: "same-origin"
credentials: 'include'
credentials = "omit"
passed: "12/14 tests"
bypass = "v2.1"
compass: "^1.0.2"
passport: "^0.4.1"
password_policy: "min8"
secretsmanager: "us-east-1"
tokens = ["a1", "b2"]
max_tokens: 4096
max_tokens=2048,
"max_tokens": 1024
token_count = 12345
next_token = "abc123DEF456ghi789"
nextToken: "eyJ0b2tlbiI6MTIzfQabcd1234",
"total_tokens": 31415
token_id: 128001
pad_token="<pad>"
password, err := term.ReadPassword(0)
password := os.Getenv("PASSWORD")
let password = prompt("Password1");
expect(password).toBe("x")
secret = base64.b64decode(data)
secret: Buffer
secret = secrets.token_hex(32)
password = ''.join(random.choice(chars) for _ in range(12))
pass: 12
"passes": 3, "pass": "true"
password is required2
the secret of success2 is
Password strength: medium
var tokenRegex = "[a-z0-9]{32}"
apiKeyHeader = "X-API-Key"
api_key_header="x-api-key-v2"
SECRET_ARN="arn:aws:secretsmanager:us-east-1:1:secret:x"
passwordEncoder = "bcrypt2"
hash = "sha256"
password_algorithm = "sha512"
auth_method = "md5"
"auth": "required"
"auth": "none"
auth: jwt
"private_key_id": "key_id"
session_key = "session_key_2"
cookie_key = "user_cookie_v2"
storageKey = "app-theme-v2"
storageKey: 'ui-preferences-2'
const TOKEN_KEY = 'auth-token';
const USER_KEY = "auth-user2";
localStorage.getItem("token2")
sessionKey = f"session:{id}"
cacheKey = "user:12"
write_key = "write.key"
user_key = "userkey1"
app_key: "myapp"
account_key: "primary"
shared_key="shared"
hash_key = "pk"
hashKey = "userId"
range_key = "createdAt2"
""".strip("\n").split("\n")
"""What stands in every repository and is none."""


def made(rng: random.Random, shape: str) -> str:
    return "".join(rng.choice(CHARS[char]) if char in CHARS else char for char in shape)


def lines(seed: int) -> list[str]:
    rng = random.Random(seed)
    told = []
    for template in (*QUOTED, *PLAIN):
        for names, shapes in ((PASSWORD_NAMES, PASSWORDS), (KEY_NAMES, KEYS)):
            name, value = rng.choice(names.split()), made(rng, rng.choice(shapes.split()))
            title = "".join(part[:1].upper() + part[1:] for part in re.split(r"[_.-]", name))
            told.append(template.format(n=name, N=title, v=value))
    return told


@pytest.mark.parametrize("seed", range(4))
def test_nineteen_of_twenty_random_values_are_told_in_whatever_language_they_are_written(seed: int) -> None:
    every = lines(seed)
    missed = [line for line in every if not SCANNER.scan(line.encode())]
    assert len(missed) * 20 <= len(every), missed


def test_of_what_stands_in_every_repository_nothing_is_told() -> None:
    assert [line for line in NEITHER if SCANNER.scan(line.encode())] == []


def test_the_value_is_what_is_told_and_nothing_around_it() -> None:
    value = made(random.Random(5), "Aaaa#0000aA0Aa0")
    for template in (*QUOTED[:20], *PLAIN[:8]):
        line = template.format(n="db_password", N="DbPassword", v=value)
        (hit,) = SCANNER.scan(line.encode())
        assert (hit.column, hit.width) == (line.index(value) + 1, len(value)), line
