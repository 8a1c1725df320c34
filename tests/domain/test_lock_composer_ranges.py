"""Composer's constraints, where npm's can say the same."""

import pytest

from tidegate.domain.locks.composer_ranges import outside

INSIDE = [
    ("v1.2.3", "^1.2"),
    ("1.9.0", "~1.2"),
    ("1.2.9", "~1.2.3"),
    ("1.2.0", "1.2"),
    ("1.2.0.0", "1.2"),
    ("1.0.5", "1.0.*"),
    ("0.3.9", "^0.3"),
    ("2.0.0", "^1.0 || ^2.0"),
    ("2.0.0", "^1.0|^2.0"),
    ("1.5.0", ">=1.0 <2.0"),
    ("1.5.0", ">=1.0,<2.0"),
    ("1.5.0", "*"),
    ("1.2.0-beta1", "^1.2.0@beta"),
    ("1.2.0-beta1", "^1.2"),
    ("1.2.0-RC1", ">=1.2.0"),
    ("1.2.3-p1", "1.2.3"),
]
OUTSIDE = [
    ("2.0.0", "^1.2"),
    ("2.0.0", "~1.2"),
    ("1.3.0", "~1.2.3"),
    ("1.2.1", "1.2"),
    ("1.2.1", "==1.2"),
    ("1.1.0", "1.0.*"),
    ("0.4.0", "^0.3"),
    ("3.0.0", "^1.0 || ^2.0"),
    ("0.9.9", ">= 1.0, <2.0"),
    ("v2.0.0", ">=1.0 <2.0"),
    ("1.0.0", "> 1.0"),
]
UNTOLD = [
    ("dev-main", "^1.0"),
    ("1.x-dev", "^1.0"),
    ("1.2.3.4", "^2.0"),
    ("1.2.3", "dev-main"),
    ("1.2.3", "dev-main as 2.0"),
    ("1.2.3", "2.0 - 3.0"),
    ("1.2.3", "!=1.2.3"),
    ("1.2.3", ""),
    ("1.2.3", "self.version"),
    ("1.2.3", "^2" * 600),
]


@pytest.mark.parametrize(("version", "wanted"), INSIDE)
def test_a_version_that_fits_is_not_outside(version: str, wanted: str) -> None:
    assert not outside(version, wanted)


@pytest.mark.parametrize(("version", "wanted"), OUTSIDE)
def test_a_version_that_does_not_fit_is_outside(version: str, wanted: str) -> None:
    assert outside(version, wanted)


@pytest.mark.parametrize(("version", "wanted"), UNTOLD)
def test_what_cannot_be_told_is_not_said_to_be_outside(version: str, wanted: str) -> None:
    assert not outside(version, wanted)
