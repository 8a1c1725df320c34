"""Elixir's plain data is read, code is refused, and nothing is ever run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats.elixir import MAX_DEPTH, Atom, Pair, Sequence, loads, read


def test_literals_come_back_as_values() -> None:
    term = loads('%{\n  "a": {:hex, 1_000, "x\\n", true, [:b, c: nil]}, # why\n  "d" => [], }\n', "it")
    assert isinstance(term, Sequence)
    first, second = term.items
    assert isinstance(first, Pair)
    assert isinstance(second, Pair)
    assert (first.key, first.line, second.key, second.value) == ("a", 2, "d", Sequence("[", (), 3))
    assert isinstance(first.value, Sequence)
    assert first.value.items[:4] == (Atom("hex"), 1000, "x\n", Atom("true"))
    assert isinstance(first.value.items[4], Sequence)
    assert first.value.items[4].option("c") == Atom("nil")
    assert first.value.items[4].option("z") is None


def test_a_literal_inside_a_text_ends_where_it_ends() -> None:
    term, end = read("def x do [:a] end", "it", 9)
    assert (term, end) == (Sequence("[", (Atom("a"),), 1), 13)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "x()",
        "[1 2]",
        "[1}",
        "{:a",
        '"#{1}"',
        '"\\x41"',
        '"open',
        "%{1}",
        "%{a: 1, a: 2}",
        '%{"a" => 1, a: 2}',
        "%{[] => 1}",
        "1.5",
        "9" * 40,
        "[" * (MAX_DEPTH + 2),
        "[] ++ x",
        "~w(a)",
        ":",
        "%{} %{}",
        "true()",
    ],
)
def test_code_and_broken_data_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        loads(text, "it")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='%{}[],:"\\#=> \nab1~_', max_size=80) | st.text(max_size=40))
def test_nothing_but_a_format_error_is_raised(text: str) -> None:
    try:
        loads(text, "it")
    except FormatError:
        return
