"""A wheel and an image that went through the gate together, the evidence attached to the image in a registry."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support import oci_images
from support.command import ADVISORIES, Ended, tidegate
from support.oci_images import Built
from support.registry import BINARY, IMAGE, INDEX, StandIn, docker_registry
from tidegate.adapters.registry.client import RepositoryClient
from tidegate.adapters.registry.credentials import Credentials
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import Sample
from tidegate.formats import oci


def policy(host: str) -> str:
    listed = "    artifacts: [dist/*.whl, dist/*.tar.gz]\n"
    return sample.POLICY.replace(listed, f"{listed}    images: [{host}/acme/app]\n")


def push(host: str, content: bytes, tag: str, made: Built | None = None) -> str:
    """A small image that holds one file, or the one given; gives its digest."""
    built = made or oci_images.image({"srv/app/data": content})
    with RepositoryClient(oci.reference(f"oci://{host}/acme/app:{tag}"), Credentials(), push=True) as pushing:
        manifests = []
        for name, data in built.blobs.items():
            kind = next((kind for kind in (INDEX, IMAGE) if f'"mediaType": "{kind}", "'.encode() in data[:120]), "")
            if kind:
                manifests.append((name != built.root, kind == INDEX, kind, data))
            else:
                pushing.put_blob(data)
        for inner, _, kind, data in sorted(manifests, key=lambda each: (not each[0], each[1])):
            pushing.put_manifest(data, kind, "" if inner else tag)
    return built.root


@dataclass(frozen=True)
class Shipped:
    root: Path
    host: str
    digest: str

    @property
    def run(self) -> Path:
        (run,) = (self.root / ".tidegate" / "runs").iterdir()
        return run

    @property
    def image(self) -> str:
        return f"oci://{self.host}/acme/app:1.0"

    def verify(self, *words: str | Path) -> Ended:
        return tidegate("verify", *words, "--policy", "tidegate.yaml", "--format", "json", cwd=self.root)


@contextlib.contextmanager
def registry(folder: Path) -> Iterator[str]:
    """The real registry where it is installed, else the stand-in; gives `host:port`."""
    if BINARY is not None:
        with docker_registry(folder) as host:
            yield host
    else:
        with StandIn() as stand_in:
            yield stand_in.host


@contextlib.contextmanager
def shipped(folder: Path) -> Iterator[Shipped]:
    with registry(folder) as host:
        digest = push(host, b"a layer", "1.0")
        made = Sample(folder / "release")
        made.write("tidegate.yaml", policy(host))
        described = {"containerimage.digest": digest, "image.name": f"{host}/acme/app:1.0"}
        (folder / "metadata.json").write_text(json.dumps(described))
        made.commit("release")
        keys = ("--key", "keys/build.key", "--verdict-key", "keys/gate.key", "--database", ADVISORIES)
        ended = tidegate("check", *keys, "--image-metadata", folder / "metadata.json", cwd=made.root)
        assert ended.code == 0, ended.out + ended.err
        release = Shipped(made.root, host, digest)
        pushed = tidegate("evidence", "push", release.run, f"oci://{host}/acme/app@{digest}", cwd=made.root)
        assert pushed.code == 0, pushed.err
        yield release
