"""One document, one meaning: what two YAML readers could read differently is an error with a line."""

import json
import string
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import yaml_documents
from tidegate.formats.yaml_documents import Document, load


def read(text: str | bytes) -> Document:
    raw = text.encode() if isinstance(text, str) else text
    return load(raw, limit=1_000_000, what="the file")


def refusal(text: str | bytes) -> FormatError:
    with pytest.raises(FormatError) as caught:
        read(text)
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on: push", {"on": "push"}),
        ("a: yes\nb: no\nc: off\nd: y", {"a": "yes", "b": "no", "c": "off", "d": "y"}),
        ("a: NO # Norway", {"a": "NO"}),
        ("a: true\nb: False\nc: 'true'", {"a": True, "b": False, "c": "true"}),
        ("a: 2026-01-01\nb: 12:30:45", {"a": "2026-01-01", "b": "12:30:45"}),
        ("a: 010\nb: 0o10\nc: 0x1F\nd: -7\ne: +7\nf: 0", {"a": "010", "b": 8, "c": 31, "d": -7, "e": 7, "f": 0}),
        ("a: 1_000\nb: 1e3\nc: 1.50\nd: .5\ne: 1.", {"a": "1_000", "b": 1000.0, "c": 1.5, "d": 0.5, "e": 1.0}),
        ("a: 1e999\nb: .inf", {"a": "1e999", "b": float("inf")}),
        ("a: ~\nb: null\nc:\nd: ''", {"a": None, "b": None, "c": None, "d": ""}),
        ("a: !!str 12\nb: !!int '12'\nc: ! 12", {"a": "12", "b": 12, "c": "12"}),
        ("", None),
        ("# nothing\n", None),
        ("[1, {a: b}]", [1, {"a": "b"}]),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert read(text).value == value


def test_a_number_of_many_digits_stays_a_string() -> None:
    digits = "9" * 5000
    assert read(f"a: {digits}").value == {"a": digits}


def test_marks_name_keys_and_items() -> None:
    document = read("jobs:\n  a: 1\n  b:\n    - x\n    -  {k: v}\n")
    assert document.marks == {
        (): (1, 1),
        ("jobs",): (1, 1),
        ("jobs", "a"): (2, 3),
        ("jobs", "b"): (3, 3),
        ("jobs", "b", 0): (4, 7),
        ("jobs", "b", 1): (5, 8),
        ("jobs", "b", 1, "k"): (5, 9),
    }
    assert document.line("jobs", "b") == 3
    assert document.line("jobs", "c") is None


def test_aliases_are_spelled_out_and_point_at_the_anchored_text() -> None:
    document = read("a: &x\n  k: 1\nb: *x\n")
    assert document.value == {"a": {"k": 1}, "b": {"k": 1}}
    assert document.marks["b", "k"] == (2, 3)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3", 3, "twice"),
        ("x: {a: 1, 'a': 2}", 1, "twice"),
        ("b: &b {x: 1}\na:\n  <<: *b\n", 3, "merge key"),
        ("a:\n  '<<': 1", 2, "merge key"),
        ("a: 1\n1: 2", 2, "not a string"),
        ("true: 1", 1, "not a string"),
        ("? [a]\n: b", 1, "not a string"),
        ("a: &x k\n*x : 2", 2, "not a string"),
        ("&k a: 1", 1, "anchor on a key"),
        ("a: 1\n---\nb: 2", 2, "more than one document"),
        ("%YAML 1.1\n---\na: 1", 1, "directive"),
        ("%TAG ! tag:example,2000:\n---\na: 1", 1, "directive"),
        ("a: 1\nb: !!python/object/apply:os.system [x]", 2, "tag"),
        ("a: !include x", 1, "tag"),
        ("a: !!timestamp 2026-01-01", 1, "tag"),
        ("a: !!int x", 1, "tag"),
        ("a: !!map [1]", 1, "tag"),
        ("a: *x", 1, "before it is complete"),
        ("a: &x [*x]", 1, "before it is complete"),
        ("a: &x 1\nb: &x 2", 2, "anchor `x` twice"),
        ("a: b: c", 1, "not YAML"),
        ("a: [1", 2, "not YAML"),
        ("a: 1\nb: \u2028x", 2, "U+2028"),
        ("a: 1 # \u202e", 1, "U+202E"),
        ("a: 1\nb: \x85c", 2, "U+0085"),
        ("a: 1\rb: 2", 1, "U+000D"),
        ("a: \x07", 1, "U+0007"),
        ('a: "\\0"', 1, "escape"),
    ],
)
def test_what_readers_disagree_on_is_refused(text: str, line: int, says: str) -> None:
    error = refusal(text)
    assert says in error.message
    assert error.line == line


@pytest.mark.parametrize(
    "raw", [b"a: \xff", b"\xff\xfea\x00", b"a: \x00", "a: \ud800".encode("utf-8", "surrogatepass")]
)
def test_bytes_that_are_no_text_are_refused(raw: bytes) -> None:
    assert refusal(raw).line in (1, None)


def test_an_escaped_half_surrogate_is_refused() -> None:
    refusal('a: "\\ud800"')


def test_more_bytes_than_the_limit_are_refused() -> None:
    with pytest.raises(FormatError, match="larger than 10"):
        load(b"a: 12345678", limit=10, what="the file")


def test_billion_laughs_do_not_expand() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    assert "aliases are spelled out" in refusal("\n".join(lines)).message


def test_aliases_cannot_nest_past_the_depth() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 80)]
    assert "nested deeper" in refusal("\n".join(lines)).message


@pytest.mark.parametrize("text", ["[" * 200, "{a: " * 200, "- " * 100_000, "[" * 100_000, "? " * 50_000])
def test_depth_is_bounded(text: str) -> None:
    refusal(text)


def test_the_number_of_parts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_documents, "MAX_NODES", 1000)
    assert "more than 1000 parts" in refusal("[" + "a," * 1000 + "]").message
    assert len(read("[" + "a," * 999 + "]").marks) == 1000


def test_the_pure_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x [1, on, {b: 'c'}]\nd: *x\n"
    native = read(text)
    monkeypatch.setattr(yaml_documents, "_LOADER", yaml.SafeLoader)
    assert read(text) == native
    refusal("a: 1\na: 2")
    refusal("[" * 5000)


_KEYS = st.text(string.ascii_letters + string.digits + " -_.:#'\"é", min_size=1, max_size=8)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp", "Cs", "Cn"]), max_size=12)
)
_TREES = st.recursive(
    _SCALARS, lambda t: st.lists(t, max_size=4) | st.dictionaries(_KEYS, t, max_size=4), max_leaves=20
)


@settings(max_examples=60, deadline=None)
@given(_TREES)
def test_what_is_quoted_comes_back(tree: Any) -> None:
    plain = tree if not isinstance(tree, dict) else {k: v for k, v in tree.items() if k != "<<"}
    assert read(json.dumps(plain, ensure_ascii=False)).value == plain


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text("ab:-[]{}&*!|>%@`'\"#,? \n\t<~0\\", max_size=80).map(str.encode))
def test_any_bytes_give_a_document_or_a_refusal(raw: bytes) -> None:
    try:
        document = load(raw, limit=1000, what="the file")
    except FormatError:
        return
    assert document.marks[()][0] >= 1
