"""An image through the installed command: checked by digest, evidence pushed to the registry, verified from there."""

import json
from pathlib import Path

import pytest

from support.command import tidegate
from support.registry import StandIn, image
from support.shipped import Shipped, policy, push
from tidegate.cli.demo.sample import Sample


def test_an_image_alone_is_verified_with_what_its_registry_holds_and_by_the_digest_printed(shipped: Shipped) -> None:
    ended = shipped.verify(shipped.image)
    assert ended.code == 0, ended.out + ended.err
    (release,) = json.loads(ended.out)["releases"]
    assert release["artifacts"][0]["path"] == f"{shipped.host}/acme/app@{shipped.digest}"
    assert any(shipped.digest in note and "deploy it by this digest" in note for note in json.loads(ended.out)["notes"])


def test_a_tag_moved_to_another_image_is_refused_for_every_reason_there_is(shipped: Shipped) -> None:
    other = push(shipped.host, b"another layer", "moved")
    # The evidence is there and whole, and speaks about another image.
    ended = shipped.verify(f"oci://{shipped.host}/acme/app:moved", "--evidence", shipped.run)
    assert ended.code == 1, ended.out + ended.err
    assert other in ended.out
    rules = {finding["rule"] for finding in json.loads(ended.out)["findings"]}
    assert rules >= {"artifact-changed", "signature-invalid", "provenance-subject-mismatch"}


@pytest.mark.parametrize(("mode", "code"), [("other-bytes", 1), ("wrong-digest", 1), ("500", 3), ("403", 3)])
def test_a_registry_that_lies_is_a_fail_and_one_that_is_silent_is_undecided(
    mode: str, code: int, tmp_path: Path
) -> None:
    made = Sample(tmp_path / "r")
    with StandIn() as stand_in:
        digest = image(stand_in)
        stand_in.mode = mode
        ended = tidegate(
            "verify",
            f"oci://{stand_in.host}/acme/app@{digest}",
            "--policy",
            "tidegate.yaml",
            "--format",
            "json",
            cwd=made.root,
        )
    assert ended.code == code, ended.out + ended.err
    rules = {finding["rule"] for finding in json.loads(ended.out)["findings"]}
    assert rules == ({"registry-answer-invalid"} if code == 1 else set())


def test_an_image_that_is_not_there_and_one_without_tag_are_usage_errors(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    with StandIn() as stand_in:
        for word in (f"oci://{stand_in.host}/acme/app:none", f"oci://{stand_in.host}/acme/app", "oci://nothing"):
            ended = tidegate("verify", word, "--policy", "tidegate.yaml", cwd=made.root)
            assert ended.code == 2, ended.out + ended.err
            assert "hint:" in ended.err


def test_an_image_of_the_release_must_be_given_by_digest(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.write("tidegate.yaml", policy("registry.example"))
    made.commit("release")
    for words in (
        (),
        ("--image", "registry.example/acme/app:1.0"),
        ("--image", f"registry.example/other@sha256:{'0' * 64}"),
    ):
        ended = tidegate("check", "--no-seal", *words, cwd=made.root)
        assert ended.code == 2, ended.out + ended.err
        assert "image" in ended.err
