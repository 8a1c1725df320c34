"""The OSV evaluation algorithm, and every doubt it must not swallow."""

from typing import Any

import pytest

from tidegate.domain.matching.affected import State, evaluate
from tidegate.formats.osv import Record, parse

Events = list[dict[str, str]]


def record(*ranges: tuple[str, Events], versions: tuple[str, ...] = (), ecosystem: str = "npm", **more: Any) -> Record:
    return parse(
        {
            "id": "X-1",
            "modified": "2026-01-02T03:04:05Z",
            "affected": [
                {
                    "package": {"ecosystem": ecosystem, "name": "foo"},
                    "ranges": [{"type": kind, "events": events} for kind, events in ranges],
                    "versions": list(versions),
                    **more,
                }
            ],
        }
    )


def state(given: Record, version: str, ecosystem: str = "npm") -> State:
    return evaluate(given, ecosystem, "foo", version).state


def events(text: str) -> Events:
    """`introduced 1, fixed 2` as events."""
    return [dict([each.split()]) for each in text.split(", ")]


@pytest.mark.parametrize(
    ("written", "hits", "clear"),
    [
        ("introduced 0, fixed 2.0.0", "0.0.0 1.9.9 2.0.0-rc.1", "2.0.0 2.0.1"),
        ("introduced 1.0.0, fixed 2.0.0", "1.0.0 1.9.9", "0.9.9 1.0.0-rc.1 2.0.0"),
        ("introduced 0, last_affected 2.0.0", "0.0.1 2.0.0", "2.0.1"),
        ("introduced 1.0.0", "1.0.0 99.0.0", "0.9.0"),
        ("introduced 0", "0.0.0-alpha 1.0.0", ""),
        ("fixed 2.0.0, introduced 0", "1.0.0", "2.0.0"),
        ("introduced 0, fixed 1.0.0, introduced 2.0.0, fixed 3.0.0", "0.5.0 2.5.0", "1.0.0 1.5.0 3.0.0"),
        ("introduced 2.0.0, fixed 3.0.0, introduced 0, fixed 1.0.0", "0.5.0 2.5.0", "1.0.0 1.5.0 3.0.0"),
        ("introduced 0, fixed 1.0.0, introduced 1.0.0, fixed 2.0.0", "0.5.0 1.0.0", "2.0.0"),
        ("introduced 0, limit 2.0.0", "1.0.0", "2.0.0 3.0.0"),
        ("introduced 0, limit 1.0.0, limit 2.0.0", "1.5.0", "2.0.0"),
        ("introduced 0, limit *", "1.0.0 9.0.0", ""),
    ],
)
def test_ranges_hold_what_the_schema_says(written: str, hits: str, clear: str) -> None:
    given = record(("SEMVER", events(written)))
    assert {version: state(given, version) for version in hits.split()} == dict.fromkeys(hits.split(), State.HIT)
    assert {version: state(given, version) for version in clear.split()} == dict.fromkeys(clear.split(), State.CLEAR)


def test_an_enumerated_version_is_hit_whatever_the_ranges_say() -> None:
    given = record(("SEMVER", events("introduced 0, fixed 1.0.0")), versions=("3.0.0",))
    assert state(given, "3.0.0") is State.HIT
    assert state(given, "2.0.0") is State.CLEAR


def test_one_range_among_several_is_enough() -> None:
    given = record(("SEMVER", events("introduced 0, fixed 1.0.0")), ("SEMVER", events("introduced 2.0.0")))
    assert state(given, "2.0.0") is State.HIT


def test_enumerated_versions_are_compared_by_meaning() -> None:
    given = record(versions=("1.0", "not a version", "2.0RC1"), ecosystem="PyPI")
    assert state(given, "1.0.0", "PyPI") is State.HIT
    assert state(given, "2.0rc1", "PyPI") is State.HIT
    assert state(given, "1.0.1", "PyPI") is State.CLEAR


def test_a_local_build_does_not_slip_behind_the_last_affected_version() -> None:
    given = record(("ECOSYSTEM", events("introduced 0, last_affected 2.0.1")), ecosystem="PyPI")
    assert state(given, "2.0.1+cu118", "PyPI") is State.HIT
    fixed = record(("ECOSYSTEM", events("introduced 0, fixed 2.0.1")), ecosystem="PyPI")
    assert state(fixed, "2.0.1+cu118", "PyPI") is State.CLEAR


def test_git_ranges_are_passed_over_when_something_else_decides() -> None:
    git = ("GIT", events("introduced 0"))
    assert state(record(git, ("SEMVER", events("introduced 0, fixed 2.0.0"))), "3.0.0") is State.CLEAR
    assert state(record(git, versions=("1.0.0",)), "1.0.0") is State.HIT


@pytest.mark.parametrize(
    "given",
    [
        record(("GIT", events("introduced 0"))),
        record(),
        record(("CALENDAR", events("introduced 0"))),
        record(("SEMVER", events("fixed 2.0.0"))),
        record(("SEMVER", events("introduced 0, mended 2.0.0"))),
        record(("SEMVER", events("introduced 0, fixed 1.9.0b1"))),
        record(("SEMVER", events("introduced 0, limit soon"))),
        parse({"id": "X-1", "modified": "2026-01-02T03:04:05Z"}),
        parse(
            {
                "id": "X-1",
                "modified": "2026-01-02T03:04:05Z",
                "affected": [{"package": {"ecosystem": "npm", "name": "bar"}, "versions": ["1"]}],
            }
        ),
    ],
    ids=["git-only", "nothing", "range-type", "no-start", "event-kind", "event", "limit", "no-affected", "other-name"],
)
def test_an_advisory_that_decides_nothing_says_so(given: Record) -> None:
    answer = evaluate(given, "npm", "foo", "1.5.0")
    assert answer.state is State.UNEVALUABLE
    assert answer.reason


def test_a_hit_in_one_range_outweighs_the_doubt_about_another() -> None:
    given = record(("SEMVER", events("introduced 0, fixed 1.9.0b1")), ("SEMVER", events("introduced 1.0.0")))
    assert state(given, "1.5.0") is State.HIT
    assert state(given, "0.5.0") is State.UNEVALUABLE


def test_a_version_that_cannot_be_read_is_not_called_clear() -> None:
    given = record(("SEMVER", events("introduced 0, fixed 2.0.0")), versions=("1.2.3.4",))
    assert state(given, "9.9.9.9") is State.UNREADABLE
    assert state(given, "1.2.3.4") is State.HIT


def test_without_a_version_order_only_enumeration_counts() -> None:
    ranged = record(("ECOSYSTEM", events("introduced 0, fixed 2")), versions=("1",), ecosystem="Hackage")
    assert state(ranged, "1", "Hackage") is State.HIT
    assert state(ranged, "3", "Hackage") is State.UNREADABLE
    listed = record(versions=("1",), ecosystem="Hackage")
    assert state(listed, "3", "Hackage") is State.CLEAR


@pytest.mark.parametrize(
    ("ecosystem", "written", "hits", "clear"),
    [
        ("Maven", "introduced 0, fixed 2.15.0", "2.14.1 2.15.0-rc1 2.15.0-SNAPSHOT", "2.15.0 2.15.0.Final 2.15.1 3"),
        ("Maven", "introduced 1-alpha1, last_affected 1", "1-alpha-1 1.0.0 1-ga", "1-sp 1.0.1 1-alpha-1-SNAPSHOT"),
        ("Packagist", "introduced 1.0.0, fixed 6.3.0.1", "1.0 v6.3 6.3.0.0 6.3.0.1-beta1", "6.3.0.1 6.3.1 1.0-RC1"),
        ("NuGet", "introduced 0, fixed 13.0.1", "13.0 13.0.0.9 13.0.1-Beta1", "13.0.1 13.0.1.0 13.0.1+x"),
        ("RubyGems", "introduced 5.2.0.a, fixed 5.2.4.3", "5.2.0.rc1 5.2 5.2.4.3.pre1", "5.2.4.3 5.2.4.3.0 5.1"),
        ("Debian:12", "introduced 0, fixed 1.2-3+deb12u1", "1.2-3 1.2-3+deb11u9 1.2~rc1", "1.2-3+deb12u1 1.2-4 1:0"),
        ("Alpine:v3.20", "introduced 0, fixed 1.36.1-r6", "1.36.1-r5 1.36.1_rc1-r9", "1.36.1-r6 1.36.1-r10 1.36.1_p1"),
        ("Hex", "introduced 0, fixed 1.7.14", "1.7.14-rc.1 1.7.2", "1.7.14 1.7.14+x"),
        ("Pub", "introduced 0, fixed 1.0.0+2", "1.0.0 1.0.0+1 1.0.0-dev", "1.0.0+2 1.0.1"),
        ("Go", "introduced 0, fixed 0.0.0-20220314234659-1baeb1ce4c0b",
         "v0.0.0-20190308221718-c2843e01d9a2", "v0.0.0-20220314234659-1baeb1ce4c0b v0.1.0 v2.0.0+incompatible"),
        ("SwiftURL", "introduced 0, fixed 2.42.0", "v2.41.9", "2.42.0 v3"),
    ],
)  # fmt: skip
def test_ranges_are_read_in_the_order_of_their_ecosystem(ecosystem: str, written: str, hits: str, clear: str) -> None:
    given = record(("ECOSYSTEM", events(written)), ecosystem=ecosystem)
    told = {version: state(given, version, ecosystem) for version in (*hits.split(), *clear.split())}
    assert told == dict.fromkeys(hits.split(), State.HIT) | (dict.fromkeys(clear.split(), State.CLEAR))


@pytest.mark.parametrize(
    ("ecosystem", "version"),
    [("Packagist", "dev-main"), ("Maven", "${revision}é"), ("RubyGems", "head"), ("NuGet", "1.0.*"), ("Debian", "x y")],
)
def test_a_version_its_ecosystem_cannot_order_is_not_called_clear(ecosystem: str, version: str) -> None:
    given = record(("ECOSYSTEM", events("introduced 0, fixed 2")), ecosystem=ecosystem)
    assert state(given, version, ecosystem) is State.UNREADABLE


def test_what_a_database_adds_decides_nothing() -> None:
    told = {"versions": ["9.0.0"], "last_known_affected_version_range": "<= 9.0.0", "custom_ranges": [{"x": 1}]}
    given = record(("SEMVER", events("introduced 0, fixed 2.0.0")), database_specific=told, ecosystem_specific=told)
    assert (state(given, "1.0.0"), state(given, "9.0.0")) == (State.HIT, State.CLEAR)


def test_an_open_interval_after_a_closed_one_has_no_end() -> None:
    given = record(("SEMVER", events("introduced 0, last_affected 1.2.0, introduced 2.0.0")))
    told = [state(given, version) for version in ("1.2.0", "1.2.1", "2.0.0-rc.1", "2.0.0", "99.0.0")]
    assert told == [State.HIT, State.CLEAR, State.CLEAR, State.HIT, State.HIT]


def test_a_limit_cuts_an_interval_that_never_ends() -> None:
    given = record(("SEMVER", events("introduced 1.0.0, fixed 1.2.0, introduced 1.4.0, limit 2.0.0")))
    told = [state(given, version) for version in ("1.1.0", "1.3.0", "1.9.9", "2.0.0", "3.0.0")]
    assert told == [State.HIT, State.CLEAR, State.HIT, State.CLEAR, State.CLEAR]


def test_a_git_range_in_front_does_not_hide_the_range_behind_it() -> None:
    git = ("GIT", events("introduced 0, fixed 0123456789abcdef0123456789abcdef01234567"))
    given = record(git, ("ECOSYSTEM", events("introduced 0")), versions=("1.0",), ecosystem="PyPI")
    assert state(given, "7.0", "PyPI") is State.HIT


def test_fixes_are_those_above_the_version_smallest_first() -> None:
    written = "introduced 2.0.0, fixed 2.10.0, introduced 0, fixed 1.9.0, introduced 2.0.0, fixed 2.9.0"
    given = record(("SEMVER", events(written)))
    assert evaluate(given, "npm", "foo", "1.0.0").fixed == ("1.9.0", "2.9.0", "2.10.0")
    assert evaluate(given, "npm", "foo", "2.1.0").fixed == ("2.9.0", "2.10.0")
    assert evaluate(record(versions=("1.0.0",)), "npm", "foo", "1.0.0").fixed == ()


def test_the_name_is_compared_as_the_ecosystem_does() -> None:
    given = parse(
        {
            "id": "X-1",
            "modified": "2026-01-02T03:04:05Z",
            "affected": [{"package": {"ecosystem": "pypi", "name": "Foo_Bar"}, "versions": ["1"]}],
        }
    )
    assert evaluate(given, "PyPI", "foo-bar", "1").state is State.HIT
