"""No build is said to reach a higher level than its evidence deserves and its entry allows."""

from dataclasses import replace

import pytest

from tidegate.domain.claims import levels
from tidegate.domain.claims.proof import Proof, TrustedIdentity, TrustedKey

RELEASE = "https://github.com/acme/api/.github/workflows/release.yml@refs/tags/v1"
SHARED = "https://github.com/builders/ci/.github/workflows/build.yml@refs/tags/v3"
ENTRY = TrustedIdentity("https://token.actions.githubusercontent.com", "acme/api", "w")
CLAIMS = {
    "runner_environment": "github-hosted",
    "build_signer_uri": SHARED,
    "build_config_uri": RELEASE,
    "source_repository_uri": "https://github.com/acme/api",
}


def proof(**claims: str) -> Proof:
    return Proof(san=SHARED, claims=tuple((CLAIMS | claims).items()))


def test_a_key_shows_that_provenance_exists_and_no_more() -> None:
    assert levels.deserved(Proof(key="k.pub"), TrustedKey("k.pub")) == 1
    assert levels.deserved(Proof(key="k.pub", claims=tuple(CLAIMS.items())), replace(ENTRY, max_level=3)) == 1
    assert levels.deserved(proof(), TrustedKey("k.pub")) == 1


@pytest.mark.parametrize(
    ("claims", "granted", "level"),
    [
        ({}, None, 2),
        ({}, 1, 1),
        ({}, 2, 2),
        ({}, 3, 3),
        ({"runner_environment": "self-hosted"}, 3, 1),
        ({"runner_environment": ""}, 3, 1),
        ({"build_signer_uri": RELEASE}, 3, 2),
        ({"build_config_uri": SHARED}, 3, 2),
        ({"build_config_uri": ""}, 3, 2),
        ({"build_config_uri": SHARED.replace("v3", "v2")}, 3, 2),
        ({"build_config_uri": SHARED.replace("ci", "CI")}, 3, 2),
        ({"build_signer_uri": RELEASE.replace("release", "build")}, 3, 2),
        ({"build_signer_uri": RELEASE.replace("acme/api", "Acme/API").replace("release", "build")}, 3, 2),
    ],
)
def test_the_third_level_is_granted_and_never_within_reach_of_the_build(
    claims: dict[str, str], granted: int | None, level: int
) -> None:
    assert levels.deserved(proof(**claims), replace(ENTRY, max_level=granted)) == level


def test_only_a_level_of_the_build_track_is_a_number() -> None:
    assert [levels.number(levels.name(n)) for n in (0, 1, 3)] == [0, 1, 3]
    for other in ("SLSA_SOURCE_LEVEL_3", "SLSA_BUILD_LEVEL_", "SLSA_BUILD_LEVEL_3x", "slsa_build_level_3", "3", ""):
        assert levels.number(other) is None
    assert levels.number("SLSA_BUILD_LEVEL_" + "9" * 5000) is None


def test_a_verdict_takes_the_level_its_own_artifact_reached() -> None:
    facts = [
        ("source-commit", "1f" * 20),
        (levels.fact("api", "a.whl"), levels.name(2)),
        (levels.fact("api", "b.whl"), "SLSA_BUILD_LEVEL_most"),
        (levels.fact("other", "c.whl"), levels.name(3)),
    ]
    assert levels.reached(facts, "api", "a.whl") == ["SLSA_BUILD_LEVEL_2"]
    assert levels.reached(facts, "api", "b.whl") == []
    assert levels.reached(facts, "api", "c.whl") == []
    assert levels.reached((), "api", "a.whl") == []
