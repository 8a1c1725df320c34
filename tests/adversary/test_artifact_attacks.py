"""Attacks on an artifact after, or in the place of, its build: each is the named finding of the installed command."""

import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from support import wheels
from support.command import tidegate
from support.repositories import Repository
from support.wheels import members, packed

LIBRARY = b"\x7fELF" + b"honest" * 20
FAULTS = ("archive-", "record-", "metadata-", "embedded-")
POLICY = "version: 1\nreleases:\n  - {name: app, artifacts: [dist/*]}\n"


class Built:
    """One wheel a version: `name` on disk, `info` its metadata folder, `files` what an honest build put in."""

    def __init__(self, number: int) -> None:
        self.version = f"1.{number}"
        self.name = f"demo-{self.version}-py3-none-any.whl"
        self.info = f"demo-{self.version}.dist-info"
        self.metadata = f"Metadata-Version: 2.1\nName: demo\nVersion: {self.version}\n\n".encode()
        self.files = {"demo/__init__.py": b"x = 1\n", "demo.libs/libz.so.1": LIBRARY}

    def members(self, more: Mapping[str, bytes] = MappingProxyType({})) -> dict[str, bytes]:
        """Honest members, RECORD and all; `more` are further files it knows of."""
        return members({**self.files, **more}, self.metadata, self.info)


def with_link(built: Built) -> bytes:
    """A link to a file beside it, in RECORD like any other file."""
    held = built.members({"demo/link": b"__init__.py"})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in held.items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = (0o120777 if name == "demo/link" else 0o100644) << 16
            archive.writestr(info, data)
    return out.getvalue()


def bomb(built: Built) -> bytes:
    return packed(built.members({"demo/zeros": bytes(257 << 20)}))


def overlapping(built: Built) -> bytes:
    """Two rows of the directory that lead to the same bytes."""
    raw = packed(built.members(), zipfile.ZIP_STORED)
    directory = raw.index(b"PK\1\2")
    second = raw.index(b"PK\1\2", directory + 4)
    forged = bytearray(raw)
    forged[second + 42 : second + 46] = raw[directory + 42 : directory + 46]
    return bytes(forged)


def two_faced(built: Built) -> bytes:
    """The local header, which streaming unpackers believe, names another file."""
    return packed(built.members()).replace(b"demo/__init__.py", b"demo/__evil__.py", 1)


def appended(built: Built) -> bytes:
    return packed(built.members()) + b"#!/bin/sh\n"


def prepended(built: Built) -> bytes:
    return b"MZ" + packed(built.members())


def twice(built: Built) -> bytes:
    out = io.BytesIO(packed(built.members()))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("demo/__init__.py", b"evil = 1\n")
    return out.getvalue()


def extra_module(built: Built) -> bytes:
    return packed({"demo/evil.py": b"evil = 1\n", **built.members()})


def lying_record(built: Built) -> bytes:
    held = built.members()
    record = f"{built.info}/RECORD"
    return packed({**held, record: held[record].replace(b"demo/__init__.py,sha256=", b"demo/__init__.py,sha256=A")})


def swapped_library(built: Built) -> bytes:
    return packed({**built.members(), "demo.libs/libz.so.1": LIBRARY.replace(b"honest", b"hacked")})


def missing_file(built: Built) -> bytes:
    held = built.members()
    return packed({name: data for name, data in held.items() if name != "demo/__init__.py"})


def lying_size(built: Built) -> bytes:
    """The directory promises fewer bytes than are packed."""
    raw = bytearray(packed(built.members(), zipfile.ZIP_STORED))
    at = raw.index(b"PK\1\2")
    raw[at + 24 : at + 28] = struct.pack("<L", 1)
    return bytes(raw)


ATTACKS = {
    "extra_module": (extra_module, "record-mismatch", "demo/evil.py"),
    "lying_record": (lying_record, "record-mismatch", "demo/__init__.py"),
    "swapped_library": (swapped_library, "record-mismatch", "demo.libs/libz.so.1"),
    "missing_file": (missing_file, "record-mismatch", "demo/__init__.py"),
    "bomb": (bomb, "archive-unreadable", ""),
    "outside": (lambda b: packed(b.members({"../evil.py": b""})), "archive-hostile", "../evil.py"),
    "absolute": (lambda b: packed(b.members({"/etc/evil.py": b""})), "archive-hostile", "/etc/evil.py"),
    "folded": (lambda b: packed(b.members({"demo/X.py": b"1", "demo/x.py": b"2"})), "archive-hostile", "demo/x.py"),
    "link": (with_link, "archive-hostile", "demo/link"),
    "twice": (twice, "archive-hostile", "demo/__init__.py"),
    "overlapping": (overlapping, "archive-hostile", "demo/__init__.py"),
    "two_faced": (two_faced, "archive-hostile", "demo/__init__.py"),
    "lying_size": (lying_size, "archive-hostile", "demo/__init__.py"),
    "appended": (appended, "archive-hostile", ""),
    "prepended": (prepended, "archive-hostile", ""),
    "bad_sbom": (
        lambda b: packed(b.members({f"{b.info}/sboms/x.json": b"{}"})),
        "embedded-sbom-invalid",
        "sboms/x.json",
    ),
}


def tarball(entries: list[tuple[str, bytes, str]]) -> bytes:
    """(name, data, link target)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data, link in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if link:
                info.type, info.linkname = tarfile.SYMTYPE, link
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[tuple[str, str]]]:
    """The exit code and (rule, subject) of everything found, all attacks in one release."""
    repo = Repository(tmp_path_factory.mktemp("attacked") / "app")
    repo.write("tidegate.yaml", POLICY.encode())
    repo.write(".gitignore", b"dist/\n")
    repo.commit()
    for number, (attack, _, _) in enumerate(ATTACKS.values()):
        built = Built(number)
        repo.write(f"dist/{built.name}", attack(built))
    honest = Built(99)
    repo.write(f"dist/{honest.name}", packed(honest.members()))
    said = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\n"
    top = "demo-1.0"
    repo.write(
        f"dist/{top}.tar.gz",
        tarball([(f"{top}/PKG-INFO", said, ""), (f"{top}/up", b"", "../../etc"), (f"{top}/up/x", b"1", "")]),
    )
    done = tidegate("sbom", "--format", "json", cwd=repo.root)
    plain: dict[str, Any] = json.loads(done.out)
    found = [(f["rule"], f["about"]) for f in plain["findings"]]
    return done.code, found


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_found_by_name(name: str, findings: tuple[int, list[tuple[str, str]]]) -> None:
    code, found = findings
    _, rule, member = ATTACKS[name]
    wheel = Built(list(ATTACKS).index(name)).name
    subjects = [about for each, about in found if each == rule and about.partition("!/")[0] == wheel]
    assert code == 1
    assert any(about == wheel if not member else about.endswith(member) for about in subjects), subjects


def test_links_of_an_sdist_that_leave_it_and_what_lies_behind_them_are_found(
    findings: tuple[int, list[tuple[str, str]]],
) -> None:
    subjects = {about for rule, about in findings[1] if rule == "archive-hostile"}
    assert {"demo-1.0.tar.gz!/demo-1.0/up", "demo-1.0.tar.gz!/demo-1.0/up/x"} <= subjects


def test_an_honest_wheel_beside_them_has_no_finding(findings: tuple[int, list[tuple[str, str]]]) -> None:
    of_wheel = {rule for rule, about in findings[1] if about.partition("!/")[0] == Built(99).name}
    assert not {rule for rule in of_wheel if rule.startswith(FAULTS)}


def test_an_honest_release_has_no_finding_of_its_artifacts(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "app")
    repo.write("tidegate.yaml", POLICY.encode())
    repo.write(f"dist/{wheels.NAME}", wheels.wheel())
    repo.commit()
    done = tidegate("sbom", "--format", "json", cwd=repo.root)
    found = [f["rule"] for f in json.loads(done.out)["findings"]]
    assert not {rule for rule in found if rule.startswith(FAULTS)}
