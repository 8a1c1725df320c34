"""What registries say of locked releases: every fault has its rule, and what nobody says is told as not known."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from support.locks import INDEX, NPM
from tidegate.domain.changes import continuity, metadata, metadata_rules
from tidegate.domain.changes.asked import Asked
from tidegate.domain.changes.change import Change, Kind
from tidegate.domain.changes.subjects import Reach, Subject, questions, subjects, unreached
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Level
from tidegate.model.package import File, Locked, LockFile, Source, SourceKind
from tidegate.model.publication import Answer, Answers, Evidence, IndexFile, Project, Published, Publisher, Question

HOSTS = {"PyPI": INDEX, "npm": NPM}
ACME = Publisher("github", "acme/demo", "release.yml")
MALLORY = Publisher("github", "mallory/demo", "release.yml")
DAYS = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 8)]
RECORD = """
version: 1
publishers:
  pkg:pypi/demo: [{kind: GitHub, repository: Acme/Demo, workflow: release.yml}]
  pkg:pypi/plain: []
"""


def locked(version: str, name: str = "demo", ecosystem: str = "PyPI", **more: object) -> Locked:
    source = Source(SourceKind.REGISTRY, host=HOSTS.get(ecosystem, ""), public=True)
    package = Locked(ecosystem, name, name, version, source, direct=True, line=3)
    return replace(package, **more)  # type: ignore[arg-type]


def release(version: str, day: int = 0, evidence: Evidence | None = Evidence.PROVENANCE, **more: object) -> Published:
    return replace(Published(version, time=DAYS[day], evidence=evidence), **more)  # type: ignore[arg-type]


def changed(after: Locked, before: Locked | None = None) -> tuple[Subject, ...]:
    kind = Kind.UPGRADED if before else Kind.ADDED
    return subjects([Change(kind, "uv.lock", before, after, new=before is None)])


def answer(
    *releases: Published,
    publishers: Mapping[str, frozenset[Publisher]] | None = None,
    unknown: Mapping[str, str] | None = None,
    ecosystem: str = "PyPI",
    status: str = "active",
    reason: str = "",
) -> Answers:
    project = Project(ecosystem, "demo", releases, status, reason)
    return Answers({(ecosystem, "demo"): Answer(project, publishers or {}, unknown or {})})


def judge(of: tuple[Subject, ...], answers: Answers, reach: Reach | None = None) -> list[Finding]:
    return list(metadata.check(of, answers, reach or Reach()))


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.about) for finding in findings]


def test_a_release_like_those_before_it_gives_no_finding() -> None:
    answers = answer(release("1.0"), release("1.1", 1), publishers={"1.0": frozenset({ACME}), "1.1": frozenset({ACME})})
    assert judge(changed(locked("1.1"), locked("1.0")), answers) == []


def test_a_release_or_project_that_is_gone_shuts_the_gate() -> None:
    nobody = Answers({("PyPI", "demo"): Answer(None)})
    for answers in (nobody, answer(release("1.0"))):
        (finding,) = judge(changed(locked("1.1")), answers)
        assert (finding.rule, finding.level, finding.about) == ("release-gone", Level.FAIL, "pkg:pypi/demo@1.1")
        assert finding.place is not None
        assert (finding.place.path, finding.place.line) == ("uv.lock", 3)


def test_a_locked_file_that_is_gone_shuts_the_gate() -> None:
    have = (IndexFile("demo-1.0.tar.gz", DAYS[0], provenance="x"),)
    package = locked("1.0", files=(File(name="demo-1.0.tar.gz"), File(name="demo-1.0-py3-none-any.whl")))
    (finding,) = judge(changed(package), answer(release("1.0", files=have)))
    assert finding.rule == "release-gone"
    assert "`demo-1.0-py3-none-any.whl`" in finding.message


def test_a_yanked_release_shuts_the_gate_once() -> None:
    answers = answer(release("1.0", yanked=True, reason="broken"))
    (finding,) = judge(changed(locked("1.0")), answers)
    assert (finding.rule, finding.level) == ("package-yanked", Level.FAIL)
    assert "broken" in finding.message
    assert judge(changed(locked("1.0", yanked=True)), answers) == []


def test_one_yanked_file_is_enough_when_it_is_locked() -> None:
    files = (IndexFile("demo-1.0.tar.gz", DAYS[0], yanked=True), IndexFile("demo-1.0-py3-none-any.whl", DAYS[0]))
    answers = answer(release("1.0", evidence=Evidence.NONE, files=files))
    assert told(judge(changed(locked("1.0", files=(File(name="demo-1.0.tar.gz"),))), answers)) == [
        ("package-yanked", "pkg:pypi/demo@1.0")
    ]
    assert judge(changed(locked("1.0", files=(File(name="demo-1.0-py3-none-any.whl"),))), answers) == []


@pytest.mark.parametrize(
    ("status", "rule", "level"),
    [
        ("quarantined", "project-quarantined", Level.FAIL),
        ("archived", "project-retired", Level.WARN),
        ("deprecated", "project-retired", Level.WARN),
        ("haunted", "metadata-unknown", Level.WARN),
    ],
)
def test_a_project_that_is_not_active_is_told(status: str, rule: str, level: Level) -> None:
    (finding,) = judge(changed(locked("1.0")), answer(release("1.0"), status=status, reason="why"))
    assert (finding.rule, finding.level) == (rule, level)


def test_a_quarantined_project_without_files_is_quarantined_and_not_gone() -> None:
    assert told(judge(changed(locked("1.0")), answer(status="quarantined"))) == [
        ("project-quarantined", "pkg:pypi/demo@1.0")
    ]


def test_a_deprecated_release_is_told() -> None:
    (finding,) = judge(changed(locked("1.0")), answer(release("1.0", deprecated="use other")))
    assert (finding.rule, finding.level) == ("package-deprecated", Level.WARN)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Evidence.PROVENANCE, Evidence.NONE),
        (Evidence.PROVENANCE, Evidence.PARTLY),
        (Evidence.TRUSTED, Evidence.PROVENANCE),
        (Evidence.STAGED, Evidence.TRUSTED),
    ],
)
def test_less_evidence_than_before_shuts_the_gate(before: Evidence, after: Evidence) -> None:
    answers = answer(release("1.0", 0, before), release("1.1", 1, after))
    (finding,) = judge(changed(locked("1.1"), locked("1.0")), answers)
    assert (finding.rule, finding.level) == ("provenance-lost", Level.FAIL)
    assert after.says in finding.message
    assert before.says in finding.message


def test_as_much_or_more_evidence_is_no_loss() -> None:
    for evidence in (Evidence.PROVENANCE, Evidence.TRUSTED):
        answers = answer(release("1.0"), release("1.1", 1, evidence))
        assert judge(changed(locked("1.1"), locked("1.0")), answers) == []


def test_the_day_of_publication_counts_and_not_the_number() -> None:
    """A patch of an old line, published last, is measured by the newer line before it."""
    answers = answer(release("0.30.3", 0, Evidence.NONE), release("1.14.0", 1), release("0.30.4", 2, Evidence.NONE))
    assert told(judge(changed(locked("0.30.4"), locked("0.30.3")), answers)) == [
        ("provenance-lost", "pkg:pypi/demo@0.30.4")
    ]
    earlier = answer(release("0.9", 0, Evidence.NONE), release("1.0", 1))
    assert judge(changed(locked("0.9"), locked("1.0")), earlier) == []


def test_a_new_dependency_is_measured_by_its_own_past() -> None:
    answers = answer(release("1.0", 0), release("1.1", 1, Evidence.NONE), release("1.2", 2, Evidence.NONE))
    assert told(judge(changed(locked("1.2")), answers)) == [("provenance-lost", "pkg:pypi/demo@1.2")]


def test_previews_are_measured_among_previews_only() -> None:
    preview = release("2.0rc1", 0, prerelease=True)
    answers = answer(preview, release("1.1", 1, Evidence.NONE))
    assert judge(changed(locked("1.1")), answers) == []
    lost = answer(preview, release("2.0rc2", 1, Evidence.NONE, prerelease=True))
    assert told(judge(changed(locked("2.0rc2")), lost)) == [("provenance-lost", "pkg:pypi/demo@2.0rc2")]


def test_without_a_time_what_is_replaced_is_what_counts() -> None:
    answers = answer(release("1.0"), release("1.1", evidence=Evidence.NONE, time=""))
    rules = [rule for rule, _ in told(judge(changed(locked("1.1"), locked("1.0")), answers))]
    assert rules == ["metadata-unknown", "provenance-lost"]


def test_only_the_locked_files_are_weighed() -> None:
    files = (IndexFile("demo-1.1.tar.gz", DAYS[1]), IndexFile("demo-1.1-py3-none-any.whl", DAYS[1], provenance="x"))
    answers = answer(release("1.0"), release("1.1", 1, Evidence.PARTLY, files=files))
    wheel = locked("1.1", files=(File(name="demo-1.1-py3-none-any.whl"),))
    assert judge(changed(wheel, locked("1.0")), answers) == []
    sdist = locked("1.1", files=(File(name="demo-1.1.tar.gz"),))
    assert told(judge(changed(sdist, locked("1.0")), answers)) == [("provenance-lost", "pkg:pypi/demo@1.1")]


def test_another_publisher_shuts_the_gate_and_is_named_as_the_registrys_word() -> None:
    publishers = {"1.0": frozenset({ACME}), "1.1": frozenset({ACME, MALLORY})}
    answers = answer(release("1.0"), release("1.1", 1), publishers=publishers)
    (finding,) = judge(changed(locked("1.1"), locked("1.0")), answers)
    assert (finding.rule, finding.level) == ("publisher-changed", Level.FAIL)
    assert "github mallory/demo (release.yml)" in finding.message
    assert "declared by the registry" in finding.message


def test_a_repository_in_another_case_is_the_same_publisher() -> None:
    publishers = {"1.0": frozenset({ACME}), "1.1": frozenset({replace(ACME, repository="Acme/DEMO")})}
    assert (
        judge(changed(locked("1.1"), locked("1.0")), answer(release("1.0"), release("1.1", 1), publishers=publishers))
        == []
    )


def test_what_a_registry_does_not_say_is_told_for_each_thing() -> None:
    answers = answer(release("1.0"), release("1.1", evidence=None, time=""), unknown={"1.1": "no word"})
    assert told(judge(changed(locked("1.1"), locked("1.0")), answers)) == [
        ("metadata-unknown", "pkg:pypi/demo@1.1#time"),
        ("metadata-unknown", "pkg:pypi/demo@1.1#attestations"),
        ("metadata-unknown", "pkg:pypi/demo@1.1#publisher"),
    ]


def test_what_was_not_asked_is_told_and_what_is_owed_is_not_ours_to_tell() -> None:
    named = ("PyPI", "demo")
    (finding,) = judge(changed(locked("1.0")), Answers(unasked={named: "too many questions"}))
    assert (finding.rule, finding.about) == ("metadata-unknown", "pkg:pypi/demo@1.0#metadata")
    assert judge(changed(locked("1.0")), Answers(unanswered={named: "down"})) == []


def test_private_packages_and_other_ecosystems_are_never_asked_about_and_told_once() -> None:
    private = Source(SourceKind.REGISTRY, host="index.example")
    of = (
        *changed(locked("1.0", source=private)),
        *changed(locked("1.0", name="other", source=private)),
        *changed(locked("1.0", ecosystem="crates.io")),
    )
    assert questions(of, Reach()) == ()
    assert told(list(unreached(of, Reach()))) == [
        ("metadata-unknown", "metadata:PyPI@index.example"),
        ("metadata-unknown", "metadata:crates.io"),
    ]
    reach = Reach({"PyPI": "index.example"})
    assert [question.name for question in questions(of, reach)] == ["demo", "other"]


def test_folders_repositories_and_build_pins_are_no_subjects() -> None:
    for kind in (SourceKind.PATH, SourceKind.WORKSPACE, SourceKind.GIT, SourceKind.URL):
        assert changed(locked("1.0", source=Source(kind, public=True))) == ()
    assert changed(locked("1.0", ecosystem="Docker")) == ()
    for kind_ in (Kind.MARKED, Kind.DIRECT, Kind.TRANSITIVE, Kind.REMOVED):
        after = None if kind_ is Kind.REMOVED else locked("1.0")
        assert subjects([Change(kind_, "uv.lock", locked("1.0"), after)]) == ()


def test_a_question_names_both_versions_and_the_locked_files() -> None:
    package = locked("1.1", files=(File(url=f"https://{INDEX}/x/demo-1.1.tar.gz#sha256=0"),))
    assert questions(changed(package, locked("1.0")), Reach()) == (
        Question("PyPI", "demo", {"1.1": ("demo-1.1.tar.gz",), "1.0": ()}),
    )


def test_with_a_record_what_the_projects_ask_for_is_asked_about_too() -> None:
    lock = LockFile("uv.lock", "uv.lock", "PyPI", Digest.of(b""), (locked("1.0"), locked("2.0", "deep", direct=False)))
    of = subjects([], [lock], Asked.of([lock], []))
    assert [(one.package.name, one.changed) for one in of] == [("demo", False)]


def test_upload_times_are_those_of_the_locked_files() -> None:
    files = (IndexFile("demo-1.0.tar.gz", DAYS[5]), IndexFile("demo-1.0-py3-none-any.whl", DAYS[1]))
    answers = answer(release("1.0", files=files))
    wheel = locked("1.0", files=(File(name="demo-1.0-py3-none-any.whl"),))
    assert metadata.uploaded(changed(wheel), answers) == {"pkg:pypi/demo@1.0": DAYS[1]}
    assert metadata.uploaded(changed(locked("1.0")), answers) == {"pkg:pypi/demo@1.0": DAYS[5]}
    assert metadata.uploaded(changed(locked("1.1")), answers) == {}


def continued(of: tuple[Subject, ...], answers: Answers, text: str = RECORD) -> list[Finding]:
    return list(continuity.check(of, answers, Reach(), "publishers.yaml", text))


def test_the_recorded_publisher_goes_on() -> None:
    assert continued(changed(locked("1.0")), answer(release("1.0"), publishers={"1.0": frozenset({ACME})})) == []


@pytest.mark.parametrize("now", [frozenset({MALLORY}), frozenset({ACME, MALLORY}), frozenset[Publisher]()])
def test_another_publisher_or_a_lost_attestation_breaks_the_record(now: frozenset[Publisher]) -> None:
    (finding,) = continued(changed(locked("1.0")), answer(release("1.0"), publishers={"1.0": now}))
    assert (finding.rule, finding.level, finding.about) == ("publisher-changed", Level.FAIL, "pkg:pypi/demo@1.0")


def test_a_dependency_that_is_not_recorded_is_told_even_when_the_registry_is_silent() -> None:
    of = changed(locked("1.0", "other"))
    for answers in (Answers(), Answers({("PyPI", "other"): Answer(Project("PyPI", "other"))})):
        (finding,) = continued(of, answers)
        assert (finding.rule, finding.level, finding.about) == ("publisher-unrecorded", Level.WARN, "pkg:pypi/other")


def test_one_recorded_as_attested_by_nobody_that_is_attested_now_should_be_recorded() -> None:
    named = ("PyPI", "plain")
    project = Project("PyPI", "plain", (release("1.0"),))
    of = changed(locked("1.0", "plain"))
    assert continued(of, Answers({named: Answer(project, {"1.0": frozenset()})})) == []
    (finding,) = continued(of, Answers({named: Answer(project, {"1.0": frozenset({ACME})})}))
    assert finding.rule == "publisher-unrecorded"


def test_a_recorded_publisher_nobody_can_confirm_is_told() -> None:
    (finding,) = continued(changed(locked("1.0")), answer(release("1.0"), unknown={"1.0": "no word"}))
    assert (finding.rule, finding.about) == ("metadata-unknown", "pkg:pypi/demo@1.0#continuity")


def test_a_record_that_cannot_be_read_shuts_the_gate() -> None:
    (finding,) = continued(changed(locked("1.0")), Answers(), "version: 1\npublishers: []\n")
    assert (finding.rule, finding.level, finding.about) == ("publishers-malformed", Level.FAIL, "publishers.yaml")
    assert finding.place is not None
    assert finding.place.line == 2


def test_a_proposal_adds_what_is_missing_and_changes_nothing() -> None:
    known = {"pkg:pypi/demo": (MALLORY,)}
    named = ("PyPI", "plain")
    answers = Answers(
        {
            **answer(release("1.0"), publishers={"1.0": frozenset({ACME})}).answers,
            named: Answer(Project("PyPI", "plain"), {"1.0": frozenset()}),
        }
    )
    of = (*changed(locked("1.0")), *changed(locked("1.0", "plain")), *changed(locked("1.0", "silent")))
    assert continuity.proposal(of, answers, known) == {"pkg:pypi/demo": (MALLORY,), "pkg:pypi/plain": ()}
    assert continuity.proposal(of, answers, {})["pkg:pypi/demo"] == (ACME,)


def test_rules_explain_themselves() -> None:
    assert len({rule.id for rule in metadata_rules.RULES}) == len(metadata_rules.RULES)
    for rule in metadata_rules.RULES:
        assert rule.says
        assert rule.why
        assert rule.fix
