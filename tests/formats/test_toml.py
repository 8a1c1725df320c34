"""TOML is read the same with and without the quick parser."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import toml

NEWER = (
    "a = {\n b = 1,\n}\n",
    "a = { b = 1, }\n",
    "a = { b = 1\n}\n",
    'a = "\\e"\n',
    'a = "\\x41"\n',
    "a = 12:30\n",
    "a = 2020-01-01T12:30\n",
)
TEXTS = (
    *NEWER,
    'a = [\n  { b = "}" },\n]\n',
    "a = 2020-01-01T12:30:15+00:00\n",
    "a = 1\na = 2\n",
    "[a]\nb = 1\n[a]\n",
    "a = " + "[" * 100 + "]" * 100,
    "a = " + "[\n" * 3000 + "]" * 3000,
    "a = 1" + "0" * 5000,
    "\u00e9 = 1\n",
)


def read(text: str) -> object:
    try:
        return toml.loads(text.encode(), limit=1 << 20, what="the file")
    except FormatError as error:
        return error.message, error.line


@pytest.mark.parametrize("text", NEWER)
def test_a_later_toml_is_not_read(text: str) -> None:
    with pytest.raises(FormatError, match="is not TOML"):
        toml.loads(text.encode(), limit=1 << 20, what="the file")


@pytest.mark.parametrize("text", TEXTS)
def test_both_parsers_say_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = read(text)
    monkeypatch.setattr(toml, "_QUICK", None)
    assert read(text) == quick


@given(st.text(alphabet="ab.=[]{}\",\n \\ex0:1-T#'", max_size=60))
@settings(max_examples=60, deadline=None)
def test_what_is_read_is_what_the_standard_library_reads(text: str) -> None:
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(FormatError):
            toml.loads(text.encode(), limit=1 << 20, what="the file")
        return
    assert toml.loads(text.encode(), limit=1 << 20, what="the file") == wanted


@pytest.mark.parametrize("sign", [".", "[", "{"])
def test_a_line_that_would_cost_the_square_of_its_length_is_refused(sign: str) -> None:
    with pytest.raises(FormatError, match="too complex") as caught:
        toml.loads(f"a = 1\n{sign * 201}".encode(), limit=1 << 20, what="the file")
    assert caught.value.line == 2
