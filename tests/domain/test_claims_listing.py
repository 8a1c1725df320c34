"""What somebody brings to production is measured by the list of what was released together."""

import json
from typing import Any

import pytest

from support.stock import artifact
from tidegate.domain.claims import listing, manifest
from tidegate.domain.claims.listing import EXAMINED, Listing
from tidegate.domain.claims.vsa import MANIFEST
from tidegate.errors import FormatError
from tidegate.formats import records
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding
from tidegate.model.release import Artifact, ArtifactKind, Release

ONE, TWO, THREE = (artifact(f"{word}.whl") for word in ("one", "two", "three"))
KNOWN = Listing((Release("api", ".", (ONE, TWO)), Release("web", "web", (THREE,))), "sha256:" + "ab" * 32)


def check(*given: Artifact, accepted: tuple[str, ...] = (), whole: bool = True) -> list[tuple[str, str]]:
    pairs = [(one, one.name) for one in given]
    return [(f.rule, f.about) for f in listing.check(pairs, KNOWN, frozenset(accepted), whole=whole)]


def test_a_whole_release_and_a_single_file_of_it_are_both_fine() -> None:
    assert check(ONE, TWO) == []
    assert check(THREE) == []
    assert check(ONE, whole=False) == []


def test_a_missing_file_is_told_by_name() -> None:
    assert check(ONE) == [("release-incomplete", "api#two.whl")]


def test_a_file_nobody_released_is_foreign() -> None:
    assert check(ONE, TWO, artifact("extra.whl")) == [("artifact-foreign", "extra.whl")]
    assert check(artifact("extra.whl"), whole=False) == [("artifact-foreign", "extra.whl")]


def test_other_bytes_or_another_name_are_foreign() -> None:
    swapped = Artifact("one.whl", "one.whl", TWO.digest, 1, ArtifactKind.WHEEL)
    renamed = Artifact("uno.whl", "uno.whl", ONE.digest, 1, ArtifactKind.WHEEL)
    changed = Artifact("one.whl", "one.whl", Digest.of(b"x"), 1, ArtifactKind.WHEEL)
    for odd in (swapped, renamed, changed):
        assert check(odd, TWO)[0] == ("artifact-foreign", odd.name)


def test_a_file_given_twice_is_foreign() -> None:
    assert check(ONE, TWO, TWO) == [("artifact-foreign", "two.whl")]


def test_two_releases_are_one_too_many_unless_the_policy_names_both() -> None:
    assert check(ONE, TWO, THREE) == [("artifact-foreign", "three.whl")]
    assert check(ONE, TWO, THREE, accepted=("api", "web")) == []
    assert check(ONE, THREE, accepted=("api", "web")) == [("release-incomplete", "api#two.whl")]


def test_a_release_the_policy_does_not_name_is_foreign() -> None:
    assert check(THREE, accepted=("api",)) == [("artifact-foreign", "three.whl")]
    assert check(THREE, accepted=("api",), whole=False) == [("artifact-foreign", "three.whl")]


def plain(**change: object) -> dict[str, Any]:
    facts = {"path": "tidegate.yaml", "digest": KNOWN.policy}
    return {"version": 1, "policy": facts, "releases": records.to_plain(KNOWN.releases)} | change


def test_a_listing_is_read_as_it_was_written() -> None:
    assert listing.parse(json.dumps(plain()).encode()) == KNOWN
    assert KNOWN.release_of(THREE) == KNOWN.releases[1]
    assert KNOWN.release_of(artifact("extra.whl")) is None


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": "1"},
        {"policy": None},
        {"policy": {"digest": ""}},
        {"releases": None},
        {"releases": {}},
        {"releases": [{"name": "api"}]},
        {"releases": records.to_plain((KNOWN.releases[0], KNOWN.releases[0]))},
        {"releases": records.to_plain((KNOWN.releases[0], Release("web", ".", (ONE,))))},
    ],
)
def test_a_listing_of_another_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        listing.parse(json.dumps(plain(**change)).encode())


def evidence(raw: bytes, named: bytes | None = None) -> dict[str, bytes]:
    listed = {EXAMINED: Digest.of(raw)} if named is None else {}
    return {EXAMINED: raw, MANIFEST: manifest.render(listed).encode() if named is None else named}


def test_only_a_listing_the_manifest_names_counts() -> None:
    good = json.dumps(plain()).encode()
    assert listing.read(evidence(good), "api") == KNOWN
    cases = {
        "evidence-missing": {},
        "evidence-unbound": evidence(good, f"{'ab' * 32}  other.json\n".encode()),
        "evidence-changed": evidence(b"{}"),
    }
    for rule, given in cases.items():
        read = listing.read(given, "api")
        assert isinstance(read, Finding)
        assert (read.rule, read.about) == (rule, EXAMINED)
