"""A comment that asks to accept a finding says what, why, who and until when, or asks nothing."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.secrets.pragmas import MAX_LENGTH, WITHHELD, Pragma, comment, parse
from tidegate.errors import FormatError

WHOLE = "reason='a sample of the docs' owner=ann expires=2027-02-01"
ASKED = Pragma("secret-suspected", "a sample of the docs", "ann", date(2027, 2, 1))
VALUE = "correct-" + "horse-" + "battery"


@pytest.mark.parametrize(
    "rest",
    [
        WHOLE,
        'reason="a sample of the docs" owner="ann" expires="2027-02-01"',
        "reason=a sample of the docs owner=ann expires=2027-02-01",
        "expires=2027-02-01 owner=ann reason=a sample of the docs",
        "expires=2027-02-01 and more owner=ann reason=a sample of the docs",
        "\treason='a sample of the docs'\towner=ann  expires=2027-02-01",
    ],
)
def test_a_whole_comment_is_read_however_its_values_are_quoted(rest: str) -> None:
    assert parse(f"tidegate:allow secret-suspected {rest}") == ASKED


@pytest.mark.parametrize(
    "line",
    [
        f"x = 1  # tidegate:allow secret-suspected {WHOLE}",
        f"/* tidegate:allow secret-suspected {WHOLE} */ int x;",
        f"<!-- tidegate:allow secret-suspected {WHOLE} --><p>",
        f"{{# tidegate:allow secret-suspected {WHOLE} #}}",
        f"(* tidegate:allow secret-suspected {WHOLE} *)",
        f"// tidegate:allow secret-suspected {WHOLE}\r\n",
        "/* tidegate:allow secret-suspected owner=ann expires=2027-02-01 reason=a sample of the docs */ x",
    ],
)
def test_the_comment_ends_where_the_comment_of_its_language_does(line: str) -> None:
    assert parse(comment(line, ())) == ASKED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tidegate:allow", "names no rule"),
        ("tidegate:allow * " + WHOLE, "names no rule"),
        ("tidegate:allow secret-* " + WHOLE, "names no rule"),
        ("tidegate:allow Secret " + WHOLE, "names no rule"),
        ("tidegate:allow secret-suspected", "lacks `reason=` and `owner=` and `expires=`"),
        ("tidegate:allow secret-suspected reason='a sample of the docs' owner=ann", "lacks `expires=`"),
        ("tidegate:allow secret-suspected reason='a sample of the docs' owner= expires=2027-02-01", "lacks `owner=`"),
        ("tidegate:allow secret-suspected reason='' owner=ann expires=2027-02-01", "lacks `reason=`"),
        ("tidegate:allow secret-suspected reason=test owner=ann expires=2027-02-01", "shorter than 10"),
        ("tidegate:allow secret-suspected reason='a sample of the docs' owner=ann expires=never", "no date"),
        ("tidegate:allow secret-suspected reason='a sample of the docs' owner=ann expires=2027-02-30", "no date"),
        ("tidegate:allow secret-suspected reason='a sample of the docs' owner=ann expires=20270201", "no date"),
        (f"tidegate:allow secret-suspected {WHOLE} expires=2099-01-01", "says `expires=` twice"),
        (f"tidegate:allow secret-suspected {WHOLE} owner=\x1b[31m", "says `owner=` twice"),
        ("tidegate:allow secret-suspected reason='a sample\x1b[31m of it' owner=ann expires=2027-02-01", "printable"),
        ("tidegate:allow secret-suspected " + "x" * 400, "names no rule"),
    ],
)
def test_a_comment_that_lacks_something_asks_nothing_and_says_what_it_lacks(text: str, told: str) -> None:
    with pytest.raises(FormatError, match=r".") as caught:
        parse(text)
    assert told in caught.value.message


def test_a_line_without_a_comment_has_none() -> None:
    for line in ("", "x = 1", "tidegate:allowed by nobody", "# tidegate:allow", "# tidegate:deny x"):
        assert comment(line, ()) == ""


def test_a_comment_that_repeats_a_part_of_the_value_is_never_shown() -> None:
    for told in (VALUE, VALUE[3:13], VALUE[-10:], "x" + VALUE[:11] + "x"):
        line = f"p = '{VALUE}' # tidegate:allow secret-suspected reason='it is {told}' owner=ann expires=2027-02-01"
        assert comment(line, [VALUE]) == WITHHELD
        assert comment(line, ["other", VALUE]) == WITHHELD
    with pytest.raises(FormatError, match="repeats"):
        parse(WITHHELD)
    named = f"p = 'secret-suspected' # tidegate:allow secret-suspected {WHOLE}"
    assert parse(comment(named, ["secret-suspected"])) == ASKED
    short = f"p = 'abc' # tidegate:allow secret-suspected reason='abc is no secret' {WHOLE}"
    assert comment(short, ["abc"]) == WITHHELD
    assert comment(short, ["", "xyz"]) != WITHHELD


def test_a_comment_is_bounded_and_read_in_time_that_grows_with_its_length() -> None:
    begun = time.perf_counter()
    for noise in ("reason=", "reason=' ", 'owner="', " \t", "a", "-->", "expires=2027-02-01 "):
        text = comment("# tidegate:allow secret-suspected " + noise * 200_000, ["v" * 100_000])
        assert len(text) <= MAX_LENGTH
        with pytest.raises(FormatError):
            parse(text)
    assert time.perf_counter() - begun < 2


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=30))
def test_any_text_is_read_or_refused_and_the_refusal_does_not_quote_it(noise: str, value: str) -> None:
    text = comment(f"# tidegate:allow secret-suspected {noise}", [value])
    told = asked = ""
    try:
        pragma = parse(text)
        asked = pragma.reason + pragma.owner
    except FormatError as error:
        told = error.message
    assert asked.isprintable()
    assert len(told) < 120
    assert len(noise.strip()) < 14 or noise not in told
    assert not value or len(value) > 10 or value not in asked
