"""Row 3: tree, history, messages and artifacts are searched, and what was not searched is said."""

import dataclasses
import gzip
import io
import os
import random
import string
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from support.repositories import Repository
from tidegate.adapters.files import LocalFiles
from tidegate.adapters.inventory import read_inventory
from tidegate.domain.secrets import apart, engine, pieces, rules, slices
from tidegate.errors import FormatError, UndecidedError
from tidegate.formats.archives import kind_of
from tidegate.formats.records import dump, load
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Report
from tidegate.model.inventory import Inventory
from tidegate.model.release import Artifact, Release
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import World
from tidegate.stages import secret_blobs, secret_findings, secret_tree, secrets
from tidegate.stages.task import Task


def token(seed: int = 1) -> str:
    rng = random.Random(seed)
    return "gh" + "p_" + "".join(rng.sample(string.ascii_letters + string.digits, 36))


class Shelf:
    """Artifacts in memory."""

    def __init__(self, items: dict[str, bytes]) -> None:
        self.items = items
        self.broken: frozenset[str] = frozenset()

    def open(self, artifact: Artifact) -> io.BytesIO:
        if artifact.name in self.broken:
            raise FormatError(f"`{artifact.name}` changed after it was taken")
        return io.BytesIO(self.items[artifact.name])

    def layers(self, artifact: Artifact) -> None:
        return None


class Gate:
    """One repository, its artifacts, and the stage asked about them."""

    def __init__(self, repo: Repository) -> None:
        self.repo = repo
        self.shelf = Shelf({})
        self.base = ""

    def policy(self, history: str) -> Policy:
        model = PolicyModel.model_validate({"version": 1, "controls": {"secrets": {"history": history}}})
        return Policy(model=model, files={}, digest="sha256:" + "0" * 64, path="tidegate.yaml")

    def inventory(self) -> Inventory:
        return read_inventory(LocalFiles(self.repo.root), self.repo.ask(), self.shelf, (), self.base, ())

    def world(self, **other: object) -> World:
        absent = cast("Any", object())
        means: dict[str, Any] = {
            "files": LocalFiles(self.repo.root),
            "git": self.repo.ask(),
            "clock": absent,
            "ci": absent,
            "taken": self.shelf,
            "evidence": {},
            "advisories": absent,
            "workflow_sensor": absent,
            "verifier": absent,
        }
        return World(**(means | other))

    def examine(self, history: str = "since-base", **other: object) -> Report:
        artifacts = tuple(
            Artifact(name, f"dist/{name}", Digest.of(raw), len(raw), kind_of(name, raw[:512]))
            for name, raw in self.shelf.items.items()
        )
        task = Task((Release("demo", ".", artifacts),), self.inventory(), self.policy(history), Scope.CHECK)
        return secrets.examine(task, self.world(**other))


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    repo = Repository(tmp_path / "repo")
    repo.write("README.md", b"nothing here\n")
    repo.write("src/app.py", b"print(1)\n")
    repo.commit("start")
    return Gate(repo)


def brief(report: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.about.partition("#")[0]) for finding in report.findings]


def covered(report: Report) -> dict[str, tuple[int, int]]:
    return {each.what: (each.examined, each.expected) for each in report.coverage}


def details(report: Report) -> str:
    return " / ".join(each.detail for each in report.coverage)


def test_a_clean_repository_is_covered_and_quiet(gate: Gate) -> None:
    report = gate.examine()
    assert (brief(report), report.blind) == ([], ())
    assert covered(report) == {"files": (2, 2)}
    assert details(report) == "the tree only: there is no base to compare with"
    assert report.rules == rules.RULES
    assert dict(report.facts)["detect-secrets"].startswith("1.5")


def test_a_credential_in_the_tree_is_found_tracked_or_not_and_ignored_files_are_not_searched(gate: Gate) -> None:
    gate.repo.write("src/app.py", b"x = 1\nkey = '" + token().encode() + b"'\n")
    gate.repo.write("new.txt", token(2).encode())
    gate.repo.write(".gitignore", b"local.env\n")
    gate.repo.write("local.env", token(3).encode())
    report = gate.examine()
    assert sorted(brief(report)) == [("secret-in-tree", "new.txt"), ("secret-in-tree", "src/app.py")]
    place = next(finding.place for finding in report.findings if finding.about.startswith("src"))
    assert place is not None
    assert (place.path, place.line, place.column, place.excerpt) == ("src/app.py", 2, 8, "")


def test_the_subject_names_path_kind_and_fingerprint_and_is_stable(gate: Gate) -> None:
    gate.repo.write("a.txt", token().encode())
    first = gate.examine().findings[0]
    gate.repo.write("a.txt", b"\n\nmoved " + token().encode())
    second = gate.examine().findings[0]
    assert first.about == second.about == f"a.txt#github-token#{first.fingerprint}"
    gate.repo.write("a.txt", token(2).encode())
    assert gate.examine().findings[0].about != first.about


def test_what_the_commit_holds_is_searched_where_the_tree_differs(gate: Gate) -> None:
    gate.repo.write("changed.txt", token().encode())
    gate.repo.write("deleted.txt", token(2).encode())
    gate.repo.commit()
    gate.repo.write("changed.txt", b"clean now")
    (gate.repo.root / "deleted.txt").unlink()
    report = gate.examine()
    assert brief(report) == [("secret-in-tree", "changed.txt"), ("secret-in-tree", "deleted.txt")]
    assert covered(report)["files"] == (4, 4)


def test_the_target_of_a_link_is_searched_and_not_followed(gate: Gate) -> None:
    (gate.repo.root / "link").symlink_to("/tmp/" + token())
    gate.repo.commit()
    (gate.repo.root / "loose").symlink_to("README.md")
    assert brief(gate.examine()) == [("secret-in-tree", "link"), ("link-unscanned", "loose")]


def test_a_large_file_is_searched_in_pieces_and_one_that_is_not_regular_is_said(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (slices, pieces, apart, secret_tree):
        monkeypatch.setattr(module, "SLICE", 4000)
    monkeypatch.setattr(slices, "OVERLAP", 1000)
    text = b"x = 1\n" * 5000
    gate.repo.write("big.bin", text + token().encode() + b"\n" + text)
    gate.repo.write("pipe", b"")
    gate.repo.commit()
    (gate.repo.root / "pipe").unlink()
    os.mkfifo(gate.repo.root / "pipe")
    report = gate.examine()
    assert brief(report) == [("file-unscanned", "pipe"), ("secret-in-tree", "big.bin")] or brief(report) == [
        ("secret-in-tree", "big.bin"),
        ("file-unscanned", "pipe"),
    ]
    place = next(finding.place for finding in report.findings if finding.about.startswith("big"))
    assert place is not None
    assert place.line == 5001
    assert covered(report)["files"] == (4, 4)  # of the pipe what the commit holds


def test_a_submodule_is_said_and_not_counted(gate: Gate, tmp_path: Path) -> None:
    inner = Repository(tmp_path / "inner")
    inner.commit()
    gate.repo.git("submodule", "add", "-q", str(inner.root), "sub")
    gate.repo.commit()
    report = gate.examine()
    assert ("submodule-unscanned", "sub") in brief(report)
    assert covered(report)["files"] == (3, 3)


def test_archives_in_the_tree_are_opened(gate: Gate) -> None:
    gate.repo.write("data.zip", zipped({"inner.zip": zipped({"deep.txt": token().encode()})}))
    gate.repo.write("broken.zip", b"PK\3\4 no archive")
    report = gate.examine()
    assert brief(report) == [
        ("nested-archive-unreadable", "broken.zip"),
        ("secret-in-tree", "data.zip!/inner.zip!/deep.txt"),
    ]


def test_history_since_the_base_is_searched_with_deleted_files_and_messages(gate: Gate) -> None:
    gate.repo.write("old.txt", token(1).encode())
    gate.repo.commit()
    (gate.repo.root / "old.txt").unlink()
    gate.base = gate.repo.commit()
    gate.repo.write("gone.txt", token(2).encode())
    gate.repo.write("kept.txt", token(3).encode())
    gate.repo.commit("see " + token(4))
    (gate.repo.root / "gone.txt").unlink()
    head = gate.repo.commit()
    report = gate.examine()
    parent = gate.repo.git("rev-parse", f"{head}~1")
    assert brief(report) == [
        ("secret-in-tree", "kept.txt"),
        ("secret-in-history", "gone.txt"),
        ("secret-in-message", parent),
    ]
    assert covered(report) == {"files": (3, 3), "history files": (2, 2), "messages": (2, 2)}
    assert "2 commits" in details(report)
    assert ("secret-in-history", "old.txt") in brief(gate.examine("all"))
    assert brief(gate.examine("none")) == [("secret-in-tree", "kept.txt")]
    assert "by policy" in details(gate.examine("none"))


def test_attributes_do_not_hide_a_credential_in_the_history(gate: Gate) -> None:
    gate.repo.write(".gitattributes", b"* -diff -text binary\n")
    gate.repo.write("x.txt", token().encode())
    gate.repo.commit()
    (gate.repo.root / "x.txt").unlink()
    gate.repo.commit()
    assert ("secret-in-history", "x.txt") in brief(gate.examine("all"))


def test_a_shallow_clone_is_said_whenever_history_was_asked_for(gate: Gate, tmp_path: Path) -> None:
    gate.repo.commit()
    clone = Repository(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth=1", gate.repo.root.as_uri(), "main")
    clone.git("reset", "-q", "--hard", "FETCH_HEAD")
    other = Gate(clone)
    for history in ("since-base", "all"):
        assert ("history-incomplete", "history") in brief(other.examine(history))
    assert brief(other.examine("none")) == []


def test_a_missing_blob_is_said(gate: Gate) -> None:
    gate.repo.write("x.txt", b"content")
    gate.repo.commit()
    (gate.repo.root / "x.txt").unlink()
    gate.repo.commit()
    oid = gate.repo.git("rev-parse", "HEAD~1:x.txt")
    (gate.repo.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    report = gate.examine("all")
    assert brief(report) == [("history-incomplete", oid)]
    assert covered(report)["history files"] == (2, 3)


def test_a_large_blob_is_searched_in_pieces_and_one_beyond_all_bounds_is_said(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.repo.write("big", b"x\n" * 2500 + token().encode())
    gate.repo.commit()
    (gate.repo.root / "big").unlink()
    gate.repo.commit()
    for module in (slices, secret_blobs):
        monkeypatch.setattr(module, "SLICE", 1000)
    monkeypatch.setattr(slices, "OVERLAP", 200)
    assert brief(gate.examine("all")) == [("secret-in-history", "big")]
    monkeypatch.setattr(secret_blobs, "MAX_BLOB", 2000)
    assert brief(gate.examine("all")) == [("file-unscanned", "big")]


def test_without_git_the_tree_is_searched_and_asked_for_history_is_missing(tmp_path: Path) -> None:
    plain = Gate(Repository(tmp_path / "plain"))
    (plain.repo.root / ".git").rename(tmp_path / "elsewhere")
    plain.repo.write("a.txt", token().encode())
    report = plain.examine()
    assert (brief(report), covered(report)) == ([("secret-in-tree", "a.txt")], {"files": (1, 1)})
    assert "there is no commit" in details(report)
    assert ("history-incomplete", "history") in brief(plain.examine("all"))


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def test_artifacts_are_opened_and_searched(gate: Gate) -> None:
    gate.shelf.items = {
        "demo-1.0-py3-none-any.whl": zipped({"demo/x.py": token(1).encode(), "demo/y.py": b""}),
        "demo-1.0.tar.gz": packed({"demo-1.0/x.tgz": packed({"package/y": token(2).encode()})}),
        "demo.bin": b"\x7fELF" + token(3).encode(),
    }
    report = gate.examine()
    assert brief(report) == [
        ("secret-in-artifact", "demo-VERSION-py3-none-any.whl!/demo/x.py"),
        ("secret-in-artifact", "demo-VERSION.tar.gz!/demo-VERSION/x.tgz!/package/y"),
        ("secret-in-artifact", "demo.bin"),
    ]
    assert {finding.release for finding in report.findings} == {"demo"}
    each = next(each for each in report.coverage if each.what == "artifact files")
    assert (each.release, each.examined, each.expected) == ("demo", 7, 7)


def test_the_subject_of_a_credential_in_an_artifact_outlives_the_version(gate: Gate) -> None:
    subjects = []
    for version in ("1.0", "2.10"):
        gate.shelf.items = {f"demo-{version}.tar.gz": packed({f"demo-{version}/x-{version}.py": token(1).encode()})}
        subjects.append([finding.about for finding in gate.examine().findings])
    (first,), (second,) = subjects
    assert first.replace("x-1.0", "x-2.10") == second
    assert first.startswith("demo-VERSION.tar.gz!/demo-VERSION/x-1.0.py#")


def test_a_credential_in_a_member_name_or_beside_the_members_is_found(gate: Gate) -> None:
    gate.shelf.items = {
        "named.zip": zipped({f"{token(1)}.txt": b""}),
        "tail.zip": zipped({"a": b""}) + token(2).encode(),
    }
    assert brief(gate.examine()) == [
        ("secret-in-artifact", "named.zip"),
        ("secret-in-artifact", "tail.zip"),
        ("artifact-unscanned", "tail.zip"),
    ]


def test_what_of_an_artifact_was_not_searched_is_a_finding_of_its_release(gate: Gate) -> None:
    locked = bytearray(zipped({"a": b"1"}))
    locked[6] |= 1
    locked[locked.index(b"PK\1\2") + 8] |= 1
    gate.shelf.items = {
        "demo-1-py3-none-any.whl": zipped({"../up": token().encode()}),
        "locked.zip": bytes(locked),
        "broken.tar.gz": b"\x1f\x8b nothing",
        "gone.zip": zipped({"a": b""}),
    }
    gate.shelf.broken = frozenset({"gone.zip"})
    report = gate.examine()
    assert brief(report) == [
        ("secret-in-artifact", "demo-VERSION-py3-none-any.whl!/../up"),
        ("artifact-unscanned", "locked.zip!/a"),
        ("artifact-unscanned", "broken.tar.gz"),
        ("artifact-unscanned", "gone.zip"),
    ]
    assert {finding.release for finding in report.findings} == {"demo"}


def test_a_broken_archive_in_an_artifact_was_searched_as_it_is_and_leaves_no_doubt(gate: Gate) -> None:
    gate.shelf.items = {"demo-1.0.tar.gz": packed({"a": b"", "broken.zip": b"PK\3\4 nothing " + token().encode()})}
    report = gate.examine()
    assert [finding.rule for finding in report.findings] == ["secret-in-artifact", "nested-archive-unreadable"]
    each = next(each for each in report.coverage if each.what == "artifact files")
    assert each.examined == each.expected == 3


def test_archives_nested_too_deep_are_said(gate: Gate) -> None:
    raw = zipped({"x.txt": token().encode()})
    for level in range(4):
        raw = zipped({f"{level}.zip": raw})
    gate.shelf.items = {"deep.zip": raw}
    assert brief(gate.examine()) == [("file-unscanned", "deep.zip!/3.zip!/2.zip!/1.zip")]


def test_a_git_that_fails_blinds_the_row_and_keeps_what_was_found(gate: Gate) -> None:
    gate.repo.write("a.txt", token().encode())

    class Failing:
        def __getattr__(self, name: str) -> object:
            raise UndecidedError("`git` failed", hint="run `git fsck`")

    report = gate.examine("all", git=Failing())
    assert brief(report) == [("secret-in-tree", "a.txt")]
    assert [blind.reason for blind in report.blind] == ["`git` failed"]


def test_a_scanner_that_sees_nothing_blinds_the_row(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.Scanner, "scan", lambda self, data, path="": [])
    report = gate.examine()
    assert report.blind
    assert "canary" in report.blind[0].reason


def test_the_canary_is_no_finding_and_does_not_count(gate: Gate) -> None:
    gate.shelf.items = {"demo.bin": b"x"}
    report = gate.examine("all")
    assert brief(report) == []
    assert covered(report)["files"] == (2, 2)


def test_a_comment_never_accepts_a_token_and_that_is_said(gate: Gate) -> None:
    comment = b" # tidegate:allow secret-in-tree reason='only a sample' owner=ann expires=2099-01-01\n"
    gate.repo.write("a.txt", token().encode() + comment)
    report = gate.examine()
    assert (brief(report), report.inline) == ([("secret-in-tree", "a.txt")], ())
    assert report.notes == (
        "the comment at `a.txt:1` accepts nothing: a token of a provider cannot be accepted by a comment",
    )


def test_a_flood_of_credentials_is_bounded_and_stays_shut(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_findings, "MAX_FINDINGS", 5)
    gate.repo.write("a.txt", "\n".join(token(n) for n in range(20)).encode())
    found = gate.examine().findings
    assert [finding.rule for finding in found] == ["secret-in-tree"] * 5 + ["secrets-too-many"]


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from strings(getattr(value, field.name))


def test_no_value_is_in_anything_the_row_says(gate: Gate) -> None:
    gate.base = gate.repo.git("rev-parse", "HEAD")
    gate.repo.write("a.txt", token(1).encode())
    gate.repo.write("b.txt", b"x" * 5000 + token(2).encode())
    gate.repo.commit("message " + token(3))
    (gate.repo.root / "b.txt").unlink()
    gate.repo.commit()
    gate.shelf.items = {"x.zip": zipped({"a": token(4).encode()})}
    report = gate.examine()
    assert len(report.findings) == 4
    said = "\n".join([*strings(report), repr(report), dump(report)])
    for seed in range(1, 5):
        assert not any(token(seed)[at : at + 8] in said for at in range(4, 32))
    assert load(Report, dump(report)) == report


def test_each_rule_says_what_why_and_how_to_mend_it() -> None:
    assert len({rule.id for rule in rules.RULES}) == len(rules.RULES)
    for rule in rules.RULES:
        assert rule.says
        assert rule.why
        assert rule.fix
