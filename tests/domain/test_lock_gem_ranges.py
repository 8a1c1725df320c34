"""RubyGems' order of versions and its requirements, as its own tests have them."""

import pytest

from tidegate.domain.locks.gem_ranges import outside, requirements

INSIDE = [
    ("1.0", "= 1"),
    ("1.0.0", "1"),
    ("1.4", "~> 1.2"),
    ("1.2.9", "~> 1.2.3"),
    ("2.9", "~> 2"),
    ("1.0.0.rc1", "< 1"),
    ("1.0.0.rc2", "> 1.0.0.rc1"),
    ("1.0", ""),
    ("1.0", ">= 0"),
    ("1.10", "> 1.9, < 2"),
    ("1.8.2.b2", "> 1.8.2.a10"),
    ("5.3", "> 5.2.4"),
    ("1.0.1", "!= 1.0"),
    ("1.2.b1", "<= 1.2"),
]
OUTSIDE = [
    ("2.0", "~> 1.2"),
    ("1.3.0", "~> 1.2.3"),
    ("1.2.2", "~> 1.2.3"),
    ("3", "~> 2"),
    ("1.0.0.rc1", ">= 1"),
    ("1.0", "!= 1.0.0"),
    ("1.0", "> 1, < 2"),
    ("0.9", ">= 1"),
    ("1.1", "<= 1.0.9"),
    ("1.9", "~> 1.0, != 1.9.0"),
]


@pytest.mark.parametrize(("version", "wanted"), INSIDE)
def test_a_version_that_fits_is_not_outside(version: str, wanted: str) -> None:
    assert not outside(version, wanted)


@pytest.mark.parametrize(("version", "wanted"), OUTSIDE)
def test_a_version_that_does_not_fit_is_outside(version: str, wanted: str) -> None:
    assert outside(version, wanted)


@pytest.mark.parametrize(
    ("version", "wanted"), [("latest", "= 1"), ("", "= 1"), ("1" * 200, "= 2"), ("1", "about 2"), ("1", ">= x")]
)
def test_what_cannot_be_read_is_not_said_to_be_outside(version: str, wanted: str) -> None:
    assert not outside(version, wanted)


def test_spelling_does_not_make_another_requirement() -> None:
    assert requirements("~>1.0,>=1.0.3") == requirements(">= 1.0.3, ~> 1.0")
    assert requirements("1.2") == requirements("= 1.2")
    assert requirements(">= 0") == requirements("") == frozenset()
    assert requirements("~> x") is None
