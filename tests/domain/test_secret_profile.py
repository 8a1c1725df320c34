"""The profile finds what detect-secrets itself finds, and nothing else, and no line can hang it."""

import random
import string
import time
from pathlib import Path

import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.filters.allowlist import is_line_allowlisted
from detect_secrets.plugins import keyword
from detect_secrets.settings import default_settings
from detect_secrets.util.code_snippet import get_code_snippet
from detect_secrets.util.filetype import determine_file_type
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.secrets import profile, profile_filters, profile_keywords

TREE = Path(__file__).parents[2]
Found = set[tuple[str, int, str]]


def some(length: int, alphabet: str = string.ascii_letters + string.digits, seed: int = 3) -> str:
    rng = random.Random(f"{length} {seed}")
    return "".join(rng.choice(alphabet) for _ in range(length))


def ours(path: str, data: bytes) -> Found:
    return {(each.type, each.line, each.hashed) for each in profile.scan(path, data)}


def theirs(path: Path) -> Found:
    """What its `scan` lists: the same value found by one plugin again only where it is first."""
    found: dict[tuple[str, str], int] = {}
    with default_settings():
        for each in scan_file(str(path)):
            found.setdefault((each.type, each.secret_hash), each.line_number)
    return {(kind, line, hashed) for (kind, hashed), line in found.items()}


HEX = "0123456789abcdef"
LINES = [
    f"password = '{some(12)}'", f'db_pass: "{some(9)}"', f"api_key := {some(20)}", f"secret={some(30)}",
    f"if ('{some(14)}' == my_password) {{}}", f"private_key '{some(20)}';", f"token = '{some(40)}'",
    f"key: '{some(40, HEX)}'", f"digest: {some(40, HEX)}", f"id = '{some(40)}'", "password = get_password('x')",
    f"aws_secret_access_key = '{some(40)}'", "AK" + "IA" + some(16, string.ascii_uppercase), "host 8.8.8.8 port",
    f"https://me:{some(10)}@host.example/x", f"cloudant_password = '{some(64, HEX)}'", f"sl_key: {some(64, HEX)}",
    f"ibm_cloud_api_key='{some(44)}'", f"cos_secret_access_key = {some(48, HEX)}", "gh" + "p_" + some(36),
    f"pass = '{some(12)}'  # pragma: allowlist secret", "# pragma: allowlist nextline secret",
    f"contraseña = '{some(10)}'", "- item", "[section]", "key = value", "  continued: more", "", "\\", "a: b",
    "AC" + some(32, HEX), some(32, HEX) + "-us9", "pass\u017fword", f"\u212aey: '{some(30)}'", "{", "}", '"a": [',
]  # fmt: skip


@given(
    st.lists(st.sampled_from(LINES), max_size=10),
    st.sampled_from(["x.py", "x.yaml", "x.ini", "x.txt", "x.js", "x.go", "x.cs", "x.cpp", ".env", "x.lock", "x.json"]),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=60, deadline=None)
def test_any_mixture_of_lines_is_found_as_the_library_finds_it(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], name: str, end: str
) -> None:
    path = tmp_path_factory.mktemp("d") / name
    path.write_bytes(end.join(lines).encode())
    assert ours(str(path), path.read_bytes()) == theirs(path)


def test_our_own_files_are_found_as_the_library_finds_them() -> None:
    for path in [*sorted((TREE / "tests" / "domain").glob("*.py"))[::8], TREE / "pyproject.toml", *TREE.glob("*.yaml")]:
        assert ours(str(path), path.read_bytes()) == theirs(path), path


def test_without_a_vector_engine_the_same_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    data = "\n".join(LINES).encode()
    fast = profile.scan("x.py", data)
    assert len(fast) > 10
    monkeypatch.setattr(profile, "_vector", lambda loose=False: None)
    assert profile.scan("x.py", data) == fast


def test_every_plugin_of_the_library_is_asked() -> None:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    plugins: dict[str, type] = get_mapping_from_secret_type_to_class()
    assert {plugin.__name__ for plugin in plugins.values()} == set(profile.names())


UNITS = [
    "secret", "secret='", "secret:`a", "password ", "`a`==", "'a' == my_password ", " ", ":", "a(", "'", "aws",
    "aws_key ", "eyJ", "eyJa.eyJ", "sk-", "T3BlbkFJ", "//", "//a/:_authToken=", "=a[", "://a:", "#", "# ",
    "pragma: allowlist secret*/ ", "<!--#", "a=%(a)s", "key  ", "token=", "glagent-", "xoxb-1-", "1.1.1.1 ", "é",
]  # fmt: skip


@pytest.mark.parametrize("name", ["x.py", "x.txt", "x.ini"])
def test_no_long_line_hangs_the_profile(name: str) -> None:
    profile.scan(name, f"password = '{some(12)}'".encode())
    for unit in UNITS:
        for before in ('password = "', "[a]\nk = ", "a"):
            began = time.process_time()
            profile.scan(name, (before + unit * (32768 // len(unit)) + "\nx").encode())
            assert time.process_time() - began < 1, (unit, before)


def levels(line: str, last: str) -> str:
    """Lines each of which names the one before many times."""
    return last + "".join(line.format(n=n, many=", ".join([f"*a{n - 1}"] * 40)) for n in range(1, 9))


BOMBS = {
    "x.ini": "[a]\n" + "".join(f"k{n} = {f'%(k{n + 1})s' * 40}\n" for n in range(8)) + "k8 = y\n",
    "x.yaml": levels("a{n}: &a{n} [{many}]\n", "a0: &a0 {k: v}\n"),
    "y.yaml": levels("a{n}: &a{n}\n  <<: [{many}]\n", "a0: &a0 {k: v}\n"),
    "z.yaml": "a: " + "[" * 5000,
    "s.ini": "[DEFAULT]\n" + "".join(f"k{n} = v\n" for n in range(3000)) + "".join(f"[s{n}]\n" for n in range(3000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_file_grows_without_bound_when_it_is_parsed(name: str) -> None:
    secret = f"password = '{some(12)}'\n"
    began = time.process_time()
    profile.scan(name, (BOMBS[name] + secret).encode())
    assert time.process_time() - began < 2


def test_a_line_full_of_keywords_is_judged_as_the_library_would_in_time(tmp_path: Path) -> None:
    for line in ("secret" * 200 + f" = '{some(12)}'", f"secret '{some(9)}' " * 20 + ";", "secret:`a`" * 30 + "`"):
        for name in ("x.py", "x.ini", "x.go"):
            path = tmp_path / name
            path.write_text(line)
            assert ours(str(path), line.encode()) == theirs(path)


PIECES = [
    "password", "secret", "api_key", "Secret", "pwd", "contraseña", "pa\u017f\u017fword", "\u212aey_pass", "xsecretx",
    " ", "'", '"', "`", ":", "=", "==", "!=", "===", "!==", ":=", "=>", "(", "[", "]", ",", ";", "';", "`;", "@",
    ".assign", "a", "bc9", "_", "\v", "\n", "é", "$", "[0]", "\u2003", "\u0663",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES), min_size=2, max_size=14), st.sampled_from(["x.go", "x.py", "x.cs", "x.cpp", "x"])
)
@settings(max_examples=300, deadline=None)
def test_the_keyword_patterns_find_what_those_of_the_library_find(parts: list[str], name: str) -> None:
    groups = keyword.REGEX_BY_FILETYPE.get(determine_file_type(name), keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP)
    plugin = keyword.KeywordDetector()
    for line in ("".join(parts), f"secret = '{''.join(parts)}';", f"`{''.join(parts)}` == my_secret"):
        found = set(plugin.analyze_string(line, denylist_regex_to_group=groups))
        assert profile_keywords.values(name, line) == found


COMMENTS = [
    "#", "//", "/*", "*/", "'", "--", "<!--", "-->", " ", "\t", "pragma: allowlist secret", "pragma:whitelist-secret",
    "pragma: allowlist nextline secret", "pragma:allowlist-nextline-secret", "x", "\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(COMMENTS), max_size=7), st.lists(st.sampled_from(COMMENTS), max_size=7))
@settings(max_examples=300, deadline=None)
def test_a_pragma_counts_where_it_counts_for_the_library(before: list[str], line: list[str]) -> None:
    first, second = "".join(before), "".join(line)
    for name in ("x.py", "x.yaml"):
        theirs = is_line_allowlisted(name, second, get_code_snippet([first, second], 2))
        assert profile_filters.is_allowed(name, second, first) == theirs


def test_bytes_the_library_cannot_read_are_no_error() -> None:
    assert profile.scan("x.py", b"password = '\xff\xfe'") == []
