"""Foreign text can do nothing but be read."""

from html.parser import HTMLParser

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from support.hostile import obeyed, texts, unseen
from tidegate.reporters import escape

bounded = settings(max_examples=60, deadline=None)


class _Page(HTMLParser):
    """The text and the tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.feed(page)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


def _page(markdown: str) -> _Page:
    return _Page(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, `ticks` and é 漢字", "plain text, `ticks` and é 漢字"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x00\x07\x7f\x9b", r"\x00\x07\x7f\x9b"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\u202e\u2066\u2069", r"\u202e\u2066\u2069"),
        ("\u200b\u200d\ufeff", r"\u200b\u200d\ufeff"),
        ("\u2028\u2029\u0085", r"\u2028\u2029\x85"),
        ("\ud800", r"\ud800"),
        ("\u3164\ufe0f\u2800", r"\u3164\ufe0f\u2800"),
        ("\U000e0041", r"\U000e0041"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 4, "e" + "\u0301" * 3 + r"\u0301"),
        ("::error::x", r"\x3a:error::x"),
        ("  ::error::x", r"  \x3a:error::x"),
        ("a ::error::x", "a ::error::x"),
        ("x ##[add-path]y", r"x #\x23[add-path]y"),
        ("###[error]", r"##\x23[error]"),
        ("## heading", "## heading"),
    ],
)
def test_what_acts_or_hides_is_spelled_out(text: str, shown: str) -> None:
    assert escape.terminal(text, 200) == shown


@bounded
@given(texts, st.integers(0, 120), st.booleans())
def test_terminal_text_is_one_bounded_line_that_only_prints(text: str, limit: int, ascii_only: bool) -> None:
    shown = escape.terminal(text, limit, ascii_only=ascii_only)
    assert not any(unseen(char) for char in shown)
    assert not obeyed(shown)
    assert len(shown) <= max(limit, 3)
    assert shown.isascii() or not ascii_only


def test_a_long_text_says_that_it_was_cut_and_not_in_the_middle_of_an_escape() -> None:
    assert escape.terminal("x" * 20, 10) == "x" * 9 + "…"
    assert escape.terminal("x" * 10, 10) == "x" * 10
    assert escape.terminal("x" * 20, 10, ascii_only=True) == "x" * 7 + "..."
    assert escape.terminal("12345\u202e7", 10) == "12345…"
    assert escape.terminal("12345\x1b789", 10) == r"12345\x1b…"


def test_a_plain_terminal_gets_typewriter_characters_and_escapes() -> None:
    assert escape.terminal("“a” – b… é", 100, ascii_only=True) == '"a" - b... \\xe9'


@pytest.mark.parametrize(
    ("text", "scalar"),
    [
        ("pkg:pypi/jinja2@3.1.4#GHSA-cpwx-vrp4-4pq7", "pkg:pypi/jinja2@3.1.4#GHSA-cpwx-vrp4-4pq7"),
        (".github/workflows/ci.yml#build", ".github/workflows/ci.yml#build"),
        ("no", '"no"'),
        (".INF", '".INF"'),
        ("1.10", '"1.10"'),
        ("@scope/name", '"@scope/name"'),
        ("a: b", '"a: b"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("", '""'),
        ("x\n\x1b", '"x\\n\\x1b"'),
    ],
)
def test_a_subject_is_ready_to_paste(text: str, scalar: str) -> None:
    assert escape.yaml_scalar(text) == scalar


@bounded
@given(texts.filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)))
def test_a_pasted_subject_is_exactly_the_subject(text: str) -> None:
    for ascii_only in (False, True):
        scalar = escape.yaml_scalar(text, ascii_only=ascii_only)
        assert yaml.safe_load(f"about: {scalar}") == {"about": text}
        assert not any(unseen(char) for char in scalar)
        assert not obeyed(f"about: {scalar}")


def test_workflow_commands_carry_line_ends_and_percent_signs_as_data() -> None:
    assert escape.workflow_command("50%\r\n::error::x,y:z") == "50%25%0D%0A::error::x,y:z"
    assert escape.workflow_property("a:b,c%\n::x") == "a%3Ab%2Cc%25%0A%3A%3Ax"
    assert escape.workflow_command("%0A") == "%250A"
    assert escape.workflow_command("\x1b##[add-path]x") == r"\x1b#\x23[add-path]x"


@bounded
@given(texts)
def test_a_property_cannot_end_its_command(text: str) -> None:
    stated = escape.workflow_property(text)
    assert not set(stated) & set("\r\n:,")
    assert not any(unseen(char) for char in stated + escape.workflow_command(text))


@bounded
@given(texts)
def test_markdown_shows_the_text_and_makes_nothing_of_it(text: str) -> None:
    page = _page(escape.markdown(text))
    assert page.tags <= {"p", "code"}
    assert page.text.strip() == escape.terminal(text).strip()


@bounded
@given(texts)
def test_markdown_prose_makes_code_of_ticks_and_nothing_else(text: str) -> None:
    page = _page(f"- {escape.markdown_prose(text)}")
    assert page.tags <= {"ul", "li", "p", "code"}


@bounded
@given(texts)
def test_a_code_span_holds_the_text_in_prose_and_in_a_cell(text: str) -> None:
    shown = escape.terminal(text) or " "
    page = _page(f"- x {escape.markdown_code(text)} y")
    assert page.tags == {"ul", "li", "code"}
    assert " ".join(page.text.split()) == " ".join(f"x {shown} y".split())
    cells = _page(f"| a | b |\n| --- | --- |\n| {escape.markdown_code(text, cell=True)} | {escape.markdown(text)} |")
    assert cells.tags <= {"table", "thead", "tr", "th", "tbody", "td", "code"}
    assert " ".join(cells.text.split()) == " ".join(f"a b {shown} {escape.terminal(text)}".split())


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("see @team and #12", "see `@`team and `#`12"),
        ("https://evil.example", r"https\://evil.example"),
        ("WWW.evil.example", r"WWW\.evil.example"),
        ("::error::", r"\\x3a\:error\:\:"),
        ("<b> & `x` | y", r"&lt;b&gt; &amp; &#96;x&#96; \| y"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("[a](b) *c* _d_", r"\[a\]\(b\) \*c\* \_d\_"),
    ],
)
def test_markdown_metacharacters_mentions_and_links_are_defused(text: str, marked: str) -> None:
    assert escape.markdown(text) == marked


def test_prose_keeps_balanced_ticks_as_code() -> None:
    assert escape.markdown_prose("run `a|b` now") == "run `a|b` now"
    assert escape.markdown_prose("run `a|b` now", cell=True) == r"run `a\|b` now"
    assert escape.markdown_prose("run `a now") == "run &#96;a now"


def test_the_fence_is_longer_than_any_run_inside() -> None:
    assert escape.markdown_code("a``b`c") == "```a``b`c```"
    assert escape.markdown_code("`") == "`` ` ``"
    assert escape.markdown_code("") == "`   `"
