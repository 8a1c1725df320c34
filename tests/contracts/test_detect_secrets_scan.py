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


class Values:
    """Random values, the same in every run."""

    def __init__(self) -> None:
        self.rng = random.Random(42)

    def of(self, length: int, alphabet: str = LETTERS) -> str:
        return "".join(self.rng.choice(alphabet) for _ in range(length))


def tree() -> dict[str, bytes]:
    """Files of every kind the library treats in a way of its own."""
    of = Values().of
    quoted, word, hexed = lambda: f"'{of(40)}'", lambda: of(12), lambda: of(40, HEX)
    jwt = ".".join(base64.urlsafe_b64encode(text).decode().rstrip("=") for text in (b'{"alg":"none"}', b'{"sub":"me"}'))
    code = "\n".join(
        [
            f'password = "{word()}"', f"token = {quoted()}", f"digest = '{hexed()}'", f"secret = get_secret('{word()}')",
            f"user_id = {quoted()}", "gh" + "p_" + of(36), "gl" + "pat-" + of(20), "glcbt-" + of(30), "glcbt-1f_" + of(30),
            "AK" + "IA" + of(16, string.ascii_uppercase), f"aws_secret_access_key = {quoted()}", "-----BEGIN RSA PRIVATE KEY-----",
            f"https://me:{word()}@host.example/", "host = 8.8.4.4", jwt, "xo" + "xb-1234-5678-" + of(10), f"password = '{word()}'",
            f"password == '{word()}'", f"'{word()}' == my_password", f"private_key '{of(20)}';", f"x = '${{{of(20)}}}'",
            f"api_key = '{{{of(20)}}}'", "secret = '<your secret>'", "secret = '$ENV_VALUE'", f"key_pass = '{of(9)}' # {quoted()}",
            "password = '0123456789abcdef'", f"contraseña = '{word()}'", f"pass\u017fword = '{word()}'", "\u212a" + f"ey_pass: '{word()}'",
        ]
    )  # fmt: skip
    pragmas = []
    for begin, end in (("#", ""), ("//", ""), ("/*", " */"), ("'", ""), ("--", ""), ("<!--", " -->"), (";", "")):
        for said in ("pragma: allowlist secret", "pragma:allowlist-secret", "pragma: whitelist secret"):
            pragmas.append(f"password = '{word()}'  {begin} {said}{end}")
        pragmas += [f"{begin} pragma: allowlist nextline secret{end}", f"password = '{word()}'"]
        pragmas += [f"x {begin} pragma: allowlist nextline secret{end}", f"password = '{word()}'"]
    lists = f"steps:\n  - {quoted()}\n  - name: {of(40)}\n  - run: |\n      export PASSWORD={word()}\n"
    yaml = f"a:\n  password: {word()}\n  list: [{{secret: {of(30)}, b: c}}]\n  c: !!binary {base64.b64encode(of(40).encode()).decode()}\n"
    yaml += f"d: &x {{token: '{of(40)}'}}\ne: *x\nf: >-\n  {of(20)}\n  {of(20)}\n# password: {word()}\ng: {hexed()}  # pragma: allowlist secret\n"
    ini = f"[a]\npassword = {word()}\n# pragma: allowlist nextline secret\nsecret = {word()}\ntoken: {of(40)}\nmulti =\n  {of(40)}\n  {hexed()}\n"
    ini += f'ref = %(token)s\nquoted = "{of(40)}"\n; secret = {word()}\n'
    env = f'DB_PASSWORD={word()}\nTOKEN={of(40)}\nexport A={of(40)}\nKEY="{of(44)}"\n'
    files = {
        "code/a.py": code, "code/b.js": code, "code/c.go": code, "code/d.cs": code, "code/e.cpp": code, "code/f.java": code,
        "code/g.php": code, "code/h.tf": code, "code/i.txt": code, "code/j": code, "code/k.md": f"# Doc\n\n```\n{code}\n```\n",
        "code/pragmas.py": "\n".join(pragmas), "code/pragmas.yml": "\n".join(pragmas), "conf/pragmas.yaml": "\n".join(pragmas),
        "conf/a.yaml": yaml, "conf/b.yml": lists, "conf/bad.yaml": yaml + "\t- }:\n", "conf/tag.yml": yaml + "x: !Ref y\n",
        "conf/two.yaml": yaml + "---\n" + yaml, "conf/a.ini": ini, "conf/b.cfg": ini, "conf/c.conf": ini, "conf/d.toml": ini,
        "conf/e.properties": env, ".env": env, "conf/prod.env": env, "conf/x": ini, "conf/nothing.ini": "[a]\n[b]\n",
        "data/a.json": json.dumps({"password": word(), "hash": hexed(), "list": [of(40)], "k": {"api_key": of(20)}}, indent=1),
        "data/min.js": "var a=" + "".join(f'{{k{n}:"{of(32)}",p:"{hexed()}"}},' for n in range(200)) + "b=1;",
        "data/b.ipynb": json.dumps({"cells": [{"source": [f"password = '{word()}'\n", f"t = {quoted()}\n"]}]}, indent=1),
        "data/c.xml": f'<a password="{word()}"><secret>{of(30)}</secret></a>\n<!-- {quoted()} -->\n',
        "data/poetry.lock": code, "data/x.lock": code, "data/a.css": code, "data/swagger.py": code, "swagger/a.py": code,
        "data/package-lock.json": code, "data/go.sum": code, "data/UPPER.PY": code, "data/a.PNG": code,
        "eol/crlf.py": code.replace("\n", "\r\n"), "eol/cr.py": code.replace("\n", "\r"), "eol/mixed.ini": ini.replace("\n", "\r\n"),
        "eol/breaks.py": code.replace("\n", "\n\x0c\n\x85\n\u2028"), "eol/bom.yaml": "\ufeff" + yaml, "eol/bom.ini": "\ufeff" + ini,
        "long/line.py": "x = [" + ", ".join(quoted() for _ in range(300)) + "]", "long/blank.py": f"password = '{word()}'" + " " * 3000,
        "name with blank.py": code, "dir with é/a.py": code, "é.py": code, 'quo"te.py': code, "ignored/a.py": code,
        ".gitignore": "ignored/\n", "script.sh": "#!/bin/sh\n" + code, ".secrets.baseline": json.dumps({"hashed_secret": hexed()}),
    }  # fmt: skip
    raw = {path: text.encode() for path, text in files.items()}
    raw["bytes/latin1.py"] = code.encode() + b"\n# \xe9\n"
    raw["bytes/utf16.py"] = code.encode("utf-16")
    raw["bytes/nul.py"] = code.encode() + b"\0\n" + code.encode()
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
    repo.write("a.py", "x = 1\n")
    repo.commit()
    assert theirs(repo.root) == ours(repo.root) == set()


def test_the_keyword_patterns_are_those_whose_forms_are_known() -> None:
    patterns = {
        name: value.pattern.replace(f"({'|'.join(keyword.DENYLIST)})", "KEY").replace(keyword.SECRET, "SECRET")
        for name, value in vars(keyword).items()
        if name in profile_keywords.FORMS
    }
    closing, quote = r"([]\'\"]{0,2})?", r"[\'\"`]"
    assert {
        name: text.replace(r"([]\'" + '"' + r"]{0,2})?", closing).replace(r"[\'" + '"`]', quote)
        for name, text in patterns.items()
    } == {
        "FOLLOWED_BY_COLON_EQUAL_SIGNS_REGEX": rf"KEY\w*{closing}\s*:=\s*({quote}?)(SECRET)(\3)",
        "FOLLOWED_BY_COLON_REGEX": rf"KEY\w*{closing}:\s*({quote}?)(SECRET)(\3)",
        "FOLLOWED_BY_COLON_QUOTES_REQUIRED_REGEX": rf"KEY\w*{closing}:(\s*)({quote})(SECRET)(\4)",
        "FOLLOWED_BY_EQUAL_SIGNS_OPTIONAL_BRACKETS_OPTIONAL_AT_SIGN_QUOTES_REQUIRED_REGEX": (
            r'KEY\w*((\[[0-9]*\]))?\s*[!=]{1,2}\s*(@)?(")(SECRET)(\5)'
        ),
        "FOLLOWED_BY_OPTIONAL_ASSIGN_QUOTES_REQUIRED_REGEX": r'KEY\w*(.assign)?\((")(SECRET)(\3)',
        "FOLLOWED_BY_EQUAL_SIGNS_REGEX": rf"KEY\w*{closing}\s*(={{1,3}}|!==?)\s*({quote}?)(SECRET)(\4)",
        "FOLLOWED_BY_EQUAL_SIGNS_QUOTES_REQUIRED_REGEX": rf"KEY\w*{closing}\s*(={{1,3}}|!==?)\s*({quote})(SECRET)(\4)",
        "PRECEDED_BY_EQUAL_COMPARISON_SIGNS_QUOTES_REQUIRED_REGEX": rf"({quote})(SECRET)(\1)\s*[!=]{{2,3}}\s*\w*KEY\w*",
        "FOLLOWED_BY_QUOTES_AND_SEMICOLON_REGEX": rf"KEY\w*[^\s]{{0,50}}?\s*({quote})(SECRET)(\2);",
        "FOLLOWED_BY_ARROW_FUNCTION_SIGN_QUOTES_REQUIRED_REGEX": rf"KEY\w*{closing}\s*=>?\s*({quote})(SECRET)(\3)",
    }


def test_an_empty_value_is_no_finding() -> None:
    line = "glcbt-" + Values().of(30)
    assert gitlab_token.GitLabTokenDetector().analyze_line(filename="x", line=line)
    assert profile.scan("x.py", line.encode()) == []
