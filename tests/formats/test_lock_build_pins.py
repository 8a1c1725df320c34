"""Dockerfiles, Terraform's, Helm's and pre-commit's files give what pins a build, each with its line."""

import random
import time
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.more_locks import CHART, COMMIT, DOCKERFILE, HEX, PRE_COMMIT, SHA, TERRAFORM, chart_lock
from tidegate.errors import FormatError
from tidegate.formats.locks import dockerfile, dockerfile_lines, helm, image_names, pre_commit, terraform
from tidegate.formats.locks.table import companions, reader_for
from tidegate.model.digest import Digest
from tidegate.model.package import LockFile, SourceKind


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("Dockerfile", True),
        ("a/dockerfile", True),
        ("Dockerfile.prod", True),
        ("web.Dockerfile", True),
        ("web.dockerfile", True),
        ("Containerfile", True),
        ("Containerfile.ubi9", True),
        ("Dockerfile.dockerignore", False),
        ("Dockerfile.md", False),
        ("Dockerfile.j2", False),
        ("Dockerfile.template", False),
        ("dockerfile.py", False),
        ("src/dockerfile.go", False),
        ("Dockerfiles", False),
    ],
)
def test_a_dockerfile_is_known_by_its_name(path: str, read: bool) -> None:
    assert (reader_for(path) is dockerfile) is read


def test_a_dockerfile_gives_frontend_base_copied_and_mounted_images() -> None:
    lock = dockerfile.parse("Dockerfile", DOCKERFILE.encode())
    assert [(package.name, package.version, package.source.ref, package.line) for package in lock.packages] == [
        ("docker/dockerfile", SHA, "1", 1),
        ("python", SHA, "3.12", 3),
        ("ghcr.example/acme/x", SHA, "", 13),
    ]
    assert lock.packages[2].source.host == "ghcr.example"
    assert lock.packages[1].hashes == (Digest("sha256", HEX["a"]),)
    assert lock.problems == ()


def test_an_image_is_told_once_with_its_first_line() -> None:
    lock = dockerfile.parse("Dockerfile", b"FROM a:1\nFROM a:1\nFROM a:2\n")
    assert [(package.version, package.line) for package in lock.packages] == [("1", 1), ("2", 3)]


def test_platforms_choose_among_stages() -> None:
    text = f"ARG DEBUG\nFROM a@{SHA} AS app-amd64\nFROM app-$TARGETARCH${{DEBUG:+-x}} AS last\nFROM other-$TARGETARCH\n"
    names = [package.name for package in dockerfile.parse("Dockerfile", text.encode()).packages]
    assert names == ["a", "other-$TARGETARCH"]


@pytest.mark.parametrize(
    ("written", "host", "path", "tag"),
    [
        ("python", "", "python", ""),
        ("acme/x:1", "", "acme/x", "1"),
        ("localhost/x", "localhost", "x", ""),
        ("host.example:5000/a/b:1-x", "host.example:5000", "a/b", "1-x"),
        ("[::1]:5000/a", "[::1]:5000", "a", ""),
    ],
)
def test_an_image_name_is_taken_apart(written: str, host: str, path: str, tag: str) -> None:
    image = image_names.read(written)
    assert image is not None
    assert (image.host, image.path, image.tag) == (host, path, tag)


@pytest.mark.parametrize("written", ["", "Python", "a b", "a//b", "a:", "a:b c", "host.example/", "-a", "a/../b"])
def test_what_is_no_image_name_is_none(written: str) -> None:
    assert image_names.read(written) is None


def test_arguments_are_put_in_and_nothing_else() -> None:
    arguments = {"A": "1", "B": None, "C": "$A", "E": ""}
    cases = {
        "x:$A": "x:1",
        "x:${A}-y": "x:1-y",
        "$C": "1",
        "${B:-2}": "2",
        "${E:-2}": "2",
        "${A:+y}": "y",
        "${B:+y}": "",
        "$B": None,
        "$Z": None,
        "${A/1/2}": None,
        "$(id)": None,
        "$$": None,
    }
    assert {text: image_names.expand(text, arguments) for text in cases} == cases
    assert image_names.expand("$X", {"X": "$X$X"}) is None


def test_directives_end_at_the_first_other_line() -> None:
    text = "#!/bin/sh\n# escape=`\n# check=skip=all\nFROM a\n# syntax=b\n"
    found = [(one.name, one.rest) for one in dockerfile_lines.instructions(text)]
    assert found == [("#escape", "`"), ("#check", "skip=all"), ("FROM", "a")]


def test_here_documents_are_cut_with_or_without_tabs() -> None:
    text = "FROM a\nCOPY <<-X <<Y /z/\n\tone\n\tX\ntwo\nY\nRUN echo 1<<2 x\n2\nUSER b\n"
    assert [one.name for one in dockerfile_lines.instructions(text)] == ["FROM", "COPY", "RUN", "USER"]


def test_a_terraform_lock_gives_providers_with_hashes_of_two_kinds() -> None:
    (provider,) = terraform.parse("a/.terraform.lock.hcl", TERRAFORM.encode()).packages
    assert (provider.name, provider.version, provider.line) == ("registry.example/acme/cloud", "5.1.0", 3)
    assert provider.hashes == (Digest("sha256", HEX["c"]),)
    assert provider.files[0].hashes == (Digest("h1", "0" * 64),)
    assert provider.source.host == "registry.example"


def test_a_helm_lock_gives_charts_and_is_held_against_its_chart() -> None:
    assert companions("a/Chart.lock") == ("a/Chart.yaml",)
    lock = helm.parse_with("a/Chart.lock", chart_lock().encode(), {"a/Chart.yaml": CHART.encode()})
    assert [(chart.name, chart.version, chart.line) for chart in lock.packages] == [
        ("redis", "20.12.1", 2),
        ("common", "1.17.1", 5),
    ]
    assert lock.problems == ()
    assert helm.parse("a/Chart.lock", chart_lock().encode()).problems == ()


def test_pre_commit_gives_repositories_by_address_and_revision() -> None:
    (repo,) = pre_commit.parse(".pre-commit-config.yaml", PRE_COMMIT.encode()).packages
    assert (repo.name, repo.version, repo.line) == ("github.com/acme/hooks", COMMIT, 2)
    assert (repo.source.kind, repo.source.ref) == (SourceKind.GIT, COMMIT)


REAL: list[tuple[ModuleType, str, bytes]] = [
    (dockerfile, "Dockerfile", DOCKERFILE.encode()),
    (terraform, ".terraform.lock.hcl", TERRAFORM.encode()),
    (helm, "Chart.lock", chart_lock().encode()),
    (pre_commit, ".pre-commit-config.yaml", PRE_COMMIT.encode()),
]


def read_or_refused(reader: ModuleType, path: str, raw: bytes) -> None:
    try:
        assert isinstance(reader.parse(path, raw), LockFile)
    except FormatError:
        return


@pytest.mark.parametrize(("reader", "path", "real"), REAL, ids=[row[1] for row in REAL])
def test_mutated_files_are_read_or_refused(reader: ModuleType, path: str, real: bytes) -> None:
    draw = random.Random(11)
    for _ in range(150):
        raw = bytearray(real)
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(raw))
            raw[at : at + draw.randint(0, 4)] = draw.choice(
                [b"", b"\0", b'"', b"<<A", b"$", b"\xff", b"\n", b"\\\n", b":"]
            )
        read_or_refused(reader, path, bytes(raw))
    for cut in range(0, len(real), 7):
        read_or_refused(reader, path, real[:cut])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REAL), st.binary(max_size=200) | st.text(alphabet="FROM a:$@{}<\\\n\"'#=-", max_size=120))
def test_any_content_is_read_or_refused(row: tuple[ModuleType, str, bytes], raw: bytes | str) -> None:
    read_or_refused(row[0], row[1], raw.encode() if isinstance(raw, str) else raw)


BOMBS: list[tuple[ModuleType, bytes]] = [
    (dockerfile, b"FROM a:1\n" * 100_000),
    (dockerfile, b"FROM a\\\n" * 100_000),
    (dockerfile, b"ARG A=$A$A\n" * 50_000 + b"FROM $A\n"),
    (dockerfile, b"FROM a\nRUN " + b"<<A " * 20_000 + b"\n"),
    (dockerfile, b"".join(b"FROM a%d AS b%d\n" % (n, n) for n in range(5_000)) + b"FROM b$TARGETARCH$TARGETOS\n"),
    (terraform, b"/*" * 500_000),
    (terraform, b'provider "' * 200_000),
    (terraform, b"".join(b'provider "a.b/c/d%d" {\n}\n' % n for n in range(60_000))),
    (helm, b"dependencies:\n" + b"- {name: a}\n" * 50_000),
    (helm, b"[" * 100_000),
    (pre_commit, b"repos:\n" + b"- repo: meta\n" * 50_000),
]


@pytest.mark.parametrize(("reader", "raw"), BOMBS)
def test_bombs_end_soon(reader: ModuleType, raw: bytes) -> None:
    start = time.process_time()
    read_or_refused(reader, "Chart.lock", raw)
    assert time.process_time() - start < 5
