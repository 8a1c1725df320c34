"""Version orders: only what the ecosystem itself would call smaller is smaller."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.matching.names import ecosystem_key, name_key, package_key
from tidegate.domain.matching.versions import order_of, pep440, readings, semver

# Semantic Versioning 2.0.0, item 11, and its neighbours.
RISING = """0.0.1 0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1
1.0.0 1.0.1 1.2 1.10 2"""


@pytest.mark.parametrize(("low", "high"), list(pairwise(RISING.split())))
def test_semver_follows_its_specification(low: str, high: str) -> None:
    assert semver(low) < semver(high)
    assert not semver(high) < semver(low)


@pytest.mark.parametrize(
    ("one", "same"), [("1.2.3", "v1.2.3"), ("1", "1.0.0"), ("1.2", "1.2.0+build.7"), ("1.0.0-rc.1+a", "1.0.0-rc.1")]
)
def test_semver_knows_two_spellings_of_one_version(one: str, same: str) -> None:
    assert semver(one) == semver(same)


@pytest.mark.parametrize(
    "text",
    [
        *("", "latest", "1.2.3.4", "01.2.3", "1.9.0b1", "^1.0.0", "1.2.3-", "1.2.3-a..b", " 1.2.3", "1.2.3\n", "١.٢.٣"),
        *("1" * 300, "9" * 5000),
    ],
)
def test_semver_refuses_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError):
        semver(text)


@pytest.mark.parametrize("text", ["", "latest", "1..2", "1" * 300, "9" * 5000])
def test_pep440_refuses_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError):
        pep440(text)


VERSIONS = st.builds(
    lambda numbers, pre: ".".join(map(str, numbers)) + (f"-{pre}" if pre else ""),
    st.lists(st.integers(0, 12), min_size=1, max_size=3),
    st.sampled_from(["", "alpha", "alpha.1", "beta.2", "beta.11", "rc", "0", "1"]),
)


@settings(max_examples=60, deadline=None)
@given(VERSIONS, VERSIONS, VERSIONS)
def test_semver_is_a_total_order(a: str, b: str, c: str) -> None:
    keys: list[Any] = [semver(a), semver(b), semver(c)]
    low, middle, high = sorted(keys)
    assert not middle < low
    assert not high < low
    assert (keys[0] < keys[1]) + (keys[1] < keys[0]) + (keys[0] == keys[1]) == 1


def test_an_ecosystem_without_a_known_order_has_none() -> None:
    assert order_of("Maven") is None
    assert order_of("invented") is None
    assert order_of("pypi") is pep440
    assert order_of("crates" + ".io") is semver
    assert order_of("Go") is semver


def test_a_local_build_is_also_read_as_its_release() -> None:
    assert readings("PyPI", "2.0.1+cu118") == ("2.0.1+cu118", "2.0.1")
    assert readings("npm", "2.0.1+cu118") == ("2.0.1+cu118",)


def test_names_meet_as_their_ecosystem_compares_them() -> None:
    assert package_key("PyPI", "Ruamel_Yaml") == package_key("pypi", "ruamel.yaml")
    assert name_key("npm", "JSONStream") != name_key("npm", "jsonstream")
    assert name_key("NuGet", "Newtonsoft.Json") == name_key("NuGet", "newtonsoft.json")
    assert ecosystem_key("Debian:12") == "debian"
