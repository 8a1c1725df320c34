"""What `verify` takes: one copy of each artifact, beside the evidence of its own run and of no other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support import sealed
from tidegate.cli import merging
from tidegate.cli.targets import Targets, Unseen, gather
from tidegate.errors import FormatError, NoSuchArtifact, TidegateError, UnavailableError, UserError
from tidegate.formats import attached, evidence_pack, oci
from tidegate.formats.attached import Attached
from tidegate.formats.oci import Manifest, Reference
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.verdict import ExitCode, Outcome, Run

RAW = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
TAGGED = oci.reference("oci://registry.example/acme/app:1.0")


@dataclass
class Shelf:
    """A registry that holds one image; `fails` is what it says when its evidence is asked for."""

    pieces: tuple[Attached, ...] = ()
    fails: TidegateError | None = None
    asked: list[str] = field(default_factory=list)

    def image(self, reference: Reference) -> Manifest:
        self.asked.append(reference.wanted)
        return oci.parse(RAW)

    def evidence(self, reference: Reference, digest: Digest) -> tuple[Attached, ...]:
        self.asked.append(str(digest))
        if self.fails is not None:
            raise self.fails
        return self.pieces

    def attach(
        self, reference: Reference, subject: Manifest, kind: str, data: bytes, notes: Mapping[str, str]
    ) -> Digest:
        raise AssertionError("verifying pushes nothing")


def pack(created: str, **files: bytes) -> Attached:
    data = evidence_pack.pack(files)
    return Attached(attached.PACK, data, ((attached.CREATED, created),), Digest.of(data))


def targets(tmp_path: Path, evidence: Path | None = None) -> Targets:
    made = Targets(tmp_path / "private", evidence)
    made.taken.mkdir(parents=True)
    return made


def papers(made: Targets) -> dict[str, bytes]:
    (group,) = made.groups.values()
    return {path.name: path.read_bytes() for path in group.papers.iterdir()}


def test_a_tag_is_resolved_once_and_the_copy_is_the_manifest(tmp_path: Path) -> None:
    made, shelf = targets(tmp_path), Shelf()
    made.add_image(TAGGED, shelf)
    assert shelf.asked == ["1.0", str(Digest.of(RAW))]
    (group,) = made.groups.values()
    (artifact,) = group.artifacts
    assert artifact.path == f"registry.example/acme/app@{Digest.of(RAW)}"
    assert (made.taken / "app").read_bytes() == RAW
    assert any("deploy it by this digest" in note for note in group.notes)


def test_the_newest_run_counts_alone_and_that_there_are_more_is_said(tmp_path: Path) -> None:
    made = targets(tmp_path)
    loose = Attached(attached.BUNDLE, sealed.statement({"x": 1}), (), Digest.of(b"loose"))
    made.add_image(TAGGED, Shelf((pack("2026-02-01", MANIFEST=b"new"), pack("2026-01-01", MANIFEST=b"old"), loose)))
    assert papers(made) == {"MANIFEST": b"new"}
    assert any("2 runs are kept" in note for group in made.groups.values() for note in group.notes)


def test_without_a_run_the_bundles_of_other_tools_are_taken(tmp_path: Path) -> None:
    made, scene = targets(tmp_path), sealed.honest()
    pieces = tuple(Attached(attached.BUNDLE, raw, (), Digest.of(raw)) for raw in attached.bundles(scene.evidence))
    made.add_image(TAGGED, Shelf(pieces))
    assert set(papers(made)) == {"app.sigstore.json", "app.attestations.jsonl", "app.vsa.sigstore.json"}


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (UnavailableError("silent", hint="again"), Outcome.UNDECIDED, ExitCode.UNDECIDED),
        (FormatError("other bytes", hint="find out"), Outcome.FAIL, ExitCode.SHUT),
    ],
)
def test_an_image_nobody_could_look_at_has_cells_and_never_opens(
    error: UnavailableError | FormatError, outcome: Outcome, code: ExitCode, tmp_path: Path
) -> None:
    made = targets(tmp_path)
    made.add_image(TAGGED, Shelf(fails=error))
    (unseen,) = made.unseen
    run = merging.unseen(unseen, sealed.policy(), sealed.StoppedClock())
    assert run.exit_code is code
    (cell,) = [verdict for verdict in run.verdicts if verdict.control is Control.DEPLOYMENT]
    assert cell.outcome is outcome
    assert not run.lets_through()


def test_a_pack_that_is_none_is_a_fail_and_not_a_missing_one(tmp_path: Path) -> None:
    made = targets(tmp_path)
    made.add_image(TAGGED, Shelf((Attached(attached.PACK, b"no zip", (), Digest.of(b"no zip")),)))
    (unseen,) = made.unseen
    assert isinstance(unseen.error, FormatError)


def test_two_artifacts_of_one_name_and_files_without_evidence_are_refused(tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(b"x")
    made = targets(tmp_path)
    made.add_image(TAGGED, Shelf())
    with pytest.raises(UserError, match="two artifacts are called `app`"):
        made.add_file(tmp_path / "app")
    with pytest.raises(UserError, match="where is the evidence"):
        targets(tmp_path / "other").add_file(tmp_path / "app")


def test_what_is_not_there_is_said_before_anything_is_verified(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    with pytest.raises(NoSuchArtifact):
        gather([str(tmp_path / "none.whl")], None, tmp_path / "private")


def test_artifacts_of_two_runs_never_share_evidence(tmp_path: Path) -> None:
    for number in (1, 2):
        run = tmp_path / "kept" / "runs" / f"run{number}"
        run.mkdir(parents=True)
        (tmp_path / f"a{number}").write_bytes(b"%d" % number)
        (run / "examined.json").write_text(Digest.of(b"%d" % number).value)
        (run / "MANIFEST").write_text(f"run {number}")
    (tmp_path / "private").mkdir()
    made = gather([str(tmp_path / "a1"), str(tmp_path / "a2")], tmp_path / "kept", tmp_path / "private")
    found = {g.artifacts[0].name: (g.papers / "MANIFEST").read_text() for g in made.groups.values()}
    assert found == {"a1": "run 1", "a2": "run 2"}


def run_of(name: str, error: UnavailableError | FormatError) -> Run:
    return merging.unseen(Unseen(name, error), sealed.policy(), sealed.StoppedClock())


def test_parts_told_as_one_keep_every_cell_and_a_fail_wins_over_undecided() -> None:
    silent, wrong = UnavailableError("silent", hint="again"), FormatError("other bytes")
    both = merging.merged([run_of("a", silent), run_of("b", wrong)])
    assert both.exit_code is ExitCode.SHUT
    assert {release.name for release in both.releases} == {"a", "b"}
    assert len(both.verdicts) == 2 * len(Control)
    assert merging.merged([run_of("a", silent), run_of("b", silent)]).exit_code is ExitCode.UNDECIDED
