"""From packages and records to advisories: aliases told once, severity inherited, doubt kept."""

from pathlib import Path
from typing import Any

import pytest

from support.osv_server import advisory
from tidegate.domain.matching.aliases import groups, is_malicious, names
from tidegate.domain.matching.match import Index, Matched, match
from tidegate.domain.matching.rules import RULES
from tidegate.domain.matching.severity import from_vectors, from_word, grade
from tidegate.formats.osv import Record, parse
from tidegate.model.control import Control
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.model.vulnerability import Severity

DATA = Path(__file__).parent.parent / "data" / "osv"
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
LOW_V4 = "CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"


def locked(name: str = "foo", version: str = "1.0.0", ecosystem: str = "PyPI") -> Locked:
    return Locked(ecosystem, name, name, version, Source(SourceKind.REGISTRY, public=True))


def rec(identifier: str, **members: Any) -> Record:
    return parse(advisory(identifier, "PyPI", "foo", fixed=members.pop("fixed", "2.0.0"), **members))


def run(*records: Record, package: Locked | None = None) -> Matched:
    return match([package or locked()], Index.of(records))


def real(ecosystem: str) -> Index:
    return Index.of(parse(path.read_bytes()) for path in sorted((DATA / ecosystem).glob("*.json")))


def test_aliases_are_told_once_under_the_best_known_name() -> None:
    matched = run(
        rec("PYSEC-2026-1", aliases=["CVE-2026-1"], summary="from pysec"),
        rec("GHSA-aaaa-bbbb-cccc", aliases=["CVE-2026-1"], fixed="1.5.0", modified="2026-02-01T00:00:00Z"),
        rec("PYSEC-2026-2"),
    )
    first, second = (hit for _, hit in matched.hits)
    assert first.ids == ("GHSA-aaaa-bbbb-cccc", "CVE-2026-1", "PYSEC-2026-1")
    assert first.fixed == ("2.0.0", "1.5.0")
    assert (first.modified, first.summary) == ("2026-02-01T00:00:00Z", "from pysec")
    assert second.ids == ("PYSEC-2026-2",)


def test_aliases_join_over_any_number_of_steps_and_related_does_not() -> None:
    chain = [rec(f"X-{n}", aliases=[f"X-{n + 1}"], related=["Y-1"]) for n in range(3000)]
    assert [len(members) for members in groups([*chain[::-1], rec("Y-1")])] == [3000, 1]
    assert len(groups([rec("x-1", aliases=["X-2"]), rec("X-2")])) == 1


@pytest.mark.parametrize(
    "record",
    [
        rec("MAL-2026-1"),
        rec("GHSA-aaaa-bbbb-cccc", aliases=["MAL-2026-1"]),
        rec("GHSA-aaaa-bbbb-cccc", database_specific={"malicious-packages-origins": [{}]}),
    ],
)
def test_malware_is_malware_by_any_of_its_names(record: Record) -> None:
    ((_, hit),) = run(record).hits
    assert hit.malicious
    assert is_malicious([record])


def test_malware_is_named_first() -> None:
    assert names([rec("GHSA-aaaa-bbbb-cccc", aliases=["CVE-2026-1", "MAL-2026-1", "SNYK-X"])]) == (
        "MAL-2026-1",
        "GHSA-aaaa-bbbb-cccc",
        "CVE-2026-1",
        "SNYK-X",
    )


def test_withdrawn_advisories_are_set_aside() -> None:
    assert run(rec("X-1", withdrawn="2026-01-01T00:00:00Z")).hits == ()
    assert match([locked("aiohttp", "3.8.0"), locked("loguru", "0.5.3")], real("PyPI")) == Matched(compared=2)


def test_a_service_cannot_bring_a_withdrawn_advisory_back() -> None:
    named = {locked(): [rec("X-1", withdrawn="2026-01-01T00:00:00Z")]}
    assert match([locked()], Index.of([]), named) == Matched(compared=1)


@pytest.mark.parametrize(
    ("vectors", "expected"),
    [
        ([("CVSS_V3", HIGH)], Severity.HIGH),
        ([("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")], Severity.CRITICAL),
        ([("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N")], Severity.NONE),
        ([("CVSS_V2", "AV:N/AC:L/Au:N/C:P/I:P/A:P")], Severity.HIGH),
        ([("CVSS_V2", "AV:N/AC:L/Au:N/C:C/I:C/A:C")], Severity.HIGH),
        ([("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N")], Severity.CRITICAL),
        ([("CVSS_V3", HIGH), ("CVSS_V4", LOW_V4)], Severity.LOW),
        ([("CVSS_V4", "nonsense"), ("CVSS_V3", HIGH)], Severity.HIGH),
        ([("CVSS_V3", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"), ("CVSS_V3", HIGH)], Severity.HIGH),
        ([("Ubuntu", "negligible")], Severity.LOW),
        ([("CVSS_V3", "CVSS:3.1/AV:N")], Severity.UNKNOWN),
        ([("CVSS_V3", ""), ("CVSS_V4", "\0"), ("CVSS_V2", "9" * 500)], Severity.UNKNOWN),
        ([], Severity.UNKNOWN),
    ],
)
def test_the_newest_readable_vector_decides(vectors: list[tuple[str, str]], expected: Severity) -> None:
    assert from_vectors(vectors) is expected


def test_without_vectors_the_word_decides_and_an_unknown_word_is_unknown() -> None:
    assert grade([rec("X-1", database_specific={"severity": "MODERATE"})]) is Severity.MEDIUM
    assert grade([rec("X-1", database_specific={"severity": "harmless"})]) is Severity.UNKNOWN
    assert grade([rec("X-1", database_specific={"severity": ["LOW"]})]) is Severity.UNKNOWN
    assert grade([]) is Severity.UNKNOWN
    assert from_word(" Critical ") is Severity.CRITICAL


def test_severity_is_inherited_through_aliases_even_from_a_record_that_does_not_hit() -> None:
    silent = rec("PYSEC-2026-1", aliases=["GHSA-aaaa-bbbb-cccc"])
    graded = rec("GHSA-aaaa-bbbb-cccc", fixed="0.1.0", severity=[{"type": "CVSS_V3", "score": HIGH}])
    ((_, hit),) = run(silent, graded).hits
    assert hit.severity is Severity.HIGH
    ((_, alone),) = run(silent).hits
    assert alone.severity is Severity.UNKNOWN


def test_severity_may_be_given_a_package() -> None:
    plain = advisory("X-1", "PyPI", "foo")
    plain["affected"][0]["severity"] = [{"type": "CVSS_V3", "score": HIGH}]
    ((_, hit),) = run(parse(plain)).hits
    assert hit.severity is Severity.HIGH


def test_doubt_about_an_advisory_comes_back_with_its_name() -> None:
    matched = match([locked("jquery", "3.7.1", "npm")], real("npm"))
    ((package, name, reason),) = matched.unevaluable
    assert (package.name, name) == ("jquery", "GHSA-2pqj-h3vj-pqgw")
    assert "no version" in reason
    assert matched.hits == ()


def test_doubt_about_a_package_comes_back_once() -> None:
    matched = run(rec("X-1"), rec("X-2"), package=locked(version="not a version"))
    ((package, reason),) = matched.unreadable
    assert package.version == "not a version"
    assert "not a version" in reason
    assert matched.compared == 1


def test_an_alias_that_hits_settles_the_doubt_about_its_twin() -> None:
    twin = parse({**advisory("PYSEC-1", "PyPI", "foo", aliases=["GHSA-a"]), "affected": []})
    matched = match([locked()], Index.of([rec("GHSA-a")]), {locked(): [twin]})
    assert [hit.id for _, hit in matched.hits] == ["GHSA-a"]
    assert matched.unevaluable == ()


def test_a_named_record_without_the_package_is_doubt_not_silence() -> None:
    matched = match([locked()], Index.of([]), {locked(): [parse(advisory("X-1", "PyPI", "bar"))]})
    assert [name for _, name, _ in matched.unevaluable] == ["X-1"]


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("jinja2", "2.11.2", {"PYSEC-2021-66"}),
        ("jinja2", "2.11.3", set()),
        ("urllib3", "1.26.16", {"PYSEC-2023-192", "PYSEC-2023-212"}),
        ("urllib3", "2.0.6", {"PYSEC-2023-212"}),
        ("urllib3", "2.0.7", set()),
        ("requests", "2.2.1", {"PYSEC-2018-28"}),
        ("num2words", "0.5.15", {"MAL-2025-6794"}),
        ("num2words", "0.5.14", set()),
        ("protobuf", "3.10", {"GHSA-77rm-9x9h-xj3g"}),
        ("unheard-of", "1.0", set()),
    ],
)
def test_real_records_are_matched_as_published(name: str, version: str, expected: set[str]) -> None:
    matched = match([locked(name, version)], real("PyPI"))
    assert all(expected & set(hit.ids) for _, hit in matched.hits)
    assert len(matched.hits) == len(expected)


def test_every_rule_says_what_why_and_how_to_mend() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.control is Control.DEPENDENCIES
        assert rule.says
        assert rule.why
        assert rule.fix
