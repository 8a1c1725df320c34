"""What the line reader takes for YAML means the same to the YAML reader; everything else it leaves alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.node_projects import written
from tidegate.errors import FormatError
from tidegate.formats import yaml_documents
from tidegate.formats.locks import indented, pnpm_text

REAL = [written(tool) for tool in ("pnpm7", "pnpm8", "pnpm9")]
LINES = [
    "a: b",
    "  a: b",
    "    - c",
    "  - c",
    "  a:",
    "'a''b': 'c''d'",
    '"a\\nb": "c\\td"',
    "a: {b: c, d: '>=1'}",
    "a: { b: 1.0, c: ~ }",
    "a: [b, 'c']",
    "a: {}",
    "a: []",
    "1.0: x",
    "null: x",
    "a: null",
    "a: ~",
    "a: yes",
    "a: 012",
    "a: 0x1f",
    "a: .inf",
    "a: 1e3",
    "a: -1",
    "a: b: c",
    "a: b #c",
    "a: b#c",
    "# a: b",
    "? a",
    ": b",
    "<<: *a",
    "a: &b c",
    "a: !!str c",
    "a: |-",
    "a: >-",
    "a: 'b' c",
    "a: {b: c",
    "a: {b: {c: d}}",
    "a: {b: c,}",
    "a: {b: c?d}",
    "a: {'0': node >=0.6.0}",
    'a: "b',
    "---",
    "...",
    "%YAML 1.1",
    "a:\tb",
    "a : b",
    "a:b: c",
    "-: x",
    "a: =",
    "a: @b",
    "a: `b",
]


def agree(text: str) -> bool:
    """Whether the line reader reads it at all; if it does, the YAML reader has to agree."""
    try:
        checked = yaml_documents.checked(text.encode(), 1 << 20, "it")
    except (FormatError, UnicodeEncodeError):
        return False
    try:
        read = indented.read(checked, pnpm_text._scalar)
    except indented.Unknown:
        return False
    document = yaml_documents.load(text.encode(), limit=1 << 20, what="it")
    assert read.value == (document.value or {})
    for path, line in read.lines.items():
        assert document.line(*path) == line
    return True


@pytest.mark.parametrize("text", REAL)
def test_real_locks_are_read_line_by_line(text: str) -> None:
    assert agree(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(LINES)), max_size=8))
def test_any_lines_mean_the_same_or_are_left_alone(lines: list[tuple[int, str]]) -> None:
    agree("\n".join("  " * depth + line for depth, line in lines))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REAL), st.integers(0, 1500), st.text(max_size=4), st.integers(0, 30))
def test_a_damaged_lock_means_the_same_or_is_left_alone(text: str, at: int, patch: str, cut: int) -> None:
    agree(text[:at] + patch + text[at + cut :])


@pytest.mark.parametrize("line", LINES)
def test_a_single_line_means_the_same_or_is_left_alone(line: str) -> None:
    agree(line)
    agree(f"a:\n  {line}\n  z: 1\n")
    agree(f"{line}\n  b: c\n")


@pytest.mark.parametrize(
    "text",
    [
        "a: b\na: c",
        "a:\n    b: c",
        "a: b\n  c: d",
        "a:\n  - b: c",
        "a:\n  - b\n  c: d",
        "a: b\n c: d",
        "\ta: b",
        "a: b ",
        "'a'b: c",
        '"\\ud800": c',
        '? "a"\nb: c',
        "a",
        "a:\n" + "\n".join("  " * depth + "x:" for depth in range(1, 40)),
    ],
)
def test_what_is_not_certain_is_left_to_another_reader(text: str) -> None:
    with pytest.raises(indented.Unknown):
        indented.read(text, str)


def test_long_keys_are_read_as_yarn_writes_them() -> None:
    key = ", ".join(f"a@npm:^{number}" for number in range(200))
    read = indented.read(f'? "{key}"\n:\n  version: 1.0.0\n', str)
    assert read.value == {key: {"version": "1.0.0"}}
    assert read.lines[(key,)] == 1


def test_lists_stand_at_either_indentation() -> None:
    assert indented.read("a:\n- b\n- c\nd:\n  - 'e'\n", str).value == {"a": ["b", "c"], "d": ["e"]}
