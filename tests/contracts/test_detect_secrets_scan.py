"""Of a whole repository the profile lists what the command `detect-secrets scan -n` lists, place by place."""

import base64
import json
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest
from detect_secrets.plugins import gitlab_token, keyword

from support.repositories import Repository
from tidegate.domain.secrets import audited, profile, profile_keywords

Listed = set[tuple[str, str, str, int]]
"""(path, type, SHA-1, line)"""
LETTERS, HEX = string.ascii_letters + string.digits, "0123456789abcdef"


RNG = random.Random(42)


def of(length: int, alphabet: str = LETTERS) -> str:
    """A random value, the same in every run."""
    return "".join(RNG.choice(alphabet) for _ in range(length))


def word() -> str:
    return of(12)


def quoted() -> str:
    return f"'{of(40)}'"


def in_base64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def code() -> str:
    """A line for what each plugin looks for, and for what each filter drops."""
    lines = [
        f'password = "{word()}"',
        f"token = {quoted()}",
        f"digest = '{of(40, HEX)}'",
        f"secret = get_secret('{word()}')",
        f"user_id = {quoted()}",
        "gh" + "p_" + of(36),
        "gl" + "pat-" + of(20),
        "glcbt-" + of(30),
        "glcbt-1f_" + of(30),
        "AK" + "IA" + of(16, string.ascii_uppercase),
        f"aws_secret_access_key = {quoted()}",
        "-----BEGIN RSA PRIVATE KEY-----",
        f"https://me:{word()}@host.example/",
        "host = 8.8.4.4",
        in_base64('{"alg":"no"}').rstrip("=") + "." + in_base64('{"sub":"me"}').rstrip("="),
        "xo" + "xb-1234-5678-" + of(10),
        f"password == '{word()}'",
        f"'{word()}' == my_password",
        f"private_key '{of(20)}';",
        f"x = '${{{of(20)}}}'",
        f"api_key = '{{{of(20)}}}'",
        "secret = '<your secret>'",
        "secret = '$ENV_VALUE'",
        f"key_pass = '{of(9)}' # {quoted()}",
        f"password = '{HEX}'",
        f"contraseña = '{word()}'",
        f"pass\u017fword = '{word()}'",
        f"\u212aey_pass: '{word()}'",
    ]
    return "\n".join([*lines, lines[0]]) + "\n"


def pragmas() -> str:
    lines = []
    for begin, end in (("#", ""), ("//", ""), ("/*", " */"), ("'", ""), ("--", ""), ("<!--", " -->"), (";", "")):
        for said in ("pragma: allowlist secret", "pragma:allowlist-secret", "pragma: whitelist secret"):
            lines.append(f"password = '{word()}'  {begin} {said}{end}")
        for before in ("", "  ", "x "):
            lines += [f"{before}{begin} pragma: allowlist nextline secret{end}", f"password = '{word()}'"]
    return "\n".join(lines)


def yaml() -> str:
    return f"""a:
  password: {word()}
  list: [{{secret: {of(30)}, b: c}}]
  steps:
    - {quoted()}
    - name: {of(40)}
    - run: |
        export PASSWORD={word()}
  c: !!binary {in_base64(of(40))}
d: &x {{token: '{of(40)}'}}
e: *x
f: >-
  {of(20)}
  {of(20)}
# password: {word()}
g: {of(40, HEX)}  # pragma: allowlist secret
"""


def ini() -> str:
    return f"""[a]
password = {word()}
# pragma: allowlist nextline secret
secret = {word()}
token: {of(40)}
multi =
  {of(40)}
  {of(40, HEX)}
ref = %(token)s
quoted = "{of(40)}"
; secret = {word()}
"""


def env() -> str:
    return f'DB_PASSWORD={word()}\nTOKEN={of(40)}\nexport A={of(40)}\nKEY="{of(44)}"\n'


def data() -> dict[str, str]:
    minified = "".join(f'{{k{n}:"{of(32)}",p:"{of(40, HEX)}"}},' for n in range(200))
    notebook = {"cells": [{"source": [f"password = '{word()}'\n", f"t = {quoted()}\n"]}]}
    return {
        "data/a.json": json.dumps({"password": word(), "hash": of(40, HEX), "k": {"api_key": of(20)}}, indent=1),
        "data/min.js": f"var a=[{minified}1];",
        "data/b.ipynb": json.dumps(notebook, indent=1),
        "data/c.xml": f'<a password="{word()}"><secret>{of(30)}</secret></a>\n<!-- {quoted()} -->\n',
        ".secrets.baseline": json.dumps({"hashed_secret": of(40, HEX)}),
        "long/line.py": "x = [" + ", ".join(quoted() for _ in range(300)) + "]",
        "long/blank.py": f"password = '{word()}'" + " " * 3000,
    }


NAMES = (
    "code/a.py", "code/b.js", "code/c.go", "code/d.cs", "code/e.cpp", "code/f.java", "code/g.php", "code/h.tf",
    "code/j", "code/i.txt", "é.py", "ignored/a.py", "data/x.lock", "data/a.css", "data/swagger.py", "swagger/a.py",
    "data/go.sum", "data/package-lock.json", "data/UPPER.PY", "data/a.PNG", 'quo"te.py',
)  # fmt: skip
"""The same code under each of these names."""


def tree() -> dict[str, bytes]:
    """Files of every kind the library treats in a way of its own."""
    same = code()
    files = dict.fromkeys(NAMES, same) | data()
    files |= {f"conf/a.{end}": ini() for end in ("ini", "cfg", "conf", "toml", "x")}
    files |= {"conf/a.properties": env(), ".env": env(), "conf/prod.env": env(), "conf/nothing.ini": "[a]\n[b]\n"}
    files |= {f"code/pragmas.{end}": pragmas() for end in ("py", "yml", "yaml", "sql")}
    files |= {
        "conf/a.yaml": yaml(),
        "conf/b.yml": yaml(),
        "conf/bad.yaml": yaml() + "\t- }:\n",
        "conf/tag.yml": yaml() + "x: !Ref y\n",
        "conf/two.yaml": yaml() + "---\n" + yaml(),
        "conf/large.yaml": "".join(f"k{n}:\n  secret: {word()}\n  other: 3\n" for n in range(4000)),
        "code/k.md": f"# Doc\n\n```\n{same}\n```\n",
        "eol/crlf.py": same.replace("\n", "\r\n"),
        "eol/cr.py": same.replace("\n", "\r"),
        "eol/mixed.ini": ini().replace("\n", "\r\n"),
        "eol/breaks.py": same.replace("\n", "\n\x0c\n\x85\n\u2028"),
        "eol/bom.yaml": "\ufeff" + yaml(),
        "eol/bom.ini": "\ufeff" + ini(),
        "name with blank.py": same,
        "dir with é/a.py": same,
        ".gitignore": "ignored/\n",
        "script.sh": "#!/bin/sh\n" + same,
    }
    raw = {path: text.encode() for path, text in files.items()}
    raw["bytes/latin1.py"] = same.encode() + b"\n# \xe9\n"
    raw["bytes/utf16.py"] = same.encode("utf-16")
    raw["bytes/nul.py"] = same.encode() + b"\0\n" + same.encode()
    return raw


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = Repository(tmp_path_factory.mktemp("listed"))
    for path, raw in tree().items():
        place = repo.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(raw)
    (repo.root / "script.sh").chmod(0o755)
    (repo.root / "link.py").symlink_to("code/a.py")
    (repo.root / "outside.py").symlink_to("/etc/hostname")
    (repo.root / "dangling.py").symlink_to("nowhere.py")
    repo.commit()
    (repo.root / "untracked.py").write_bytes(tree()["code/a.py"])
    return repo.root


def theirs(root: Path) -> Listed:
    words = [sys.executable, "-m", "detect_secrets", "scan", "-n"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True, timeout=120)
    results = json.loads(done.stdout)["results"].items()
    return {(path, it["type"], it["hashed_secret"], it["line_number"]) for path, found in results for it in found}


def ours(root: Path) -> Listed:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, timeout=60).stdout
    found: Listed = set()
    for path in listed.decode().split("\0")[:-1]:
        place = root / path
        if audited.is_listed(path) and place.is_file() and not place.is_symlink():
            found |= {(path, each.type, each.hashed, each.line) for each in profile.scan(path, place.read_bytes())}
    return found


def test_a_whole_repository_is_listed_as_the_command_lists_it(repository: Path) -> None:
    expected, found = theirs(repository), ours(repository)
    assert found == expected
    assert len(expected) > 700
    kinds = {kind for _, kind, _, _ in expected}
    assert {"Secret Keyword", "Base64 High Entropy String", "Hex High Entropy String", "GitHub Token"} <= kinds
    listed = {path for path, *_ in expected}
    assert {"code/a.py", "conf/a.yaml", "conf/a.ini", ".env", "data/b.ipynb", "eol/cr.py", "bytes/nul.py"} <= listed
    assert not listed & {"é.py", "ignored/a.py", "untracked.py", "data/x.lock", "swagger/a.py", "bytes/latin1.py"}


def test_a_repository_without_a_finding_is_listed_as_empty(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.write("a.py", b"x = 1\n")
    repo.commit()
    assert theirs(repo.root) == ours(repo.root) == set()


def test_the_keyword_patterns_are_those_whose_forms_are_known() -> None:
    """With its parts named: K a keyword, C what closes it, Q a quote, S a secret."""
    parts = (
        (rf"({'|'.join(keyword.DENYLIST)})", "K"),
        (keyword.SECRET, "S"),
        (keyword.CLOSING, "C"),
        (keyword.QUOTE, "Q"),
    )
    patterns = {name: getattr(keyword, name).pattern for name in profile_keywords.FORMS}
    for text, short in parts:
        patterns = {name: pattern.replace(text, short) for name, pattern in patterns.items()}
    assert patterns == {
        "FOLLOWED_BY_COLON_EQUAL_SIGNS_REGEX": r"K\w*(C)?\s*:=\s*(Q?)(S)(\3)",
        "FOLLOWED_BY_COLON_REGEX": r"K\w*(C)?:\s*(Q?)(S)(\3)",
        "FOLLOWED_BY_COLON_QUOTES_REQUIRED_REGEX": r"K\w*(C)?:(\s*)(Q)(S)(\4)",
        "FOLLOWED_BY_EQUAL_SIGNS_OPTIONAL_BRACKETS_OPTIONAL_AT_SIGN_QUOTES_REQUIRED_REGEX": (
            r'K\w*((\[[0-9]*\]))?\s*[!=]{1,2}\s*(@)?(")(S)(\5)'
        ),
        "FOLLOWED_BY_OPTIONAL_ASSIGN_QUOTES_REQUIRED_REGEX": r'K\w*(.assign)?\((")(S)(\3)',
        "FOLLOWED_BY_EQUAL_SIGNS_REGEX": r"K\w*(C)?\s*(={1,3}|!==?)\s*(Q?)(S)(\4)",
        "FOLLOWED_BY_EQUAL_SIGNS_QUOTES_REQUIRED_REGEX": r"K\w*(C)?\s*(={1,3}|!==?)\s*(Q)(S)(\4)",
        "PRECEDED_BY_EQUAL_COMPARISON_SIGNS_QUOTES_REQUIRED_REGEX": r"(Q)(S)(\1)\s*[!=]{2,3}\s*\w*K\w*",
        "FOLLOWED_BY_QUOTES_AND_SEMICOLON_REGEX": r"K\w*[^\s]{0,50}?\s*(Q)(S)(\2);",
        "FOLLOWED_BY_ARROW_FUNCTION_SIGN_QUOTES_REQUIRED_REGEX": r"K\w*(C)?\s*=>?\s*(Q)(S)(\3)",
    }
    known = {id(getattr(keyword, name)) for name in profile_keywords.FORMS}
    assert {id(pattern) for groups in keyword.REGEX_BY_FILETYPE.values() for pattern in groups} <= known


def test_an_empty_value_is_no_finding() -> None:
    line = "glcbt-" + of(30)
    assert gitlab_token.GitLabTokenDetector().analyze_line(filename="x", line=line)
    assert profile.scan("x.py", line.encode()) == []
