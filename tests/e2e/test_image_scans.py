"""An image through the installed command: what its layers hold is listed, audited and searched, wherever it lies."""

import contextlib
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support import oci_images as oci
from support.command import ADVISORIES, tidegate
from support.oci_images import Built, stanza
from support.osv_server import advisory
from support.registry import ABSENT, BINARY, docker_registry
from support.shipped import policy, push
from support.shipped import registry as any_registry
from tidegate.cli.demo.sample import Sample

UMOCI, SKOPEO = shutil.which("umoci"), shutil.which("skopeo")
BUILDERS = "there is no `umoci` or no `skopeo` here (apt-get install umoci skopeo)"
NAME = "registry.example/acme/app"
STATUS = oci.status(stanza("libssl3", "3.0.9-1", "openssl"), stanza("libc6", "2.36-9+deb12u10", "glibc"))
WHEEL = "usr/lib/python3.11/site-packages/jinja2-2.4.1.dist-info/METADATA"


def token() -> str:
    return "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"


def image() -> Built:
    base: dict[str, oci.Entry] = {"etc/os-release": oci.DEBIAN, "var/lib/dpkg/status": STATUS}
    return oci.image(
        {**base, "srv/token": f"TOKEN={token()}\n".encode()},
        {WHEEL: oci.wheel_metadata("Jinja2", "2.4.1")},
        {"srv/.wh.token": b""},
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("osv")
    shutil.copytree(ADVISORIES / "PyPI", folder / "PyPI")
    known = [
        advisory("DEBIAN-CVE-2023-5363", "Debian:12", "openssl", fixed="3.0.11-1~deb12u2"),
        advisory("DEBIAN-CVE-2020-1", "Debian:11", "glibc", fixed="2.99-1"),
    ]
    (folder / "Debian").mkdir()
    with zipfile.ZipFile(folder / "Debian" / "all.zip", "w") as archive:
        for record in known:
            archive.writestr(f"{record['id']}.json", json.dumps(record))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    made = Sample(tmp_path / "project")
    made.write("tidegate.yaml", policy("registry.example"))
    made.commit("release")
    return made


def ran(project: Sample, given: str, database: Path) -> Mapping[str, Any]:
    words = ("--no-seal", "--image", given, "--database", database, "--format", "json")
    ended = tidegate("check", *words, cwd=project.root)
    assert ended.code == 1, ended.out + ended.err
    assert "Traceback" not in ended.err
    told: dict[str, Any] = json.loads(ended.out)
    return told


def findings(told: Mapping[str, Any], rule: str) -> dict[str, Mapping[str, Any]]:
    return {each["about"]: each for each in told["findings"] if each["rule"] == rule}


def both_are_found(told: Mapping[str, Any], layers: list[str]) -> None:
    seen = findings(told, "dependency-vulnerable")
    system = seen["pkg:deb/debian/openssl@3.0.9-1#DEBIAN-CVE-2023-5363"]
    assert system["place"]["path"] == "app!/var/lib/dpkg/status"
    assert "`libssl3`" in system["message"]
    assert layers[0][:19] in system["message"]
    library = next(each for about, each in seen.items() if about.startswith("pkg:pypi/jinja2@2.4.1#"))
    assert library["place"]["path"] == f"app!/{WHEEL}"
    assert layers[1][:19] in library["message"]
    assert not any("glibc" in about for about in seen), "what is said of another release is said of no other"
    shut = {each["rule"] for each in told["findings"] if each["level"] == "fail"}
    assert shut <= {"dependency-vulnerable", "secret-in-artifact"}, "nothing was left unread"


def layers_of(raw: bytes) -> list[str]:
    return [layer["digest"] for layer in json.loads(raw)["layers"]]


def test_what_a_layout_holds_is_audited_with_layer_and_path(project: Sample, database: Path, tmp_path: Path) -> None:
    built = image()
    told = ran(project, f"{NAME}=oci-layout:{built.layout(tmp_path / 'layout')}", database)
    both_are_found(told, layers_of(built.raw))
    (row,) = [row for row in told["rows"] if row["id"] == "dependencies"]
    (scanned,) = [each for each in row["coverage"] if each["what"] == "image layers"]
    assert (scanned["examined"], scanned["expected"], scanned["detail"]) == (3, 3, "3 packages in 1 image")


def test_a_secret_a_later_layer_deletes_is_still_a_secret(project: Sample, database: Path, tmp_path: Path) -> None:
    told = ran(project, f"{NAME}=oci-layout:{image().layout(tmp_path / 'layout')}", database)
    (about,) = [each for each in findings(told, "secret-in-artifact") if each.startswith("app!/srv/token#")]
    assert token() not in json.dumps(told)
    assert "(layer sha256:" in findings(told, "secret-in-artifact")[about]["message"]


def test_the_same_image_from_a_registry_says_the_same(project: Sample, database: Path, tmp_path: Path) -> None:
    built = image()
    with any_registry(tmp_path) as host:
        digest = push(host, b"", "1.0", built)
        project.write("tidegate.yaml", policy(host))
        project.commit("here")
        told = ran(project, f"{host}/acme/app@{digest}", database)
    both_are_found(told, layers_of(built.raw))


def test_an_archive_of_docker_is_looked_at_and_never_signed(project: Sample, database: Path, tmp_path: Path) -> None:
    parts = (
        {"etc/os-release": oci.DEBIAN, "var/lib/dpkg/status": STATUS},
        {WHEEL: oci.wheel_metadata("Jinja2", "2.4.1")},
    )
    built = oci.image(*parts, kinds=[oci.LAYER] * 2)
    place = oci.docker_archive(built, tmp_path / "image.tar", f"{NAME}:1.0")
    told = ran(project, f"{NAME}=docker-archive:{place}", database)
    both_are_found(told, layers_of(built.raw))
    assert any("no registry will call it so" in note for note in told["notes"])
    ended = tidegate("check", "--image", f"{NAME}=docker-archive:{place}", "--key", "keys/build.key", cwd=project.root)
    assert ended.code == 2
    assert "--no-seal" in ended.err


@pytest.mark.parametrize("where", ["oci-layout:nowhere", "oci:x", "docker-archive:", "oci-archive:tidegate.yaml"])
def test_a_place_without_an_image_is_a_usage_error(project: Sample, where: str) -> None:
    ended = tidegate("check", "--no-seal", "--image", f"{NAME}={where}", cwd=project.root)
    assert ended.code == 2, ended.out + ended.err
    assert "hint:" in ended.err


@contextlib.contextmanager
def shut_off(folder: Path) -> Iterator[dict[str, str]]:
    """The builders' own settings and caches stay in a folder of the test."""
    yield {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}


def rootfs(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.mark.skipif(UMOCI is None or SKOPEO is None, reason=BUILDERS)
@pytest.mark.skipif(BINARY is None, reason=ABSENT)
def test_an_image_of_umoci_and_skopeo_is_understood_from_layout_archive_and_registry(
    project: Sample, database: Path, tmp_path: Path
) -> None:
    base = rootfs(tmp_path / "base", {"etc/os-release": oci.DEBIAN, "var/lib/dpkg/status": STATUS})
    app = rootfs(tmp_path / "app", {WHEEL: oci.wheel_metadata("Jinja2", "2.4.1"), "srv/app.py": b"print()\n"})
    layout = tmp_path / "layout"
    with shut_off(tmp_path) as env, docker_registry(tmp_path) as host:

        def run(*words: str | Path) -> bytes:
            done = subprocess.run(list(map(str, words)), env=env, capture_output=True, check=False, timeout=60)
            assert done.returncode == 0, done.stderr.decode()
            return done.stdout

        run("umoci", "init", "--layout", layout)
        run("umoci", "new", "--image", f"{layout}:1.0")
        for folder in (base, app):
            run("umoci", "insert", "--rootless", "--image", f"{layout}:1.0", folder, "/")
        trust = "--insecure-policy"
        to = f"docker://{host}/acme/app:1.0"
        run("skopeo", trust, "copy", "--preserve-digests", "--dest-tls-verify=false", f"oci:{layout}:1.0", to)
        raw = run("skopeo", "inspect", "--raw", "--tls-verify=false", to)
        run("skopeo", trust, "copy", f"oci:{layout}:1.0", f"docker-archive:{tmp_path / 'saved.tar'}:{NAME}:1.0")
        run("skopeo", trust, "copy", f"oci:{layout}:1.0", f"oci-archive:{tmp_path / 'packed.tar'}:1.0")
        told = ran(project, f"{NAME}:1.0=oci-layout:{layout}", database)
        both_are_found(told, layers_of(raw))
        both_are_found(ran(project, f"{NAME}=oci-archive:{tmp_path / 'packed.tar'}", database), layers_of(raw))
        saved = ran(project, f"{NAME}:1.0=docker-archive:{tmp_path / 'saved.tar'}", database)
        assert len(findings(saved, "dependency-vulnerable")) == len(findings(told, "dependency-vulnerable"))
        project.write("tidegate.yaml", policy(host))
        project.commit("here")
        both_are_found(ran(project, f"{host}/acme/app@{oci.digest(raw)}", database), layers_of(raw))
