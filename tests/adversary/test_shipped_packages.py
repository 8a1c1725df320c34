"""No package that is shipped inside an artifact goes unread, unnamed or unasked because of how it was put there."""

import base64
import contextlib
import hashlib
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from support import tracing
from support.tracing import INFO, PYPROJECT, SOURCE, WHEEL, honest_wheel, tarred, traced, zipped
from support.wheels import INFO as OLD_INFO
from support.wheels import NAME, members, packed
from tidegate.domain.reconcile import components
from tidegate.domain.reconcile.components import Locks
from tidegate.errors import FormatError
from tidegate.formats import archives, wheel_record
from tidegate.formats.inside.banners import BANNERS
from tidegate.formats.inside.gems import GEMS
from tidegate.formats.inside.go_programs import GO
from tidegate.formats.inside.inside import Budget, Inside, feed
from tidegate.formats.inside.nesting import unopened
from tidegate.formats.locks import bun
from tidegate.formats.sbom import reading
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Report
from tidegate.model.finding import Level
from tidegate.model.inventory import Content, Inventory, Source
from tidegate.model.package import Locked, LockFile, Manifest, SourceKind
from tidegate.model.package import Source as Origin
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.model.tracing import By
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import Audit, World
from tidegate.stages.dependencies import examine
from tidegate.stages.task import Task

LODASH = b'{"name": "lodash", "version": "4.17.4"}'
AT = "node_modules/lodash/package.json"
OLD = b"Metadata-Version: 2.1\nName: urllib3\nVersion: 1.24\n\n"
ZIP = ArtifactKind.ZIP


@dataclass
class Listening:
    """Knows nothing, and remembers what it was asked."""

    asked: list[Locked] = field(default_factory=list)

    def audit(self, packages: Sequence[Locked]) -> Audit:
        self.asked.extend(packages)
        return Audit((), (), (), len(packages))

    def now(self) -> datetime:
        return datetime(2026, 1, 4, 12, tzinfo=UTC)


def held(files: Mapping[str, bytes], name: str = "x.zip") -> Content:
    return archives.content(name, ZIP, io.BytesIO(packed(files)))


def plain(name: str, raw: bytes) -> Content:
    """As it is taken: by its name and first bytes."""
    return archives.content(name, archives.kind_of(name, raw[:512]), io.BytesIO(raw))


def named(content: Content) -> list[tuple[str, str]]:
    return [(packed.package.name, packed.package.version) for packed in content.packages]


def rules(content: Content) -> list[str]:
    return [problem.rule for problem in content.problems]


def asked(
    *contents: Content, manifests: Sequence[Manifest] = (), locks: Sequence[LockFile] = (), internal: Sequence[str] = ()
) -> tuple[Report, list[tuple[str, str, bool]]]:
    """The report of row 2, and (name, version, public) of what was asked."""
    model = PolicyModel.model_validate({"version": 1, "controls": {"lockfiles": {"internal": list(internal)}}})
    policy = Policy(model=model, files={}, digest="d", path="tidegate.yaml")
    artifacts = tuple(Artifact(c.artifact, c.artifact, Digest.of(c.artifact.encode()), 1, c.kind) for c in contents)
    inventory = Inventory(Source(), contents=contents, manifests=tuple(manifests), locks=tuple(locks))
    listening = Listening()
    world = cast(World, type("W", (), {"advisories": listening, "clock": listening})())
    task = Task((Release("demo", ".", artifacts),), inventory, policy, Scope.EXAMINE)
    report = examine(task, world)
    return report, [(p.name, p.version, p.source.public) for p in listening.asked]


def failing(report: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.about) for finding in report.findings if finding.level is Level.FAIL]


def bom(*purls: str) -> bytes:
    listed = [{"type": "library", "name": url.rpartition("/")[2], "purl": url} for url in purls]
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": listed}).encode()


class TestRecord:
    @pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
    @pytest.mark.parametrize("true", [True, False])
    def test_a_digest_that_is_not_compared_is_no_proof(self, algorithm: str, true: bool) -> None:
        files = members({"demo/__init__.py": b"x = 1\n"})
        digest = base64.urlsafe_b64encode(hashlib.new(algorithm, b"x = 1\n").digest()).rstrip(b"=") if true else b"AAAA"
        rows = files[f"{OLD_INFO}/RECORD"].splitlines()
        rows[0] = b"demo/__init__.py,%s=%s,6" % (algorithm.encode(), digest)
        files[f"{OLD_INFO}/RECORD"] = b"\n".join(rows)
        content = plain(NAME, packed(files))
        (problem,) = content.problems
        assert (problem.rule, problem.about) == ("record-mismatch", "demo/__init__.py")
        assert algorithm in problem.message

    @pytest.mark.parametrize("rows", [b"a,,\n" * 500_000, b"," * 4_000_000, b'"\n' * 500_000, b"\n" * 500_000])
    def test_more_rows_than_members_are_not_read(self, rows: bytes) -> None:
        files = members({"demo/__init__.py": b"x = 1\n"}) | {f"{OLD_INFO}/RECORD": rows}
        before = time.monotonic()
        assert rules(plain(NAME, packed(files))) == ["record-mismatch"]
        assert time.monotonic() - before < 2

    def test_rows_are_read_to_the_last_one_allowed(self) -> None:
        assert list(wheel_record.rows(b"a,,\n\nb,,\n", 3)) == [["a", "", ""], ["b", "", ""]]
        with pytest.raises(FormatError):
            list(wheel_record.rows(b"a,,\n\nb,,\n", 2))


class TestTime:
    @pytest.mark.parametrize(
        "read",
        [
            lambda: list(GEMS.read("x", b"\n" * (1 << 20) + b"s.name = 'a'\ns.version = '1'\n")),
            lambda: list(BANNERS.read("x", b"/" + b"*" * 599)),
            lambda: list(BANNERS.read("x", b"/* a" + b" " * 596)),
            lambda: bun.parse("bun.lock", b'\\"' * 200_000),
            lambda: list(GO.read("x", b"\x7fELF" + bytes(12) + (b"\xff Go buildinf:\x08\x02" * (1 << 20)))),
        ],
        ids=["gem", "banner", "spaces", "bun", "go"],
    )
    def test_no_few_bytes_keep_a_reader_busy(self, read: Callable[[], object]) -> None:
        before = time.monotonic()
        with contextlib.suppress(FormatError):
            read()
        assert time.monotonic() - before < 1


class TestNested:
    @pytest.mark.parametrize("name", ["a.tar.gz", "a.tgz", "a.tar", "a.crate", "a.apk", "a.gem"])
    def test_tar_archives_inside_are_opened(self, name: str) -> None:
        content = held({f"data/{name}": tarred({AT: LODASH})})
        assert (named(content), rules(content)) == ([("lodash", "4.17.4")], [])
        assert content.packages[0].path == f"data/{name}!/{AT}"

    @pytest.mark.parametrize("name", ["a.pyz", "a.pex", "a.aar", "a.nupkg", "a.apk", "A.ZIP"])
    def test_zip_archives_of_every_name_are_opened(self, name: str) -> None:
        assert named(held({name: b"#!/usr/bin/env python\n" * (name == "a.pyz") + packed({AT: LODASH})})) == [
            ("lodash", "4.17.4")
        ]

    def test_an_archive_says_at_its_top_which_package_it_is(self) -> None:
        crate = b'[package]\nname = "smallvec"\nversion = "0.6.9"\n'
        content = held(
            {
                "a.tgz": tarred({"package/package.json": LODASH}),
                "b.tar.gz": tarred({"urllib3-1.24/PKG-INFO": OLD}),
                "c.crate": tarred({"smallvec-0.6.9/Cargo.toml": crate, "smallvec-0.6.9/Cargo.toml.orig": crate}),
            }
        )
        assert named(content) == [("lodash", "4.17.4"), ("urllib3", "1.24"), ("smallvec", "0.6.9")]

    def test_what_lies_too_deep_is_told_and_fails(self) -> None:
        raw = packed({AT: LODASH})
        for _ in range(4):
            raw = packed({"in.zip": raw})
        content = plain("x.zip", raw)
        about = "in.zip!/in.zip!/in.zip!/in.zip"
        assert [(p.rule, p.about) for p in content.problems] == [("package-unread", about)]
        assert failing(asked(content)[0]) == [("inside-unread", f"x.zip!/{about}")]

    @pytest.mark.parametrize("head", [b"!<arch>\ndebian-binary   ", b"\xed\xab\xee\xdb", b"7z\xbc\xaf\x27\x1c"])
    def test_an_archive_of_another_kind_is_told_whatever_it_is_called(self, head: bytes) -> None:
        assert rules(held({"data/blob.bin": head + bytes(100)})) == ["artifact-unopened"]

    def test_many_bombs_together_cost_no_more_than_one_budget(self) -> None:
        bomb, budget = tarred({"zeros": bytes(8 << 20)}), Budget(20 << 20)
        inside = Inside(budget=budget)
        for number in range(5):
            feed(inside, f"{number}.tgz", io.BytesIO(bomb))
        assert budget.spent
        assert [(p.rule, p.about) for p in inside.found(frozenset())[1]] == [
            ("package-unread", f"{number}.tgz") for number in (2, 3, 4)
        ]

    def test_a_damaged_archive_is_a_warning_unless_its_name_says_package(self) -> None:
        report, _ = asked(held({"tests/bad.zip": b"PK\3\4 no zip", "lib/bad.jar": b"PK\3\4 no jar"}))
        assert failing(report) == [("inside-unread", "x.zip!/lib/bad.jar")]


class TestUnopened:
    def test_a_script_in_front_of_a_zip_file_is_no_hiding_place(self) -> None:
        content = plain("tool.pyz", b"#!/usr/bin/env python3\n" + zipped({AT: LODASH}))
        assert (content.kind, named(content), rules(content)) == (ZIP, [("lodash", "4.17.4")], [])

    def test_more_than_one_line_in_front_is_told_and_still_opened(self) -> None:
        content = plain("tool", b"#!/bin/sh\nexec java -jar $0\n" + zipped({AT: LODASH}))
        assert (content.kind, named(content)) == (ArtifactKind.FILE, [("lodash", "4.17.4")])

    def test_a_wheel_begins_with_its_first_member(self) -> None:
        assert "archive-hostile" in rules(plain(NAME, b"#!/bin/python\n" + packed(members({"demo/a.py": b""}))))

    @pytest.mark.parametrize(
        "raw",
        [
            b"\x28\xb5\x2f\xfd" + bytes(600),
            b"!<arch>\ndebian-binary   1" + bytes(600),
            b"7z\xbc\xaf\x27\x1c" + bytes(600),
            b"\xed\xab\xee\xdb" + bytes(600),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            b"\x7fELF\2\1\1\0AI\2" + bytes(600),
            bytes(600) + b"koly" + bytes(508),
        ],
    )
    def test_an_archive_nobody_opens_is_told_once(self, raw: bytes) -> None:
        assert rules(plain("app", raw)) == ["artifact-unopened"]

    def test_a_program_is_no_archive(self) -> None:
        assert unopened(b"\x7fELF" + bytes(500), bytes(512)) == ""
        assert rules(plain("app", b"\x7fELF" + bytes(600))) == []


class TestUnread:
    def test_a_duplicate_key_does_not_hide_a_package(self) -> None:
        content = held({AT: b'{"name": "lodash", "version": "4.17.4", "version": "4.17.4"}'})
        assert failing(asked(content)[0]) == [("inside-unread", f"x.zip!/{AT}")]

    def test_a_record_of_no_package_is_a_warning(self) -> None:
        content = held({AT: b'{"type": "module"}'})
        assert rules(content) == ["package-unnamed"]
        assert failing(asked(content)[0]) == []

    @pytest.mark.parametrize("version", [" 4.17.4", "v4.17.4", "= 4.17.4", "=v4.17.4 "])
    def test_a_version_is_asked_about_as_npm_reads_it(self, version: str) -> None:
        content = held({AT: json.dumps({"name": "lodash", "version": version}).encode()})
        assert asked(content)[1] == [("lodash", "4.17.4", True)]


class TestOwn:
    ROOT = Manifest("package.json", "package.json", "npm", name="app", version="1.0.0")

    def test_an_example_does_not_make_a_bundled_package_the_releases_own(self) -> None:
        example = Manifest("examples/package.json", "package.json", "npm", name="lodash", version="4.17.4")
        assert asked(held({AT: LODASH}), manifests=[self.ROOT, example])[1] == [("lodash", "4.17.4", True)]

    def test_a_member_of_the_workspace_is_own(self) -> None:
        member = Manifest("packages/b/package.json", "package.json", "npm", name="b", version="2.0.0")
        linked = Locked("npm", "b", "b", "2.0.0", Origin(SourceKind.WORKSPACE, url="packages/b"))
        lock = LockFile("package-lock.json", "package-lock", "npm", Digest.of(b"x"), (linked,))
        bundled = held({"node_modules/b/package.json": b'{"name": "b", "version": "2.0.0"}'})
        assert asked(bundled, manifests=[self.ROOT, member], locks=[lock])[1] == []
        assert asked(bundled, manifests=[self.ROOT, member])[1] == [("b", "2.0.0", True)]

    def test_a_wheel_of_somebody_else_is_asked_about_and_makes_nothing_own(self) -> None:
        root = Manifest("pyproject.toml", "pyproject.toml", "PyPI", name="demo", version="1.0")
        foreign = plain("urllib3-1.24-py3-none-any.whl", packed(members({}, OLD, "urllib3-1.24.dist-info")))
        bundle = held({"lib/urllib3-1.24.dist-info/METADATA": OLD})
        _, told = asked(plain(NAME, packed(members({"demo/a.py": b""}))), foreign, bundle, manifests=[root])
        assert told == [("urllib3", "1.24", True)]

    def test_a_private_repository_or_an_internal_name_in_an_sbom_is_told_to_nobody(self) -> None:
        sbom = bom("pkg:npm/acme-x@1.0.0", "pkg:npm/y@1.0.0?repository_url=https://npm.acme.example", "pkg:npm/z@1.0.0")
        content = held({"a.dist-info/sboms/a.json": sbom})
        _, told = asked(content, internal=["acme-*"])
        assert told == [("acme-x", "1.0.0", False), ("y", "1.0.0", False), ("z", "1.0.0", True)]

    def test_an_sbom_of_another_package_is_told(self) -> None:
        root = {"type": "application", "bom-ref": "r", "name": "left", "version": "1", "purl": "pkg:npm/left@1"}
        document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": root}}
        read = reading.read(json.dumps(document).encode())
        assert components.unsupported(read, Locks(), (), [("npm", "app")], ()) == ("pkg:npm/left@1",)
        assert components.unsupported(read, Locks(), (), [("npm", "left")], ()) == ()
        assert components.unsupported(read, Locks(), (), [("PyPI", "app")], ()) == ()


class TestExplained:
    def test_a_claim_that_nothing_proves_follows_explain(self, tmp_path: Path) -> None:
        lock = b"requests==2.31.0 --hash=sha256:" + b"0" * 64 + b"\n"
        row = base64.urlsafe_b64encode(hashlib.sha256(b"x").digest()).rstrip(b"=")
        lent = {
            "demo/_vendor/requests/a.py": b"x",
            "demo/_vendor/requests-2.31.0.dist-info/METADATA": b"Name: requests\nVersion: 2.31.0\n",
            "demo/_vendor/requests-2.31.0.dist-info/RECORD": b"requests/a.py,sha256=%s,1\n" % row,
        }
        for explain, level in (("warn", Level.WARN), ("fail", Level.FAIL)):
            (tmp_path / explain).mkdir()
            made = {WHEEL: tracing.wheel(honest_wheel() | lent)}
            seen = traced(tmp_path / explain, SOURCE | {"requirements.txt": lock}, made, explain=explain)
            assert {f.level for f in seen.told.findings if f.rule == "component-unproven"} == {level}

    @pytest.mark.parametrize(
        ("declared", "rules"),
        [
            (b"", ["file-unexplained"]),
            (b'[project.entry-points.pytest11]\nx = "demo.core"\n', []),
            (b'[project.entry-points.pytest11]\nx = "demo"\n', ["file-unexplained"]),
            (b'[project.scripts]\nx = "demo.core"\n', ["file-unexplained"]),
            (b'dynamic = ["entry-points"]\n', []),
        ],
    )
    def test_a_plugin_the_commit_does_not_declare_is_unexplained(
        self, tmp_path: Path, declared: bytes, rules: list[str]
    ) -> None:
        files = honest_wheel() | {f"{INFO}/entry_points.txt": b"[pytest11]\nx = demo.core\n"}
        seen = traced(tmp_path, SOURCE | {"pyproject.toml": PYPROJECT + declared}, {WHEEL: tracing.wheel(files)})
        assert seen.rules == rules
        assert seen.by(f"{INFO}/entry_points.txt") is (By.UNEXPLAINED if rules else By.GENERATED)
        if rules:
            assert "does not declare its entry point x = demo.core of pytest11" in seen.told.findings[0].message
