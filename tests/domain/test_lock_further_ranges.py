"""Ranges of NuGet, Hex and Terraform: a version is called outside only where it certainly is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.locks import ecosystems, hex_ranges, nuget_ranges, numbered, terraform_ranges


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0", "[1.0.0, )"),
        ("13.*", "[13.*, )"),
        ("[1.0.0]", "[1.0.0, 1.0.0]"),
        ("(1,2.0)", "(1.0.0, 2.0.0)"),
        ("1.0.0-Beta.1", "[1.0.0-beta.1, )"),
        ("1.2.3.0", "1.2.3"),
    ],
)
def test_one_range_has_one_spelling(one: str, other: str) -> None:
    assert nuget_ranges.spelled(one) == nuget_ranges.spelled(other)


def test_different_ranges_have_different_spellings() -> None:
    every = ["1.0", "1.0.1", "[1.0]", "(1.0, )", "(, 1.0]", "1.*", "1.0.0-*", "1.2.3.4"]
    assert len({nuget_ranges.spelled(one) for one in every}) == len(every)


@pytest.mark.parametrize(
    ("version", "wanted", "outside"),
    [
        ("9.0.0", "[9.*, )", False),
        ("8.9.9", "[9.*, )", True),
        ("1.0.0-rc1", "[1.0.0-*, )", False),
        ("0.9.9", "[1.0.0-*, )", True),
        ("12.0", "13.0.3", True),
        ("14.0.0", "13.0.3", False),
        ("2.0", "[1,2)", True),
        ("2.0", "[1,2]", False),
        ("1.0", "(1,2)", True),
        ("5.0.0", "[1.0.0]", True),
        ("1.0.0-beta", "1.0.0", True),
        ("1.2.3.4", "1.2.3.5", True),
        ("what", "1.0", False),
        ("1.0", "$(Version)", False),
        ("1.0", "", False),
    ],
)
def test_nuget(version: str, wanted: str, outside: bool) -> None:
    assert nuget_ranges.outside(version, wanted) is outside


@pytest.mark.parametrize(
    ("version", "wanted", "outside"),
    [
        ("1.7.0-rc.3", "~> 1.7.0-rc.0", False),
        ("1.7.9", "~> 1.7.0", False),
        ("1.8.0", "~> 1.7.0", True),
        ("1.8.0", "~> 1.7", False),
        ("2.0.0", "~> 1.7", True),
        ("2.0.0-rc.0", "~> 1.7", True),
        ("0.3.0", "~> 0.4 or ~> 1.0", True),
        ("1.3.0", "~> 0.4 or ~> 1.0", False),
        ("1.3.0", ">= 1.0.0 and < 1.3.0", True),
        ("1.3.0", "1.3.0", False),
        ("1.3.1", "== 1.3.0", True),
        ("1.3.0", "!= 1.3.0", True),
        ("1.3.0", "what", False),
        ("1.3.0", "what or ~> 2.0", False),
        ("1.3.0", "~> 2", False),
        ("", "~> 2.0", False),
        ("1.3.0", "", False),
    ],
)
def test_hex(version: str, wanted: str, outside: bool) -> None:
    assert hex_ranges.outside(version, wanted) is outside


@pytest.mark.parametrize(
    ("version", "wanted", "outside"),
    [
        ("5.1.0", "~> 5.0", False),
        ("6.0.0", "~> 5.0", True),
        ("5.1.0", "~> 5.0.1", True),
        ("6.0.0", "~> 5", False),
        ("4.0.0", "~> 5", True),
        ("1.0.0", ">= 0.9, < 1.0", True),
        ("1.0.0", ">= 0.9, <= 1.0", False),
        ("1.0.0", "!= 1.0.0", True),
        ("1.0.0", "= 1.0.0", False),
        ("1.0.1", "1.0.0", True),
        ("1.0.0", "> 1.0.0", True),
        ("1.0.0", "what", False),
        ("what", "1.0.0", False),
    ],
)
def test_terraform(version: str, wanted: str, outside: bool) -> None:
    assert terraform_ranges.outside(version, wanted) is outside


PARTS = st.lists(st.integers(0, 30), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(PARTS, PARTS, st.text(max_size=20))
def test_a_version_is_never_outside_of_itself_and_nothing_raises(one: list[int], other: list[int], text: str) -> None:
    first, second = ".".join(map(str, one)), ".".join(map(str, other))
    for outside in (nuget_ranges.outside, hex_ranges.outside, terraform_ranges.outside):
        assert outside(first, f">= {first}") is False or outside is nuget_ranges.outside
        assert outside(first, first) is False
        outside(text, second)
        outside(first, text)
    left, right = numbered.read(first), numbered.read(second)
    assert left is not None
    assert right is not None
    assert (left.key < right.key) == ([*one, 0, 0, 0][:4] < [*other, 0, 0, 0][:4])


@pytest.mark.parametrize(
    ("ecosystem", "version", "exact"),
    [
        ("Maven", "9.4.53.v20231009", True),
        ("Maven", "f195849ca9", True),
        ("Maven", "9999.0-empty-to-avoid-conflict", True),
        ("Maven", "9+181-r4173-1", True),
        ("Maven", "1.+", False),
        ("Maven", "1.0-SNAPSHOT", False),
        ("Maven", "latest.release", False),
        ("Maven", "RELEASE", False),
        ("Maven", "[1.0,2.0)", False),
        ("NuGet", "1.2.3.4-beta.1+build", True),
        ("NuGet", "1.*", False),
        ("NuGet", "1.0,2.0", False),
        ("Hex", "1.7.0-rc.3", True),
        ("Hex", "~> 1.0", False),
    ],
)
def test_one_version_is_told_from_a_range(ecosystem: str, version: str, exact: bool) -> None:
    assert ecosystems.exact(ecosystem, version) is exact
