"""Order is compared as the ecosystem orders versions, else by trusted time, and doubt is not passed over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from tidegate.domain.claims import rollback
from tidegate.domain.claims.rollback import Coming, check, order
from tidegate.formats.ledger import Entry
from tidegate.model.digest import Digest

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PYPI, NPM = "pkg:pypi/api", "pkg:npm/api"


def coming(version: str, subject: str = PYPI, **more: object) -> Coming:
    word = f"{subject} {version}"
    base = Coming(
        "api",
        f"api-{version}.whl",
        Digest.of(word.encode()),
        subject,
        version,
        run=Digest.of(b"run " + word.encode()).value,
        verdict="00" * 32,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def ran(*versions: str, subject: str = PYPI) -> list[Entry]:
    return [rollback.entry(coming(version, subject)) for version in versions]


def back(version: str, subject: str = PYPI) -> Entry:
    return rollback.entry(coming(version, subject), reason="2.0 loses data", owner="team")


def refused(entries: list[Entry], new: Coming, back_to: str = "") -> str:
    found = [finding.rule for finding in check(entries, new, back_to, "api")]
    assert len(found) <= 1
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.9", "1.10"),
        ("1.9.9", "1.10.0rc1"),
        ("1.0a1", "1.0b1"),
        ("1.0b2", "1.0rc1"),
        ("1.0rc1", "1.0"),
        ("1.0.dev3", "1.0a1"),
        ("1.0", "1.0.post1"),
        ("1.0", "1.0+security.1"),
        ("2026.5", "1!0.1"),
        ("1!1.0", "1!1.1"),
        ("v1.0", "1.1"),
        ("1.0-1", "1.0.post2"),
    ],
)
def test_python_versions_are_ordered_as_python_orders_them(old: str, new: str) -> None:
    assert refused(ran(old), coming(new)) == ""
    assert refused(ran(new), coming(old)) == "artifact-rolled-back"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.9.0", "1.10.0"),
        ("1.0.0-alpha", "1.0.0-alpha.1"),
        ("1.0.0-alpha.1", "1.0.0-alpha.beta"),
        ("1.0.0-alpha.beta", "1.0.0-beta"),
        ("1.0.0-beta", "1.0.0-beta.2"),
        ("1.0.0-beta.2", "1.0.0-beta.11"),
        ("1.0.0-beta.11", "1.0.0-rc.1"),
        ("1.0.0-rc.1", "1.0.0"),
        ("1.0.0-9", "1.0.0-x"),
    ],
)
def test_npm_versions_are_ordered_as_semantic_versioning_orders_them(old: str, new: str) -> None:
    assert order(NPM, old, new) == -1
    assert refused(ran(old, subject=NPM), coming(new, NPM)) == ""
    assert refused(ran(new, subject=NPM), coming(old, NPM)) == "artifact-rolled-back"


@pytest.mark.parametrize(
    "text", ["1", "1.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0 ", "v1.0.0", "9" * 30]
)
def test_what_is_no_semantic_version_has_no_place_in_the_order(text: str) -> None:
    assert order(NPM, text, "1.0.0") is None
    assert refused(ran("1.0.0", subject=NPM), coming(text, NPM)) == "artifact-age-unknown"


def test_what_is_no_python_version_has_no_place_in_the_order() -> None:
    assert order(PYPI, "newest", "1.0") is None
    assert refused(ran("1.0"), coming("newest")) == "artifact-age-unknown"
    assert order("release:api", "1.0", "2.0") is None


@settings(max_examples=60, deadline=None)
@given(st.tuples(*(st.integers(0, 30) for _ in range(3))), st.tuples(*(st.integers(0, 30) for _ in range(3))))
def test_the_order_has_two_sides(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    one, two = (".".join(map(str, numbers)) for numbers in (left, right))
    for subject in (PYPI, NPM):
        first, second = order(subject, one, two), order(subject, two, one)
        assert first is not None
        assert second == -first
        assert first == (Version(one) > Version(two)) - (Version(one) < Version(two))


def test_the_first_one_has_nothing_to_be_older_than() -> None:
    assert refused([], coming("1.0")) == ""
    assert refused(ran("9.0", subject="pkg:pypi/other"), coming("1.0")) == ""


def test_everything_that_ran_counts_not_only_the_last() -> None:
    assert refused(ran("2.0", "1.0"), coming("1.5")) == "artifact-rolled-back"


def test_a_rollback_sets_the_measure_anew() -> None:
    history = [*ran("1.8", "2.0"), back("1.8")]
    assert refused(history, coming("1.8")) == ""
    assert refused(history, coming("1.9")) == ""
    assert refused(history, coming("1.7")) == "artifact-rolled-back"
    assert refused([*history, *ran("2.1")], coming("1.9")) == "artifact-rolled-back"


def test_a_rollback_of_one_package_says_nothing_of_another() -> None:
    history = [*ran("2.0"), back("1.0", NPM)]
    assert refused(history, coming("1.8")) == "artifact-rolled-back"


def test_a_rollback_leads_only_to_what_ran_here() -> None:
    assert refused(ran("1.8", "2.0"), coming("1.8"), "1.8") == ""
    assert refused(ran("1.8", "2.0"), coming("1.7"), "1.7") == "artifact-rolled-back"
    assert refused(ran("1.8", "2.0"), coming("1.8"), "1.80") == "artifact-rolled-back"
    assert refused(ran("1.8", "2.0"), coming("2.1"), "2.1") == "artifact-rolled-back"
    rebuilt = coming("1.8", digest=Digest.of(b"other bytes of this version"))
    assert refused(ran("1.8", "2.0"), rebuilt, "1.8") == "artifact-rolled-back"
    assert refused([], coming("1.8"), "1.8") == "artifact-rolled-back"


def test_a_rollback_of_a_file_without_version_names_its_digest() -> None:
    old = coming("", "release:api")
    assert refused([rollback.entry(old)], old, str(old.digest)) == ""
    assert refused([rollback.entry(old)], old, "1.0") == "artifact-rolled-back"


def built(hours: int, word: str, **more: object) -> Coming:
    """A file without a version, of so many hours after a moment."""
    base = coming("", "release:api", built=NOW + timedelta(hours=hours), artifact=word)
    return replace(base, digest=Digest.of(word.encode()), run=Digest.of(word.encode()).value, **more)  # type: ignore[arg-type]


def test_without_versions_trusted_time_decides() -> None:
    history = [rollback.entry(built(0, "one")), rollback.entry(built(2, "two"))]
    assert refused(history, built(3, "three")) == ""
    assert refused(history, built(1, "three")) == "artifact-rolled-back"
    assert refused(history, built(0, "one")) == "artifact-rolled-back"
    assert refused(history, built(2, "two")) == ""


def test_without_versions_or_times_a_second_file_is_not_known_to_be_newer() -> None:
    timeless = replace(built(0, "one"), built=None)
    assert refused([rollback.entry(timeless)], timeless) == ""
    assert refused([rollback.entry(timeless)], built(9, "two")) == "artifact-age-unknown"
    assert refused([rollback.entry(built(0, "one"))], replace(built(9, "two"), built=None)) == "artifact-age-unknown"


def test_files_of_one_run_are_one_release() -> None:
    one = built(5, "linux")
    assert refused([rollback.entry(one)], replace(built(1, "darwin"), run=one.run)) == ""


def test_a_version_cannot_be_shed_to_escape_the_order() -> None:
    """The same release brought as a file that carries no version is compared by time with all that ran of it."""
    history = [rollback.entry(coming("2.0", built=NOW))]
    assert refused(history, built(-1, "api.bin")) == "artifact-rolled-back"
    assert refused(history, replace(built(-1, "api.bin"), built=None)) == "artifact-age-unknown"
    assert refused([rollback.entry(built(0, "api.bin"))], coming("1.0", built=NOW - timedelta(days=1))) == (
        "artifact-rolled-back"
    )


def test_other_bytes_of_the_same_version_are_ordered_by_time() -> None:
    history = [rollback.entry(coming("1.0", built=NOW))]
    again = coming("1.0", digest=Digest.of(b"again"), run="aa" * 32)
    assert refused(history, replace(again, built=NOW + timedelta(hours=1))) == ""
    assert refused(history, replace(again, built=NOW - timedelta(hours=1))) == "artifact-rolled-back"
    assert refused(history, again) == "artifact-age-unknown"
    # Another file of the version, such as the source distribution beside the wheel, is no second build of the first.
    assert refused(history, replace(again, artifact="api-1.0.tar.gz")) == ""


def test_the_version_of_a_release_speaks_for_its_files_without_one() -> None:
    """A wheel and an image, signed by a key that proves no time, released together again and again."""

    def both(version: str) -> tuple[Coming, Coming]:
        wheel = coming(version)
        image = replace(wheel, artifact="image", subject="release:api", version="", digest=Digest.of(version.encode()))
        return wheel, replace(image, beside=((PYPI, version),))

    ran_before = [rollback.entry(one) for version in ("1.9", "1.10") for one in both(version)]
    assert [refused(ran_before, one) for one in both("1.11")] == ["", ""]
    assert refused(ran_before, both("1.8")[0]) == "artifact-rolled-back"
    alone = replace(both("1.11")[1], beside=())
    assert refused(ran_before, alone) == "artifact-age-unknown"
    assert [refused(ran_before, one, "1.9") for one in both("1.9")] == ["", ""]
    assert [refused(ran_before, one, "1.8") for one in both("1.8")] == ["artifact-rolled-back"] * 2
    unknown = replace(alone, beside=(("pkg:pypi/never-seen", "9.0"),))
    assert refused(ran_before, unknown) == "artifact-age-unknown"
    first_wheel = coming("9.0")
    only_images = [rollback.entry(both("1.9")[1])]
    assert refused(only_images, first_wheel) == "artifact-age-unknown"


def test_a_restart_is_no_news_and_everything_else_is() -> None:
    history = ran("1.0", "2.0")
    assert rollback.recorded(history, rollback.entry(coming("2.0")))
    assert not rollback.recorded(history, rollback.entry(coming("1.0")))
    assert not rollback.recorded(history, back("2.0"))
    assert not rollback.recorded(history, rollback.entry(coming("2.0", verdict="11" * 32)))
    assert rollback.recorded([*history, back("1.0")], back("1.0"))
    assert rollback.recorded([*history, back("1.0")], rollback.entry(coming("1.0")))
    assert not rollback.recorded([*history, back("1.0")], rollback.entry(coming("2.0")))
    assert not rollback.recorded([], rollback.entry(coming("1.0")))
