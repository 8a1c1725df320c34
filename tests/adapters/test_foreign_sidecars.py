"""Files other tools leave beside an artifact are evidence; the same ending on a file of its own is an artifact."""

from pathlib import Path

from tidegate.adapters import taking
from tidegate.formats import endings


def test_evidence_beside_an_artifact_is_not_released(tmp_path: Path) -> None:
    beside = [*endings.ATTESTED, endings.SIGNATURE, endings.VERDICT]
    for name in ["app.whl", *("app.whl" + ending for ending in beside)]:
        (tmp_path / name).write_bytes(b"x")
    assert taking.find(tmp_path, ["*"]) == ("app.whl",)
    assert taking.find(tmp_path, ["app.whl*"]) == ("app.whl",)


def test_a_file_that_only_looks_like_evidence_is_not_left_out(tmp_path: Path) -> None:
    """Otherwise a file could be released without any gate by its name alone."""
    for name in ("app.provenance", "other.intoto.jsonl", "x.publish.attestation"):
        (tmp_path / name).write_bytes(b"x")
    assert taking.find(tmp_path, ["*"]) == ("app.provenance", "other.intoto.jsonl", "x.publish.attestation")
    (tmp_path / "app").write_bytes(b"x")
    assert taking.find(tmp_path, ["*"]) == ("app", "other.intoto.jsonl", "x.publish.attestation")
    assert taking.find(tmp_path, ["*.provenance"]) == ("app.provenance",)
