"""What indexes answer is read as what it is, or not at all: pages, packuments, claims and the reviewed record."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.index_service import GITHUB, IndexService, Release, npm_attestations, provenance_object
from tidegate.errors import FormatError
from tidegate.formats import packument, publisher_claims, publishers_file, simple_index
from tidegate.formats.publications import release
from tidegate.model.publication import Evidence, Publisher

ATTESTED = Path(__file__).parents[1] / "data" / "bundles" / "pep740.provenance"
ACME = Publisher("github", "acme/demo", "release.yml")
FILE = """
version: 1
publishers:
  pkg:pypi/demo: [{kind: GitHub, repository: acme/demo, workflow: release.yml}]
  "pkg:npm/%40acme/left": []
"""
Json = dict[str, Any]


def acme(**changes: Any) -> Json:
    return {**GITHUB, **changes}


def page(**changes: Any) -> Json:
    with IndexService() as service:
        service.pypi("my-demo", {"1.0": Release(publisher=GITHUB, attested=1), "1.1rc1": Release(yanked="broken")})
    return {**copy.deepcopy(service.pages["/simple/my-demo/"][1]), **changes}


def document(**changes: Any) -> Json:
    with IndexService() as service:
        service.npm(
            "left", {"1.0.0": Release(publisher=GITHUB, trusted=True, approver="alice"), "2.0.0-rc.1": Release()}
        )
    return {**copy.deepcopy(service.pages["/left"][1]), **changes}


def test_a_page_becomes_releases_with_their_evidence() -> None:
    project = simple_index.project(page(), "my-demo")
    first, second = project.releases
    assert (first.version, first.evidence, first.yanked, first.prerelease) == ("1.0", Evidence.PARTLY, False, False)
    assert (second.version, second.evidence, second.yanked) == ("1.1rc1", Evidence.NONE, True)
    assert (second.reason, second.prerelease) == ("broken", True)
    assert project.status == "active"
    assert release(project, "1.0.0") is first
    assert release(project, "1") is first
    assert release(project, "not a version") is None


def test_a_reason_that_is_empty_withdraws_a_file_all_the_same() -> None:
    files = [{**file, "yanked": ""} for file in page()["files"]]
    assert all(one.yanked for one in simple_index.project(page(files=files), "my-demo").releases)


def test_a_status_is_the_registrys_word() -> None:
    plain = page(**{"project-status": {"status": "quarantined", "reason": "malware?"}})
    project = simple_index.project(plain, "my-demo")
    assert (project.status, project.reason) == ("quarantined", "malware?")


def test_a_file_of_an_unknown_time_leaves_its_release_without_one() -> None:
    plain = page()
    del plain["files"][0]["upload-time"]
    first, second = simple_index.project(plain, "my-demo").releases
    assert (first.time, second.time) == ("", "2026-01-01T00:00:00.000000Z")


def test_an_old_index_does_not_speak_of_attestations() -> None:
    plain = page(meta={"api-version": "1.1"})
    for file in plain["files"]:
        del file["provenance"]
    assert {one.evidence for one in simple_index.project(plain, "my-demo").releases} == {None}


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "other"},
        {"name": None},
        {"meta": {"api-version": "2.0"}},
        {"meta": {"api-version": "1"}},
        {"meta": {"api-version": 1.4}},
        {"meta": {}},
        {"files": None},
        {"files": {}},
        {"files": [None]},
        {"files": [{"filename": 1}]},
        {"files": [{"filename": "my_demo-1.0-py3-none-any.whl", "yanked": None}]},
        {"files": [{"filename": "my_demo-1.0-py3-none-any.whl", "provenance": True}]},
        {"project-status": "quarantined"},
        {"project-status": {"status": 1}},
    ],
)
def test_a_page_of_another_shape_is_no_page(bad: Json) -> None:
    with pytest.raises(FormatError):
        simple_index.project(page(**bad), "my-demo")


def test_files_of_another_project_or_of_no_version_belong_to_no_release() -> None:
    files = [{"filename": name} for name in ("other-1.0.tar.gz", "my-demo-1.0.exe", "x", "my_demo-1-py3-none-any.whl")]
    assert [one.version for one in simple_index.project(page(files=files), "my-demo").releases] == ["1"]


def test_a_packument_becomes_releases_with_their_levels() -> None:
    first, second = packument.project(document(), "left").releases
    assert (first.version, first.evidence, first.time) == ("1.0.0", Evidence.STAGED, "2026-01-01T00:00:00.000000Z")
    assert (second.evidence, second.prerelease, second.attestations) == (Evidence.NONE, True, "")


@pytest.mark.parametrize(
    ("user", "attestations", "evidence"),
    [
        ({}, {}, Evidence.NONE),
        ({"trustedPublisher": {"id": "github"}}, {}, Evidence.NONE),
        ({}, {"provenance": {"predicateType": "x"}}, Evidence.PROVENANCE),
        ({"trustedPublisher": {"id": "github"}}, {"provenance": {"predicateType": "x"}}, Evidence.TRUSTED),
        ({"approver": {"name": "a"}}, {"provenance": {"predicateType": "x"}}, Evidence.PROVENANCE),
    ],
)
def test_a_level_needs_everything_it_is_made_of(user: Json, attestations: Json, evidence: Evidence) -> None:
    plain = document()
    plain["versions"]["1.0.0"].update({"_npmUser": user, "dist": {"attestations": attestations}})
    assert packument.project(plain, "left").releases[0].evidence is evidence


def test_a_registry_that_leaves_out_who_published_does_not_speak_of_evidence() -> None:
    plain = document()
    for manifest in plain["versions"].values():
        del manifest["_npmUser"]
    assert {one.evidence for one in packument.project(plain, "left").releases} == {None}


@pytest.mark.parametrize(("word", "told"), [("no", "no"), (True, "yes"), (False, ""), ("", "")])
def test_deprecated_is_a_reason_or_a_truth_value(word: object, told: str) -> None:
    plain = document()
    plain["versions"]["1.0.0"]["deprecated"] = word
    assert packument.project(plain, "left").releases[0].deprecated == told


def test_an_unpublished_package_has_no_releases() -> None:
    plain = {"name": "left", "time": {"unpublished": {"time": "2026-01-01T00:00:00Z"}}}
    assert packument.project(plain, "left").releases == ()


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "right"},
        {"versions": []},
        {"versions": {"1.0.0": "x"}},
        {"versions": {"1.0.0": {"dist": []}}},
        {"versions": {"1.0.0": {"dist": {"attestations": "x"}}}},
        {"versions": {"1.0.0": {"_npmUser": "x"}}},
        {"time": []},
        {"time": {"1.0.0": 1}},
    ],
)
def test_a_packument_of_another_shape_is_none(bad: Json) -> None:
    with pytest.raises(FormatError):
        packument.project(document(**bad), "left")


def test_a_document_without_versions_is_no_packument() -> None:
    with pytest.raises(FormatError):
        packument.project({"name": "left"}, "left")


def test_a_real_provenance_object_names_its_publisher() -> None:
    claims = publisher_claims.of_provenance(json.loads(ATTESTED.read_bytes()))
    assert claims == {Publisher("github", "trailofbits/pypi-attestations", "release.yml")}


@pytest.mark.parametrize(
    ("publisher", "claim"),
    [
        (GITHUB, ACME),
        (
            {"kind": "GitLab", "repository": "a/b", "workflow_filepath": ".gitlab-ci.yml"},
            ("gitlab", "a/b", ".gitlab-ci.yml"),
        ),
        ({"kind": "Google", "email": "a@mail.example"}, ("google", "a@mail.example", "")),
        ({"kind": "ActiveState", "organization": "o", "project": "p", "actor": "x"}, ("activestate", "o/p", "x")),
    ],
)
def test_publishers_of_every_kind_are_read(publisher: Json, claim: Publisher | tuple[str, str, str]) -> None:
    expected = claim if isinstance(claim, Publisher) else Publisher(*claim)
    assert publisher_claims.of_provenance(provenance_object(publisher)) == {expected}


BAD_CLAIMS: list[object] = [
    {},
    {"version": 2, "attestation_bundles": []},
    {"version": True, "attestation_bundles": [{}]},
    {"version": 1, "attestation_bundles": []},
    {"version": 1, "attestation_bundles": [{"publisher": GITHUB, "attestations": []}]},
    {"version": 1, "attestation_bundles": [{"publisher": None, "attestations": [{}]}]},
    {"version": 1, "attestation_bundles": [{"publisher": {"kind": "GitHub"}, "attestations": [{}]}]},
    {"version": 1, "attestation_bundles": [{"publisher": acme(kind=1), "attestations": [{}]}]},
    {
        "version": 1,
        "attestation_bundles": [{"publisher": acme(repository="a\u202eb"), "attestations": [{}]}],
    },
    {
        "version": 1,
        "attestation_bundles": [{"publisher": acme(repository="a" * 600), "attestations": [{}]}],
    },
    [],
    None,
]


@pytest.mark.parametrize("bad", BAD_CLAIMS)
def test_a_provenance_object_that_names_nobody_is_none(bad: object) -> None:
    with pytest.raises(FormatError):
        publisher_claims.of_provenance(bad)


def test_npm_attestations_name_repository_and_workflow() -> None:
    plain = npm_attestations("@acme/left", "1.0.0", GITHUB)
    assert publisher_claims.of_attestations(plain, "@acme/left", "1.0.0") == {ACME}
    del plain["attestations"][1]
    assert publisher_claims.of_attestations(plain, "@acme/left", "1.0.0") == frozenset()


def test_old_provenance_names_repository_and_workflow_too() -> None:
    claim = publisher_claims._of_address(
        "git+https://github.com/acme/demo@refs/heads/main", ".github/workflows/release.yml"
    )
    assert claim == ACME


@pytest.mark.parametrize(("name", "version"), [("left", "1.0.1"), ("right", "1.0.0")])
def test_attestations_of_another_release_are_refused(name: str, version: str) -> None:
    with pytest.raises(FormatError):
        publisher_claims.of_attestations(npm_attestations("left", "1.0.0", GITHUB), name, version)


def test_a_record_is_read_and_written_alike() -> None:
    record = publishers_file.parse(FILE.encode())
    assert record == {"pkg:pypi/demo": (ACME,), "pkg:npm/%40acme/left": ()}
    assert publishers_file.parse(publishers_file.render(record).encode()) == record
    assert publishers_file.parse(publishers_file.render({}).encode()) == {}
    assert publishers_file.parse(json.dumps({"version": 1, "publishers": {"pkg:pypi/x": []}}).encode()) == {
        "pkg:pypi/x": ()
    }


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("version: 1", "version: 2", 2),
        ("version: 1", "version: true", 2),
        ("version: 1", "version: 1\nmore: 1", None),
        ("publishers:", "publisher:", None),
        ("pkg:pypi/demo:", "demo:", 4),
        ("pkg:pypi/demo:", "pkg:pypi/demo@1.0:", 4),
        ("[]", "null", 5),
        ("[]", "{}", 5),
        ("[]", "[x]", 5),
        ("kind: GitHub, ", "", 4),
        ("workflow: release.yml", "flow: release.yml", 4),
        ("workflow: release.yml", "workflow: 1", 4),
        ('"pkg:npm/%40acme/left"', "pkg:pypi/demo", 5),
    ],
)
def test_a_record_with_a_fault_is_refused_with_its_line(old: str, new: str, line: int | None) -> None:
    assert old in FILE
    with pytest.raises(FormatError) as raised:
        publishers_file.parse(FILE.replace(old, new).encode())
    assert line is None or raised.value.line == line


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
READERS: list[Callable[[Any], object]] = [
    lambda plain: simple_index.project(plain, "my-demo"),
    lambda plain: packument.project(plain, "left"),
    publisher_claims.of_provenance,
    lambda plain: publisher_claims.of_attestations(plain, "left", "1.0.0"),
]
WHOLE = [page(), document(), provenance_object(GITHUB), npm_attestations("left", "1.0.0", GITHUB)]


@settings(max_examples=60)
@given(st.data())
def test_whatever_an_index_answers_is_read_or_a_format_error(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(READERS) - 1))
    plain: Any = copy.deepcopy(WHOLE[number])
    node = plain
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if isinstance(node[key], dict | list) and node[key] and data.draw(st.booleans()):
            node = node[key]
            continue
        node[key] = data.draw(_JSON)
        break
    try:
        READERS[number](plain)
    except FormatError:
        return


@settings(max_examples=60)
@given(st.binary(max_size=80) | st.text(alphabet="version: 1publshk[]{}\n\t", max_size=80).map(str.encode))
def test_whatever_a_record_holds_is_read_or_a_format_error(raw: bytes) -> None:
    for text in (raw, FILE.encode()[: len(raw) * 2] + raw):
        try:
            publishers_file.parse(text)
        except FormatError:
            continue
