"""What a policy may say about rebuilding, and what it cannot mean."""

from typing import Any

import pytest
from pydantic import ValidationError

from tidegate.cli import wire
from tidegate.errors import PolicyError
from tidegate.policy.lean import lean
from tidegate.policy.load import load
from tidegate.policy.schema import Policy, PolicyModel

PEM = wire.generate_key(None)[1].decode()
TRUST = "trust: {rebuilders: [{key: keys/r.pub}]}\n"


def model(**sbom: Any) -> PolicyModel:
    return PolicyModel.model_validate({"version": 1, "controls": {"sbom": sbom}})


def loaded(text: str) -> Policy:
    files = {"tidegate.yaml": "version: 1\n" + text, "keys/r.pub": PEM}
    return load("tidegate.yaml", lambda path, _limit: files[path].encode() if path in files else None)


def test_nothing_is_built_and_nothing_is_asked_for_unless_the_policy_says_so() -> None:
    rules = PolicyModel(version=1).controls.sbom
    assert (rules.build, rules.rebuild) == (None, False)


def test_a_build_is_words_with_a_deadline() -> None:
    build = model(build={"command": ["python", "-m", "build"]}).controls.sbom.build
    assert build is not None
    assert (build.command, build.outputs, build.timeout) == (["python", "-m", "build"], [], "15m")


@pytest.mark.parametrize(
    "build",
    [
        {},
        {"command": "python -m build"},
        {"command": []},
        {"command": [""]},
        {"command": ["a\0b"]},
        {"command": [1]},
        {"command": ["a"], "shell": True},
        {"command": ["a"], "timeout": "soon"},
        {"command": ["a"], "outputs": ["../dist/*"]},
        {"command": ["a"], "outputs": ["/dist/*"]},
    ],
)
def test_a_build_that_is_no_list_of_words_is_refused(build: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model(build=build)


def test_a_rebuild_that_is_asked_for_is_verified_or_the_policy_is_wrong() -> None:
    asked = "controls: {sbom: {rebuild: true}%s}\n"
    assert loaded(TRUST + asked % "").controls.sbom.rebuild
    with pytest.raises(PolicyError) as error:
        loaded(asked % "")
    assert [(fault.line, "trust.rebuilders" in fault.message) for fault in error.value.faults] == [(2, True)]
    with pytest.raises(PolicyError):
        loaded(TRUST + asked % ", provenance: {required: false, reason: not here}")


def test_rebuilders_keys_are_part_of_the_policy() -> None:
    assert loaded(TRUST).files == {"keys/r.pub": PEM}
    with pytest.raises(PolicyError):
        loaded("trust: {rebuilders: [{key: keys/s.pub}]}\n")


def test_a_worker_reads_it_as_the_loader_made_it() -> None:
    made = loaded(TRUST + "controls: {sbom: {rebuild: true, build: {command: [make, dist]}}}\n")
    read = lean(made.model_dump(mode="json", by_alias=True))
    assert read.controls.sbom.rebuild is True
    assert read.controls.sbom.build is not None
    assert read.controls.sbom.build.command == ["make", "dist"]
    assert lean(loaded("").model_dump(mode="json", by_alias=True)).controls.sbom.build is None
