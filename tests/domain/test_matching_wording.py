"""What a release manager reads of an advisory."""

import pytest

from tidegate.domain.matching.wording import MAX, sentence

LONG = "a crafted redirect makes the client send credentials " * 4


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("Leaks the header on redirects", "Leaks the header on redirects"),
        ("Leaks the header.  \n", "Leaks the header"),
        (
            "Foo is a HTTP library. Since Foo 2.3.0, it has been leaking headers. More.",
            "Since Foo 2.3.0, it has been leaking headers",
        ),
        ("Foo is a HTTP library.", "Foo is a HTTP library"),
        ("Foo before 1.2.3 allows e.g. header injection. More.", "Foo before 1.2.3 allows e.g. header injection"),
        ("There is a hole in the parser. Upgrade.", "There is a hole in the parser"),
        ("", ""),
    ],
)
def test_a_summary_is_one_sentence_about_the_fault(summary: str, said: str) -> None:
    assert sentence(summary, "foo") == said


def test_a_long_sentence_ends_at_a_word() -> None:
    said = sentence(LONG, "foo")
    assert len(said) <= MAX + 1
    assert said.endswith("send…")


def test_one_long_word_is_cut() -> None:
    assert sentence("x" * 5000, "foo") == "x" * MAX + "…"
