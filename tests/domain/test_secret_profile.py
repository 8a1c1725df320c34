"""The profile finds what detect-secrets itself finds, and nothing else, and no line can hang it."""

import random
import string
import time
from pathlib import Path

import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.secrets import profile

TREE = Path(__file__).parents[2]
Found = set[tuple[str, int, str]]


def some(length: int, alphabet: str = string.ascii_letters + string.digits, seed: int = 3) -> str:
    rng = random.Random(f"{length} {seed}")
    return "".join(rng.choice(alphabet) for _ in range(length))


def ours(path: str, data: bytes) -> Found:
    return {(each.type, each.line, each.hashed) for each in profile.scan(path, data)}


def theirs(path: Path) -> Found:
    with default_settings():
        return {(each.type, each.line_number, each.secret_hash) for each in scan_file(str(path))}


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

    assert {cls.__name__ for cls in get_mapping_from_secret_type_to_class().values()} == set(profile.names())


@pytest.mark.parametrize("unit", ["secret", "secret=", "password ", " ", ":", "a(", "'", "aws", "eyJ", "=a[", "://a:"])
def test_a_long_line_does_not_hang_the_profile(unit: str) -> None:
    profile.scan("x.py", f"password = '{some(12)}'".encode())
    began = time.process_time()
    profile.scan("x.py", (unit * 16384)[:16384].encode())
    assert time.process_time() - began < 2


def test_a_line_with_too_many_keywords_is_named_and_not_passed_over() -> None:
    assert [each.type for each in profile.scan("x.py", b"secret" * 3000)] == ["Secret Keyword"]


def test_bytes_the_library_cannot_read_are_no_error() -> None:
    assert profile.scan("x.py", b"password = '\xff\xfe'") == []
