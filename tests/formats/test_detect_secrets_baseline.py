"""Another tool's baseline is hashes by path, and those of a mere prefix are known for what they are."""

import hashlib
import json
from typing import Any

import pytest

from tidegate.errors import FormatError
from tidegate.formats.detect_secrets_baseline import Hashed, parse


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def document(*entries: dict[str, object], path: str = "a.py") -> bytes:
    return json.dumps({"version": "1.5.0", "plugins_used": [], "results": {path: list(entries)}}).encode()


def entry(text: str = "x", **more: object) -> dict[str, object]:
    return {"type": "Secret Keyword", "filename": "a.py", "hashed_secret": sha1(text), "line_number": 3, **more}


def test_entries_are_read_once_each_with_the_word_of_their_audit() -> None:
    read = parse(document(entry(), entry(), entry("y", is_secret=True), entry("z", is_secret=False)))
    assert {(each.path, each.sha1, each.real) for each in read} == {
        ("a.py", sha1("x"), False),
        ("a.py", sha1("y"), True),
        ("a.py", sha1("z"), False),
    }
    assert len(read) == 3
    assert parse(document()) == ()
    assert [each.path for each in parse(document(entry(), path=".\\src\\a.py"))] == ["src/a.py"]


@pytest.mark.parametrize(
    "text",
    [
        "ghp",
        "gho",
        "ghu",
        "ghs",
        "ghr",
        "glpat",
        "glsoat",
        "0a_",
        "BEGIN RSA PRIVATE KEY",
        "BEGIN OPENSSH PRIVATE KEY",
        "BEGIN PRIVATE KEY",
        "PuTTY-User-Key-File-2",
        "",
    ],
)
def test_the_hash_of_a_prefix_or_a_header_is_told_from_that_of_a_value(text: str) -> None:
    assert Hashed("a.py", "t", sha1(text)).bare
    assert not Hashed("a.py", "t", sha1(text + "more")).bare


def test_detect_secrets_own_plugins_hash_nothing_bare_that_is_not_known() -> None:
    from detect_secrets.core.plugins.initialize import from_plugin_classname
    from detect_secrets.settings import default_settings

    body = "aB3dE5gH7jK9mN1pQ3sT5vW7xY9zA1cD3eF5"
    lines = [f"x = '{prefix}_{body}'" for prefix in ("ghp", "gho", "ghu", "ghs", "ghr")]
    lines += [f"x = '{prefix}-{body[:26]}'" for prefix in ("glpat", "gldt", "glft", "glsoat", "glrt")]
    lines += [f"x = 'glcbt-1f_{body[:24]}'"]
    lines += [f"-----{'BEGIN'} {kind}PRIVATE KEY-----" for kind in ("", "RSA ", "EC ", "DSA ", "OPENSSH ")]
    lines += [f"-----{'BEGIN'} PGP PRIVATE KEY BLOCK-----", f"PuTTY-User-Key-File-{2}: x"]
    with default_settings():
        plugins: list[Any] = [
            from_plugin_classname(name) for name in ("GitHubTokenDetector", "GitLabTokenDetector", "PrivateKeyDetector")
        ]
    for line in lines:
        found = [s for plugin in plugins for s in plugin.analyze_line(filename="a", line=line, line_number=1) or ()]
        assert found, line
        assert all(Hashed("a", s.type, s.secret_hash).bare for s in found), line


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"results": []}',
        b'{"results": {"a": {}}}',
        b'{"results": {"a": [1]}}',
        b'{"results": {"a": [{}]}}',
        b'{"results": {"a": [{"type": "x", "hashed_secret": "abc"}]}}',
        b'{"results": {"a": [{"type": 1, "hashed_secret": "' + b"a" * 40 + b'"}]}}',
        b'{"results": {}, "results": {}}',
    ],
)
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse(raw)
