"""Images are taken once, every blob hashed while it is copied; what cannot be had is written down with its reason."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support import oci_images as oci
from support.oci_images import Built
from support.registry import StandIn
from support.shipped import push
from tidegate.adapters.images import store
from tidegate.adapters.images.archive import FromArchive
from tidegate.adapters.images.sources import FromLayout, FromRegistry
from tidegate.adapters.images.store import BlobStore
from tidegate.adapters.images.taking import take
from tidegate.adapters.registry.client import RepositoryClient
from tidegate.adapters.registry.credentials import Credentials
from tidegate.adapters.taking import TakenFolder
from tidegate.errors import UnavailableError, UserError
from tidegate.formats import archives
from tidegate.formats.oci import Reference
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content
from tidegate.model.release import Artifact

HERE = Reference("registry.example", "acme/app")


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    (tmp_path / "taken").mkdir()
    return tmp_path / "taken"


def built() -> Built:
    return oci.image({"a": b"one"}, {"b": b"two"})


def layer(of: Built, number: int = 0) -> str:
    return str(json.loads(of.raw)["layers"][number]["digest"])


def from_layout(folder: Path, taken: Path, reference: Reference = HERE) -> Artifact:
    return take(reference, FromLayout(folder), BlobStore(taken), taken)


def read(artifact: Artifact, taken: Path) -> Content:
    folder = TakenFolder(taken)
    with folder.open(artifact) as stream:
        return archives.content(artifact.name, artifact.kind, stream, layers=folder.layers(artifact))


def rules(artifact: Artifact, taken: Path) -> set[str]:
    return {problem.rule for problem in read(artifact, taken).problems}


def test_a_layout_is_taken_whole_under_the_digest_of_its_manifest(tmp_path: Path, taken: Path) -> None:
    made = built()
    artifact = from_layout(made.layout(tmp_path / "layout"), taken)
    assert str(artifact.digest) == made.root
    assert artifact.path == f"registry.example/acme/app@{made.root}"
    assert [member.path for member in read(artifact, taken).members] == ["a", "b"]


def blob(folder: Path, digest: str) -> Path:
    return folder / "blobs" / "sha256" / digest.removeprefix("sha256:")


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda path: path.unlink(), "blob-missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"), "blob-mismatch"),
        (lambda path: path.write_bytes(path.read_bytes() + b"more"), "blob-mismatch"),
        (lambda path: path.write_bytes(path.read_bytes()[:-5]), "blob-mismatch"),
        (lambda path: (path.rename(path.with_suffix(".x")), path.symlink_to(path.with_suffix(".x"))), "blob-mismatch"),
    ],
)
def test_a_spoilt_layer_is_a_finding_about_the_image(
    spoil: Callable[[Path], object], rule: str, tmp_path: Path, taken: Path
) -> None:
    made = built()
    folder = made.layout(tmp_path / "layout")
    spoil(blob(folder, layer(made)))
    artifact = from_layout(folder, taken)
    assert rules(artifact, taken) == {rule}
    assert [member.path for member in read(artifact, taken).members] == ["b"]


def test_a_spoilt_configuration_is_a_finding_too(tmp_path: Path, taken: Path) -> None:
    made = built()
    folder = made.layout(tmp_path / "layout")
    blob(folder, json.loads(made.raw)["config"]["digest"]).write_bytes(b"{}")
    assert rules(from_layout(folder, taken), taken) == {"blob-mismatch"}


def test_a_copy_that_was_swapped_after_it_was_taken_is_found(tmp_path: Path, taken: Path) -> None:
    made = built()
    artifact = from_layout(made.layout(tmp_path / "layout"), taken)
    copy = taken / store.FOLDER / layer(made).removeprefix("sha256:")
    copy.chmod(0o600)
    copy.write_bytes(b"another")
    assert rules(artifact, taken) == {"blob-mismatch"}


def test_a_layer_that_is_too_large_is_not_taken(tmp_path: Path, taken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = oci.image({"a": b"x" * 5000}, kinds=[oci.LAYER])
    monkeypatch.setattr(store, "MAX_BLOB", 5000)
    assert rules(from_layout(made.layout(tmp_path / "layout"), taken), taken) == {"layer-unread"}


def test_of_several_images_in_a_layout_one_must_be_named(tmp_path: Path, taken: Path) -> None:
    made = built()
    first = made.root
    folder = oci.image({"other": b""}, built=made).layout(tmp_path / "layout")
    index = json.loads((folder / "index.json").read_text())
    old = {**index["manifests"][0], "digest": first, "size": len(made.blobs[first])}
    old["annotations"] = {"org.opencontainers.image.ref.name": "0.9"}
    index["manifests"].append(old)
    (folder / "index.json").write_text(json.dumps(index))
    with pytest.raises(UserError, match="several images"):
        from_layout(folder, taken)
    assert str(from_layout(folder, taken, Reference(HERE.host, HERE.name, "0.9")).digest) == first
    (taken / "app").unlink()
    by_digest = Reference(HERE.host, HERE.name, digest=Digest.parse(made.root))
    assert str(from_layout(folder, taken, by_digest).digest) == made.root
    with pytest.raises(UserError):
        from_layout(folder, taken, Reference(HERE.host, HERE.name, "7"))


def test_what_docker_saves_goes_by_the_digest_of_its_configuration(tmp_path: Path, taken: Path) -> None:
    made = oci.image({"a": b"one"}, {"b": b"two"}, kinds=[oci.LAYER] * 2)
    path = oci.docker_archive(made, tmp_path / "saved.tar", "registry.example/acme/app:1.0")
    keeping = BlobStore(taken)
    artifact = take(HERE, FromArchive(path, keeping, taken, docker=True), keeping, taken)
    assert str(artifact.digest) == json.loads(made.raw)["config"]["digest"]
    assert [member.path for member in read(artifact, taken).members] == ["a", "b"]


def test_a_saved_archive_whose_layer_was_swapped_is_a_finding(tmp_path: Path, taken: Path) -> None:
    made = oci.image({"a": b"one"}, kinds=[oci.LAYER], diff_ids=["sha256:" + "1" * 64])
    keeping = BlobStore(taken)
    source = FromArchive(oci.docker_archive(made, tmp_path / "saved.tar"), keeping, taken, docker=True)
    assert rules(take(HERE, source, keeping, taken), taken) == {"blob-missing"}


@pytest.mark.parametrize("raw", [b"", b"no archive" * 100, oci.tar({"manifest.json": b"{"}), oci.tar({"x": b""})])
@pytest.mark.parametrize("docker", [True, False])
def test_an_archive_that_is_none_is_a_usage_error(raw: bytes, docker: bool, tmp_path: Path, taken: Path) -> None:
    (tmp_path / "x.tar").write_bytes(raw)
    with pytest.raises(UserError):
        FromArchive(tmp_path / "x.tar", BlobStore(taken), taken, docker=docker).root(HERE)


def pulled(host: str, digest: str, taken: Path) -> Artifact:
    reference = Reference(host, "acme/app", digest=Digest.parse(digest))
    with RepositoryClient(reference, Credentials(), timeout=2, total=10) as client:
        manifest = client.manifest(digest)
        assert manifest is not None
        return take(reference, FromRegistry(client, manifest), BlobStore(taken), taken)


def test_every_platform_of_an_index_is_taken_from_a_registry(taken: Path) -> None:
    made = oci.image({"a": b"one"})
    one = oci.listed(made)
    two = oci.listed(oci.image({"b": b"two"}, built=made, platform=("linux", "arm64")), "linux/arm64")
    whole = oci.index(made, one, two)
    with StandIn() as stand_in:
        digest = push(stand_in.host, b"", "1.0", whole)
        artifact = pulled(stand_in.host, digest, taken)
    assert {member.path for member in read(artifact, taken).members} == {"a", "b"}
    assert rules(artifact, taken) == set()


def test_a_layer_the_registry_lost_is_a_finding_and_one_it_does_not_serve_is_undecided(taken: Path) -> None:
    made = built()
    with StandIn() as stand_in:
        digest = push(stand_in.host, b"", "1.0", made)
        kept = stand_in.stored.blobs.pop(layer(made))
        assert rules(pulled(stand_in.host, digest, taken), taken) == {"blob-missing"}
        stand_in.stored.blobs[layer(made)] = kept
    with StandIn() as stand_in:
        digest = push(stand_in.host, b"", "1.0", made)
        reference = Reference(stand_in.host, "acme/app", digest=Digest.parse(digest))
        with RepositoryClient(reference, Credentials(), timeout=1, total=3) as client:
            manifest = client.manifest(digest)
            assert manifest is not None
            stand_in.mode = "500"
            (taken / "app").unlink()
            other = taken / "other"
            other.mkdir()
            with pytest.raises(UnavailableError):
                take(reference, FromRegistry(client, manifest), BlobStore(other), other)


def test_other_bytes_from_a_registry_are_a_finding(taken: Path) -> None:
    made = built()
    with StandIn() as stand_in:
        digest = push(stand_in.host, b"", "1.0", made)
        stand_in.stored.blobs[layer(made)] = b"swapped".ljust(len(made.blobs[layer(made)]), b".")
        assert rules(pulled(stand_in.host, digest, taken), taken) == {"blob-mismatch"}
