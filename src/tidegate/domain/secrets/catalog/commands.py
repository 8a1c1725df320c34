"""Passwords where people type them: on command lines and in statements."""

from tidegate.domain.secrets.guesses import given, not_all_digits
from tidegate.domain.secrets.rule import SecretRule, Shape, Tier

_CHANGE = "change it where it is used, and hand it over in a file, in the environment or at a prompt"
_WORD = r"[\"']?([^\s\"'`$<>|;&(){}\\\[-][^\s\"'`$<>|;&(){}\\]{3,63})(?![\w(])"
"""A value on a command line that is no variable and no option."""
_START = r"(?:^|[\n;&|(`\"'/\s])"


def _typed(
    name: str, source: str, literals: tuple[bytes, ...], regex: str, positives: tuple[Shape, ...],
    negatives: tuple[Shape, ...], fold: bool = False,
) -> SecretRule:  # fmt: skip
    return SecretRule(
        name,
        "a password on a command line or in a statement",
        source,
        literals,
        regex,
        positives,
        negatives,
        1,
        (given, not_all_digits),
        Tier.WARN,
        fold,
        _CHANGE,
    )


RULES: tuple[SecretRule, ...] = (
    _typed(
        "curl-password", "curl manual, option -u", (b"curl", b"-u ", b"--user "),
        r"(?:(?:^|[\n;&|(`\"'\s$])curl\s(?:[^\n]{0,400}?\s)?|(?:^|\n)\s{1,16})(?:-u\s{0,4}|--user[\s=]\s{0,4})[\"']?"
        r"[^\s:\"'$]{1,80}:[\"']?([^\s\"'`<>{}|$\\]{5,100})",
        ("curl -s -u deploy:<16:alnum> https://x", "curl --user 'deploy:<10:alnum>!' https://x",
         "curl x \\\n  -u deploy:<16:alnum>"),
        ("curl -u user:password https://x", "curl -u $" + "{U}:$" + "{P} https://x", "curl -u me:$" + "TOKEN x"),
    ),
    _typed(
        "mysql-password", "MySQL manual, option -p", (b"mysql", b"mariadb"),
        _START + r"(?:mysql|mariadb)(?:dump|admin|import|check|show|-dump|-admin)?(?:\.exe)?\s(?:[^\n|;]{0,200}?\s)?-p"
        + _WORD,
        ("mysql -u root -pK7<8:alnum>3 app", "mysqldump -h db -u app -p'x9<8:alnum>7' app > f",
         "mysqladmin -u root -pz4<8:alnum>1 ping"),
        ("mysql -u root -p app", "mysql -uroot -p$" + "{PW} app", "mysql -u root -p < f.sql", "mysqldump -ppassword x"),
    ),
    _typed(
        "login-password", "manuals of docker, podman, oc, az, helm, mongo, sshpass, redis-cli and ldapsearch",
        (b"docker login", b"podman login", b"oc login", b"az login", b"registry login", b"mongo", b"sshpass",
         b"redis-cli", b"ldapsearch", b"ldapmodify", b"ldapadd"),
        _START + r"(?:(?:docker|podman|oc|az|registry)\slogin\s[^\n|;]{0,200}?(?<=\s)-p"
        r"|mongo\w{0,7}\s[^\n|;]{0,200}?(?<=\s)-p"
        r"|sshpass\s{1,4}-p|redis-cli\s[^\n|;]{0,100}?(?<=\s)-a|ldap(?:search|modify|add)\s[^\n|;]{0,200}?(?<=\s)-w)"
        r"[\s=]{0,3}" + _WORD,
        ("docker login -u me -p K7<8:alnum>3 registry", "sshpass -p 'x9<8:alnum>7' ssh root@h",
         "redis-cli -h cache -a z4<8:alnum>1 ping"),
        ("docker run -p 8080:80 x", "docker login -u me -p $" + "TOKEN x", "sshpass -p password ssh x",
         "docker login --password-stdin", "mongo --port 27017 -p"),
    ),
    _typed(
        "changed-password", "manuals of chpasswd, passwd, htpasswd, net user and sqlplus",
        (b"chpasswd", b"--stdin", b"htpasswd -", b"net user ", b"sqlplus"),
        r"(?:echo\s{1,4}(?:-\w{1,3}\s{1,4})?[\"']?[\w.-]{1,40}:(?=[^\n]{4,80}chpasswd)"
        r"|echo\s{1,4}[\"']?(?=[^\n]{4,80}--stdin)"
        r"|htpasswd\s{1,4}-\w{0,4}b\w{0,4}\s{1,4}\S{1,80}\s{1,4}\S{1,60}\s{1,4}|net\suser\s{1,4}\S{1,40}\s{1,4}"
        r"|sqlplus\s{1,4}(?:-\w{1,4}\s{1,4}){0,3}\w{1,30}/)" + _WORD.replace(r"$<>", r"$<>@"),
        ("echo 'root:K7<8:alnum>3' | chpasswd", "htpasswd -bc .htpasswd me x9<8:alnum>7",
         "net user me z4<8:alnum>1 /add"),
        ("echo \"root:$" + "{PW}\" | chpasswd", "htpasswd -c .htpasswd me", "net user me /delete"),
    ),
    _typed(
        "sql-password", "MySQL, Oracle, PostgreSQL and SQL Server docs, CREATE USER and ALTER ROLE",
        (b"identified", b"set password", b"password '", b"password = '",
         b"password=n'", b"password = n'", b"password('"),
        r"(?i:identified(?:\s{1,4}with\s{1,4}[\w\"'`]{1,40})?\s{1,4}by(?:\s{1,4}values)?"
        r"|(?:with|user|role|login)\s[^\n]{0,100}?"
        r"password(?:\s{0,4}=)?|set\s{1,4}password[^\n]{0,60}?=\s{0,4}(?:password\()?)\s{0,4}(?:\bN)?[\"']"
        r"([^\s\"'`<>$]{4,100})[\"']",
        ("CREATE USER app IDENTIFIED BY 'x7<12:alnum>'", "ALTER ROLE app WITH LOGIN PASSWORD 'K3<10:alnum>8'",
         "CREATE LOGIN app WITH PASSWORD = N'z4<10:alnum>1!'"),
        ("IDENTIFIED BY 'password'", "identified by '$" + "{PW}'", "identified by 'sequence' and the row"),
        True,
    ),
    _typed(
        "call-password", "documentation of the HTTP, mail and database libraries of Python, Java, Go, .NET and PHP",
        (b"NetworkCredential(", b"PasswordCredentials(", b"PasswordAuthentication(", b"BasicAuth(", b"basic_auth(",
         b"HTTPDigestAuth(", b"PlainAuth(", b"getConnection(", b"mysqli(", b"mysqli_connect(", b"mysql_connect(",
         b"PDO("),
        r"(?:(?:NetworkCredential|PasswordCredentials|PasswordAuthentication|BasicAuth|basic_auth|HTTPDigestAuth)\("
        r"\s{0,4}"
        r"|(?:PlainAuth|getConnection|mysqli|mysqli_connect|mysql_connect|PDO)\(\s{0,4}[^,\n]{1,200},\s{0,4})"
        r"(?:[\w.$]{1,40}|[\"'][^\"'\n]{0,80}[\"']),\s{0,4}[\"']([^\s\"'`<>$]{4,100})[\"']",
        ("new NetworkCredential(\"svc\", \"x7<8:alnum>!\")",
         "requests.get(u, auth=HTTPBasicAuth('me', 'K3<8:alnum>1'))",
         "DriverManager.getConnection(url, \"app\", \"z4<9:alnum>7\");",
         "new mysqli('localhost', 'root', 'x9<8:alnum>2', 'app')"),
        ("HTTPBasicAuth(user, password)", "getConnection(url, user, pass)", "HTTPBasicAuth('user', 'password')"),
    ),
    _typed(
        "secure-string", "PowerShell docs, ConvertTo-SecureString", (b"convertto-securestring",),
        r"(?i:convertto-securestring)\s{1,4}(?:(?i:-string)\s{1,4})?[\"']([^\"'$\s]{4,100})[\"']",
        ("ConvertTo-SecureString 'x7<10:alnum>!' -AsPlainText -Force",
         "ConvertTo-SecureString \"K3<10:alnum>8\" -AsPlainText",
         "ConvertTo-SecureString -String 'z4<9:alnum>?' -AsPlainText"),
        ("ConvertTo-SecureString $" + "env:PW -AsPlainText", "ConvertTo-SecureString 'password'",
         "ConvertTo-SecureString -Key 1"),
        True,
    ),
    _typed(
        "cisco-password", "Cisco docs, type 7 passwords", (b"password 7 ", b"secret 7 ", b"key 7 "),
        r"(?:password|secret|key)\s7\s([0-9A-F]{2}(?:[0-9A-F]{2}){5,30})(?![0-9A-Za-z])",
        ("username me password 7 08<14:HEX>", " password 7 13<16:HEX>", "tacacs-server key 7 09<12:HEX>"),
        ("password 7 characters", "password 7 08", "password 7 <encrypted>"),
    ),
    _typed(
        "openssl-password", "OpenSSL manual, pass phrase options", (b" pass:",),
        r"-(?:passin|passout|pass|password|srcstorepass)\s{1,4}pass:" + _WORD,
        ("openssl rsa -passin pass:x7<10:alnum> -in k", "openssl pkcs12 -export -passout pass:K3<8:alnum>!",
         "openssl enc -aes-256-cbc -pass pass:z4<9:alnum>1"),
        ("openssl rsa -passin pass:$" + "PW", "openssl rsa -passin pass:password", "openssl rsa -passin stdin"),
    ),
)  # fmt: skip
