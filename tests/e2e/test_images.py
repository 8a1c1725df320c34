"""An image through the installed command: checked by digest, evidence pushed to the registry, verified from there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.command import ADVISORIES, Ended, tidegate
from support.registry import ABSENT, BINARY, IMAGE, StandIn, docker_registry, image
from tidegate.adapters.registry.client import RepositoryClient
from tidegate.adapters.registry.credentials import Credentials
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import WHEEL, Sample
from tidegate.formats import oci
from tidegate.formats.oci import Descriptor


def policy(host: str) -> str:
    listed = f"    artifacts: [dist/*.whl]\n    images: [{host}/acme/app]\n"
    return sample.POLICY.replace("    artifacts: [dist/*.whl, dist/*.tar.gz]\n", listed)


def push(host: str, layer: bytes, tag: str) -> str:
    """A small image; gives its digest."""
    with RepositoryClient(oci.reference(f"oci://{host}/acme/app:{tag}"), Credentials(), push=True) as pushing:
        config = Descriptor("application/vnd.oci.image.config.v1+json", pushing.put_blob(b"{}"), 2)
        held = Descriptor("application/vnd.oci.image.layer.v1.tar", pushing.put_blob(layer), len(layer))
        plain = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": oci.plain_descriptor(config),
            "layers": [oci.plain_descriptor(held)],
        }
        raw = json.dumps(plain).encode()
        pushing.put_manifest(raw, IMAGE, tag)
    return str(oci.parse(raw).digest)


@dataclass(frozen=True)
class Shipped:
    root: Path
    host: str
    digest: str

    def verify(self, *words: str | Path) -> Ended:
        return tidegate("verify", *words, "--policy", "tidegate.yaml", "--format", "json", cwd=self.root)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    """A release of a wheel and an image that went through the gate, its evidence attached to the image."""
    if BINARY is None:
        pytest.skip(ABSENT)
    folder = tmp_path_factory.mktemp("images")
    with docker_registry(folder) as host:
        digest = push(host, b"a layer", "1.0")
        made = Sample(folder / "release")
        made.write("tidegate.yaml", policy(host))
        made.write(
            "dist/metadata.json", json.dumps({"containerimage.digest": digest, "image.name": f"{host}/acme/app:1.0"})
        )
        made.commit("release")
        keys = ("--key", "keys/build.key", "--verdict-key", "keys/gate.key", "--database", ADVISORIES)
        ended = tidegate("check", *keys, "--image-metadata", "dist/metadata.json", cwd=made.root)
        assert ended.code == 0, ended.out + ended.err
        (run,) = (made.root / ".tidegate" / "runs").iterdir()
        pushed = tidegate("evidence", "push", run, f"oci://{host}/acme/app@{digest}", cwd=made.root)
        assert pushed.code == 0, pushed.err
        yield Shipped(made.root, host, digest)


def outcomes(ended: Ended) -> dict[tuple[str, str], str]:
    return {(row["release"], row["id"]): row["outcome"] for row in json.loads(ended.out)["rows"]}


def test_image_and_wheel_are_verified_in_one_command_from_registry_and_packed_evidence(shipped: Shipped) -> None:
    run = next((shipped.root / ".tidegate" / "runs").iterdir())
    packed = tidegate("evidence", "pack", run, "--output", shipped.root.parent / "e.zip", cwd=shipped.root)
    assert packed.code == 0, packed.err
    ended = shipped.verify(
        f"oci://{shipped.host}/acme/app:1.0", f"dist/{WHEEL}", "--evidence", shipped.root.parent / "e.zip"
    )
    assert ended.code == 0, ended.out + ended.err
    assert set(outcomes(ended).values()) == {"pass", "later"}
    assert {name for name, _ in outcomes(ended)} == {"app", WHEEL}


def test_an_image_alone_is_verified_with_what_its_registry_holds_and_by_the_digest_printed(shipped: Shipped) -> None:
    ended = shipped.verify(f"oci://{shipped.host}/acme/app:1.0")
    assert ended.code == 0, ended.out + ended.err
    (release,) = json.loads(ended.out)["releases"]
    assert release["artifacts"][0]["path"] == f"{shipped.host}/acme/app@{shipped.digest}"
    assert any(shipped.digest in note and "deploy it by this digest" in note for note in json.loads(ended.out)["notes"])


def test_a_tag_moved_to_another_image_is_refused_and_the_released_digest_still_stands(shipped: Shipped) -> None:
    other = push(shipped.host, b"another layer", "moved")
    ended = shipped.verify(f"oci://{shipped.host}/acme/app:moved")
    assert ended.code == 1, ended.out + ended.err
    assert other in ended.out
    run = next((shipped.root / ".tidegate" / "runs").iterdir())
    # The evidence is there and whole, and speaks about another image.
    ended = shipped.verify(f"oci://{shipped.host}/acme/app:moved", "--evidence", run)
    assert ended.code == 1
    assert "changed" in ended.out or "mismatch" in ended.out


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
