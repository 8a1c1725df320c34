"""URLs and paths of lockfiles: one reading, or none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import repopath, urls
from tidegate.formats.text import decode, shown, subject


def test_scheme_and_host_are_compared_in_lower_case() -> None:
    url = urls.parse("HTTPS://Index.Example:443/Simple?a=b#c")
    assert (url.scheme, url.host, url.port, url.path, url.query, url.fragment) == (
        "https",
        "index.example",
        None,
        "/Simple",
        "a=b",
        "c",
    )
    assert urls.faults(url) == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("http://index.example/x", "http"),
        ("ftp://index.example/x", "ftp"),
        ("https://user@index.example/x", "user"),
        ("https://user:word@index.example/x", "password"),
        ("https://index.example@evil.example/x", "user"),
        ("https://10.0.0.1/x", "IP address"),
        ("https://2130706433/x", "IP address"),
        ("https://0x7f.0.0.1/x", "IP address"),
        ("https://017700000001/x", "IP address"),
        ("https://[::1]/x", "IP address"),
        ("https://index.example:8443/x", "port"),
    ],
)
def test_what_is_unwise_in_an_address_is_named(text: str, word: str) -> None:
    assert any(word in fault for fault in urls.faults(urls.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "index.example/x",
        "https:/index.example/x",
        "https:///x",
        "https://index.example\\@evil.example/x",
        "https://index.example/a b",
        "https://index.example/\tx",
        "https://index.example/\u202egpj.exe",
        "https://\u0456ndex.example/x",
        "https://index.example/%",
        "https://index.example/%00",
        "https://index.example/%0d%0ax",
        "https://index.example/a/../b",
        "https://index.example/a/%2e%2E/b",
        "https://index.example./x",
        "https://index..example/x",
        "https://-index.example/x",
        "https://index.example:port/x",
        "https://index.example:99999/x",
        "https://${HOST}/x",
        "https://index.example/" + "a" * 5000,
    ],
)
def test_what_two_clients_could_read_differently_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        urls.parse(text)


def test_git_addresses_in_their_three_spellings_are_one() -> None:
    for text in ("git+ssh://git@host.example/o/r.git", "ssh://git@host.example/o/r.git", "git@host.example:o/r.git"):
        url = urls.parse_git(text)
        assert (url.scheme, url.host, url.path) == ("ssh", "host.example", "/o/r.git")
        assert urls.faults(url, git=True) == ()


def test_a_password_is_a_fault_even_over_ssh() -> None:
    assert urls.faults(urls.parse_git("ssh://git:word@host.example/o/r"), git=True)
    assert urls.faults(urls.parse_git("git://host.example/o/r"), git=True)


def test_the_origin_shows_no_secret() -> None:
    assert urls.parse("https://user:word@index.example:8443/x?token=y").origin == "https://index.example:8443"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60) | st.text("htps:/@.[]%e0x", max_size=60).map(lambda tail: "https://" + tail))
def test_any_text_is_read_or_refused_with_a_format_error(text: str) -> None:
    try:
        url = urls.parse(text)
    except FormatError:
        return
    assert url.host == url.host.lower()
    assert url.host.isascii()


@pytest.mark.parametrize(
    ("where", "target", "whole"),
    [
        (".", "packages/a", "packages/a"),
        (".", "./a", "a"),
        ("sub", "../a", "a"),
        ("sub", "..", "."),
        ("sub/deep", "file:../../a.tgz", "a.tgz"),
        (".", "file:./a", "a"),
        (".", ".", "."),
    ],
)
def test_paths_inside_the_repository_are_resolved(where: str, target: str, whole: str) -> None:
    assert repopath.resolve(where, target) == whole


@pytest.mark.parametrize(
    "target",
    [
        "",
        "..",
        "../a",
        "a/../../b",
        "/etc",
        "~/a",
        "C:/a",
        "c:a",
        "a\\b",
        "file:///etc",
        "file:/etc",
        "$HOME/a",
        "%2e%2e/a",
        "a\0b",
        "//host/a",
        "https://host.example/a",
        "git+ssh://x/y",
    ],
)
def test_paths_that_may_leave_the_repository_are_none(target: str) -> None:
    assert repopath.resolve(".", target) is None


@settings(max_examples=60, deadline=None)
@given(st.text("./a~\\: ", max_size=12), st.sampled_from([".", "a", "a/b"]))
def test_a_resolved_path_never_climbs_out(target: str, where: str) -> None:
    whole = repopath.resolve(where, target)
    assert whole is None or (not whole.startswith("/") and ".." not in whole.split("/"))


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"a\n<<<<<<< ours\n", 2),
        (b"a\nb\n>>>>>>> theirs\n", 3),
        ("a\nb\u202ec\n".encode(), 2),
        (b"a\n\xff\n", 2),
        (b"a\nb\0", 2),
    ],
)
def test_text_that_hides_something_is_refused_with_its_line(raw: bytes, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        decode(raw, limit=100, what="it")
    assert caught.value.line == line


def test_foreign_text_is_shown_escaped_and_short() -> None:
    assert shown("a\u202eb\n`x`\x1b[31m") == "a\\u202eb\\x0a'x'\\x1b[31m"
    assert len(shown("a" * 500)) == 121


def test_subjects_of_different_texts_differ() -> None:
    assert subject("packages/a") == "packages/a"
    long, longer = "a" * 300, "a" * 301
    assert len({subject(text) for text in (long, longer, "`", "'", "\ud800", "\\ud800", "\n", "\\x0a")}) == 8
