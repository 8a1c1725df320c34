"""Version orders: only what the ecosystem itself would call smaller is smaller."""

import re
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version
from univers import versions as univers

from tidegate.domain.matching.all_orders import ORDERS
from tidegate.domain.matching.names import ecosystem_key, name_key, package_key
from tidegate.domain.matching.orders.pep440 import pep440
from tidegate.domain.matching.orders.semver import semver
from tidegate.domain.matching.versions import order_of, readings

DATA = Path(__file__).parent.parent / "data" / "versions"


def compared(ecosystem: str, one: str, other: str) -> str:
    order = order_of(ecosystem)
    assert order is not None
    low, high = order(one), order(other)
    found = [sign for sign, holds in (("<", low < high), (">", high < low), ("=", low == high)) if holds]
    assert len(found) == 1
    return found[0]


# One line an ecosystem, each version smaller than the next.
RISING = {
    "npm": """0.0.1 0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1
        1.0.0 1.0.1 1.2 1.10 2""",
    "Go": """v0.0.0-20180101000000-aaaaaaaaaaaa v0.0.0-20190101000000-0123456789ab v0.1.0-alpha v0.1.0
        v0.1.1-0.20200101000000-0123456789ab v0.1.1-rc.1 v0.1.1 1.0.0 v2.0.0+incompatible v2.0.1""",
    "Hex": "1.0.0-dev 1.0.0-rc.0 1.0.0 1.0.1 1.10.0",
    "PyPI": "1.0.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0+local 1.0.post1 1.1 1!0.1",
    "Maven": """1-alpha-1-SNAPSHOT 1-alpha-1 1-alpha-2 1-beta 1-m1 1-rc1 1-SNAPSHOT 1 1-sp 1-abc 1-jre8 1-xyz 1-1 1-2
        1.0.1 1.1 1.9 1.10 2""",
    "Packagist": """1.0-dev 1.0-alpha-dev 1.0-alpha1 1.0.0-beta.2 1.0-RC1 v1.0 1.0-p1 6.3.0.0 6.3.0.1 6.3.1-beta1 6.3.1
        6.10 2021.01.05""",
    "NuGet": "1.0.0-1 1.0.0-2 1.0.0-Alpha 1.0.0-beta.2 1.0.0-beta.11 1.0.0-RC 1.0 1.0.0.1 1.0.1 1.10",
    "RubyGems": "1.0.a.9 1.0.a.10 1.0.b 1.0.pre 1.0.rc1 1 1.0.1 1.2.4.beta 1.2.4 1.10.0-java 1.10",
    "Debian": "1.0~~ 1.0~rc1-1 1.0 1.0-1~bpo 1.0-1 1.0-1a 1.0-1+b1 1.0+dfsg-1 1.0.1 1.9 1.10 2a 1:0.1",
    "Alpine": """1.0_alpha 1.0_alpha_pre2 1.0_alpha2 1.0_beta 1.0_pre1 1.0_rc1 1.0_rc1-r1 1.0 1.0-r0 1.0-r1
        1.0_git20200101 1.0_p1 1.0_p2 1.0a 1.0.0 1.0.05 1.0.1 1.09 1.2 1.10""",
    "Pub": "1.0.0-a 1.0.0-a+1 1.0.0 1.0.0+1 1.0.0+2 1.0.0+a 1.0.1",
}
RISING |= {
    "crates" + ".io": RISING["npm"],
    "SwiftURL": "v1.0.0-beta 1.0.0 1.0.1",
    "GitHub Actions": "v1 v1.0.1 v1.1 v4",
    "Ubuntu": RISING["Debian"],
    "Wolfi": "1.0_alpha2-r0 1.0_rc1-r1 1.0-r0 1.0-r1 1.0.1-r0 1.2-r0 1.10-r0",
    "Chainguard": "1.0_alpha2-r0 1.0_rc1-r1 1.0-r0 1.0-r1 1.0.1-r0 1.2-r0 1.10-r0",
}


def test_every_order_that_is_known_is_tried() -> None:
    assert {ecosystem_key(ecosystem) for ecosystem in RISING} == set(ORDERS)


@pytest.mark.parametrize("ecosystem", sorted(RISING))
def test_versions_rise_as_their_ecosystem_says(ecosystem: str) -> None:
    versions = RISING[ecosystem].split()
    if ecosystem == "Alpine":
        # What stands behind a pre-release belongs to it.
        assert [compared(ecosystem, *pair) for pair in pairwise(versions[2:])] == ["<"] * (len(versions) - 3)
        assert compared(ecosystem, "0.1.0_alpha_pre2", "0.1.0_alpha") == "<"
        return
    places = list(enumerate(versions))
    for (low, one), (high, other) in product(places, places):
        assert compared(ecosystem, one, other) == ("<" if low < high else "=" if low == high else ">"), (one, other)


@pytest.mark.parametrize("ecosystem", sorted(path.stem for path in DATA.glob("*.txt")))
def test_versions_compare_as_published_lists_say(ecosystem: str) -> None:
    for line in (DATA / f"{ecosystem}.txt").read_text().splitlines():
        one, sign, other = line.split()
        assert compared(ecosystem, one, other) == sign, line
        assert compared(ecosystem, other, one) == {"<": ">", ">": "<", "=": "="}[sign], line


@pytest.mark.parametrize(
    ("ecosystem", "one", "same"),
    [
        ("npm", "1.2.3", "v1.2.3"),
        ("npm", "1", "1.0.0"),
        ("npm", "1.2", "1.2.0+build.7"),
        ("npm", "1.0.0-rc.1+a", "1.0.0-rc.1"),
        ("Go", "v2.0.0+incompatible", "2.0.0"),
        ("PyPI", "1.0RC1", "1.0.0rc1"),
        ("Maven", "1.0.0.Final", "1"),
        ("Packagist", "v1.0", "1.0.0.0"),
        ("Packagist", "1.0.0@dev", "1.0"),
        ("NuGet", "1.0.0-BETA+x", "1-beta"),
        ("RubyGems", "1.0.0", "1"),
        ("RubyGems", "1.0.a.0", "1.a"),
        ("Debian", "0:1.0-0", "1.0"),
        ("Debian", "1a", "1a0"),
        ("Alpine", "1.2-r01", "1.2-r1"),
    ],
)
def test_two_spellings_of_one_version_are_equal(ecosystem: str, one: str, same: str) -> None:
    assert compared(ecosystem, one, same) == "="


NEVER = ["", " ", "1.2.3\n", "^1.0.0", "1 2", "١.٢.٣", "\0", "1" * 300, "9" * 5000, "1.2.3\ud800", "$(id)"]
REFUSED = {
    "npm": ["latest", "1.2.3.4", "01.2.3", "1.9.0b1", "1.2.3-", "1.2.3-a..b", " 1.2.3"],
    "PyPI": ["latest", "1..2"],
    "Packagist": ["dev-main", "1.x-dev", "1.*", "1.0-foo", "1.2.3.4.5", "1.0 as 2.0"],
    "NuGet": ["1.2.3.4.5", "[1.0,2.0)", "1.0-", "1.0.*"],
    "RubyGems": ["latest", "a.1", "~> 1.0", "1..2", ".1"],
    "Debian": ["1.0-", "a:1.0", "1_0"],
    "Alpine": ["latest", "1.2_blah", "1-ruff", "1.", "1.2A", "1..2"],
    "Pub": ["1.2.3.4", "any"],
    "Maven": ["[1.0,2.0)é", "1.0 "],
}

TOLERATED = {"Maven": ["^1.0.0", "$(id)"], "PyPI": ["1.2.3\n"]}


@pytest.mark.parametrize(
    ("ecosystem", "text"),
    [(ecosystem, text) for ecosystem in RISING for text in (*NEVER, *REFUSED.get(ecosystem, ()))
     if text not in TOLERATED.get(ecosystem, ())],
)  # fmt: skip
def test_what_is_no_version_is_refused(ecosystem: str, text: str) -> None:
    order = order_of(ecosystem)
    assert order is not None
    with pytest.raises(ValueError):
        order(text)


NUMBER = st.sampled_from(["0", "1", "2", "9", "10"])
ODD = st.sampled_from(["0", "1", "01", "9", "010", "20200101"])


def grammar(pieces: str) -> st.SearchStrategy[str]:
    """Words of an ecosystem, glued in any order behind a number: most are versions, some are not."""
    return st.builds(
        lambda first, rest: first + "".join(rest), NUMBER, st.lists(st.sampled_from(pieces.split()), max_size=5)
    )


GRAMMARS = {
    "npm": grammar(".0 .1 .10 -alpha -1 -0 .beta +b -rc.1"),
    "PyPI": grammar(".0 .1 .10 a1 b2 rc1 .post1 .dev2 +local"),
    "Maven": grammar(".0 .1 -0 -1 .a -a1 .final -final -ga -sp .sp -foo .foo .RELEASE snapshot x1 -rc m2 . -"),
    "Packagist": grammar(".0 .1 .10 -alpha beta1 -beta.2 RC1 -dev p1 -pl2 @dev"),
    "NuGet": grammar(".0 .1 .01 -alpha -Beta .1 .a -1 +b"),
    "RubyGems": grammar(".0 .1 .a .b .pre .rc1 -java .0.a"),
    "Debian": grammar(".0 .1 ~ ~rc1 a + +b1 -0 -1 -1~ : .00"),
    "Alpine": grammar(".0 .1 .01 .10 a b _alpha _rc1 _p _git2 _pre2 -r0 -r1 ~ab12"),
    "Pub": grammar(".0.0 .1.0 -alpha -1 +b +1 .2"),
}


@pytest.mark.parametrize("ecosystem", sorted(GRAMMARS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_order_is_total(ecosystem: str, data: st.DataObject) -> None:
    """Antisymmetric, transitive, and equal keys are interchangeable; seen over every triple of a handful."""
    order = order_of(ecosystem)
    assert order is not None
    keys: list[Any] = []
    for text in data.draw(st.lists(GRAMMARS[ecosystem], min_size=3, max_size=8)):
        try:
            keys.append(order(text))
        except ValueError:
            continue
    for a, b in product(keys, keys):
        assert (a < b) + (b < a) + (a == b) == 1
    for a, b, c in product(keys, keys, keys):
        assert not (a < b and b < c) or a < c
        assert a != b or (a < c) == (b < c)


@pytest.mark.parametrize("ecosystem", sorted(RISING))
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_a_version_or_a_value_error(ecosystem: str, text: str) -> None:
    order = order_of(ecosystem)
    assert order is not None
    try:
        assert order(text) == order(text)
    except ValueError:
        return


NUMBERS = st.lists(NUMBER, min_size=3, max_size=3).map(".".join)


def versions(endings: str, numbers: st.SearchStrategy[str] = NUMBERS) -> st.SearchStrategy[str]:
    """`_` is no ending."""
    return st.builds(lambda first, end: first + ("" if end == "_" else end), numbers, st.sampled_from(endings.split()))


SEMVER = versions("_ -alpha -alpha.1 -beta.2 -beta.11 -rc-1 -0.3.7 -1 +b -1+b")
# The other side, and what it is asked about.
ORACLES: dict[str, tuple[Any, st.SearchStrategy[str]]] = {
    "PyPI": (Version, versions("_ .0 a1 b2 rc1 .post1 .dev3 +local rc1.dev2 .0.0")),
    "npm": (univers.SemverVersion, SEMVER),
    "Go": (univers.GolangVersion, SEMVER.map(lambda text: f"v{text}")),
    "Hex": (univers.SemverVersion, SEMVER),
    "crates" + ".io": (univers.SemverVersion, SEMVER),
    "NuGet": (univers.NugetVersion, versions("_ .1 -alpha -Beta.1 -beta.11 -1 +b .0-rc .01")),
    "RubyGems": (univers.RubygemsVersion, versions("_ .0 .1 .a .b1 .rc1 .pre.2 -java .a.0.1")),
    "Debian": (univers.DebianVersion, versions("_ ~rc1 +dfsg a -1 -1~bpo1 -1+b1 ~-2 .0-0ubuntu1")),
    "Maven": (univers.MavenVersion, versions(
        "_ .1 -alpha -alpha-1 -a1 -b2 -m3 -rc1 -cr1 -SNAPSHOT -sp -jre8 -foo -foo-2 -1 -2-rc -beta-1-2")),
    "Packagist": (univers.ComposerVersion, versions("_ -alpha -alpha1 -beta1 -beta2 -rc1 -rc2")),
    "Alpine": (univers.AlpineLinuxVersion, versions(
        "-r0 -r1 -r10 a-r0 b-r1 _rc1-r0 _p2-r0 _alpha-r0 _pre2-r1 _beta_p1-r0")),
}  # fmt: skip


@pytest.mark.parametrize("ecosystem", sorted(ORACLES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_versions_compare_as_others_compare_them(ecosystem: str, data: st.DataObject) -> None:
    make, asked = ORACLES[ecosystem]
    one, other = data.draw(asked), data.draw(asked)
    low, high = make(one), make(other)
    told = "<" if low < high else ">" if low > high else "="
    assert compared(ecosystem, one, other) == told, (one, other)


UNIVERS_FAULTS = [
    # (ecosystem, versions, what the ecosystem itself says): why univers 32 is not asked about these
    ("Maven", "1.0 1.0-RELEASE", "=", "`release` is a null qualifier since Maven 3.9"),
    ("Maven", "1.3-m2-m2 1.3.m2", "<", "a word behind a point is the word behind a hyphen"),
    ("Maven", "3 3-0.m2", ">", "a null in front of a qualifier is trimmed"),
    ("Packagist", "6.3.0.1 6.3.0.0", ">", "the fourth number counts"),
    ("Packagist", "1.0-p1 1", ">", "a patch is newer than its release"),
    ("Packagist", "2.9.0-beta1 2.9-RC2", "<", "missing numbers are zeros"),
    ("Packagist", "1.0.0-alpha 1.0.0-RC1", "<", "a stability is read in either case"),
    ("Packagist", "1.3.0-beta.2 1.3.0-beta1", ">", "the number behind a stability may have a point"),
    ("Packagist", "1.0.0-dev 1.0.0-alpha", "<", "a branch is older than everything of its release"),
    ("Packagist", "9.9.9-alpha-dev 9.9.9-dev", ">", "the branch of an alpha is not the branch of the release"),
    ("Alpine", "1.2_p2-r0 1.2_p2", ">", "a revision is more than none"),
    ("Alpine", "1.2_p2 1.2_alpha-r0", ">", "a suffix is read without a revision too"),
]  # fmt: skip


@pytest.mark.parametrize(("ecosystem", "pair", "sign", "why"), UNIVERS_FAULTS)
def test_known_faults_of_univers_are_not_ours(ecosystem: str, pair: str, sign: str, why: str) -> None:
    assert compared(ecosystem, *pair.split()) == sign, why


def test_an_ecosystem_without_a_known_order_has_none() -> None:
    assert order_of("invented") is None
    assert order_of("Hackage") is None
    assert order_of("pypi") is pep440
    assert order_of("crates" + ".io") is semver
    assert order_of("Go") is semver
    assert order_of("Debian:12") is ORDERS["debian"]
    assert order_of("Alpine:v3.20") is ORDERS["alpine"]


def test_a_local_build_is_also_read_as_its_release() -> None:
    assert readings("PyPI", "2.0.1+cu118") == ("2.0.1+cu118", "2.0.1")
    assert readings("npm", "2.0.1+cu118") == ("2.0.1+cu118",)


def test_names_meet_as_their_ecosystem_compares_them() -> None:
    assert package_key("PyPI", "Ruamel_Yaml") == package_key("pypi", "ruamel.yaml")
    assert name_key("npm", "JSONStream") != name_key("npm", "jsonstream")
    assert name_key("NuGet", "Newtonsoft.Json") == name_key("NuGet", "newtonsoft.json")
    assert name_key("Packagist", "Acme/App") == name_key("packagist", "acme/app")
    assert name_key("crates" + ".io", "rand_core") == name_key("crates" + ".io", "Rand-Core")
    assert name_key("GitHub Actions", "Actions/Checkout") == name_key("GitHub Actions", "actions/checkout")
    assert name_key("Go", "github.com/Sirupsen/logrus") == name_key("Go", "github.com/sirupsen/logrus")
    assert name_key("Maven", "org.Acme:App") != name_key("Maven", "org.acme:app")
    assert name_key("RubyGems", "RedCloth") != name_key("RubyGems", "redcloth")
    assert ecosystem_key("Debian:12") == "debian"


def test_refusals_are_short_whatever_was_refused() -> None:
    for order in ORDERS.values():
        with pytest.raises(ValueError) as caught:
            order("x" * 250 + " ")
        assert len(str(caught.value)) < 300
        assert not re.search(r"x{100}", str(caught.value)) or order is pep440
