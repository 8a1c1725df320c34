"""A locked npm version outside of what was asked for is told; what is no range is left alone."""

import pytest

from tidegate.domain.locks import npm_ranges


@pytest.mark.parametrize(
    ("version", "wanted", "outside"),
    [
        ("1.2.3", "^1.2.0", False),
        ("2.0.0", "^1.2.0", True),
        ("1.1.9", "^1.2.0", True),
        ("0.2.9", "^0.2.3", False),
        ("0.3.0", "^0.2.3", True),
        ("0.0.4", "^0.0.3", True),
        ("1.2.9", "~1.2.3", False),
        ("1.3.0", "~1.2.3", True),
        ("1.9.0", "~1", False),
        ("5.1.0", "5.x", False),
        ("6.0.0", "5.x", True),
        ("5.1.0", "5", False),
        ("1.2.3", "1.2.3", False),
        ("1.2.4", "=1.2.3", True),
        ("1.5.0", ">=1.0.0 <2.0.0", False),
        ("2.0.0", ">=1.0.0 <2.0.0", True),
        ("2.0.0", ">= 1.0.0 < 2.0.0", True),
        ("2.0.0", "1.0.0 - 1.9.9", True),
        ("2.3.9", "1.2 - 2.3", False),
        ("2.4.0", "1.2 - 2.3", True),
        ("3.0.0", "^1 || ^3", False),
        ("2.0.0", "^1 || ^3", True),
        ("2.0.0", ">1", False),
        ("1.9.9", ">1", True),
        ("1.9.9", "<=1", False),
        ("2.0.0-rc.1", "^1.0.0", True),
        ("2.0.0-rc.2", "^2.0.0-rc.1", False),
        ("2.0.0-rc.1", "^2.0.0-rc.2", True),
        ("9.9.9", "*", False),
        ("9.9.9", "", False),
        ("9.9.9", "latest", False),
        ("9.9.9", "github:o/r", False),
        ("9.9.9", "https://x.example/y.tgz", False),
        ("9.9.9", "npm:real@^4.0.0", True),
        ("4.9.9", "npm:@s/real@^4.0.0", False),
        ("9.9.9", "npm:real", False),
        ("1.0.0", "^99999999999999999999", False),
        ("word", "^1.0.0", False),
    ],
)
def test_npm_ranges(version: str, wanted: str, outside: bool) -> None:
    assert npm_ranges.outside(version, wanted) is outside
