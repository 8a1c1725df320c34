"""What a registry keeps is sorted by what it says it is; packs come back as they went; hostile ones do not."""

import contextlib
import io
import json
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import sealed
from tidegate.errors import FormatError
from tidegate.formats import attached, cosign_tags, evidence_pack
from tidegate.formats.attached import Attached
from tidegate.model.digest import Digest


def piece(data: bytes, created: str = "", kind: str = attached.BUNDLE) -> Attached:
    return Attached(kind, data, ((attached.CREATED, created),) if created else (), Digest.of(data))


def test_bundles_become_the_files_of_a_run_by_what_they_say_they_are() -> None:
    scene = sealed.honest()
    name = scene.artifact.name
    signature, verdict = scene.evidence[name + ".sigstore.json"], scene.evidence[name + ".vsa.sigstore.json"]
    lines = scene.evidence[name + ".attestations.jsonl"].splitlines()
    pretty = json.dumps(json.loads(lines[0]), indent=2).encode()
    files = attached.sort("x", [piece(data) for data in (verdict, pretty, lines[1], signature, b"no bundle")])
    assert files["x.sigstore.json"] == signature
    assert files["x.vsa.sigstore.json"] == verdict
    found = files["x.attestations.jsonl"].splitlines()
    # What cannot be read is not dropped: its reader finds it wrong.
    assert set(found) >= {lines[1], b"no bundle"}
    assert len(found) == 3
    assert json.loads(lines[0]) in [json.loads(line) for line in found if line.startswith(b"{")]
    assert set(files) == {"x.sigstore.json", "x.vsa.sigstore.json", "x.attestations.jsonl"}


def test_of_two_verdicts_the_newer_counts_in_whatever_order_they_come() -> None:
    scene = sealed.honest()
    old, new = (sealed.signer(sealed.JUDGE).sign_statement(scene.verdict()).encode() for _ in range(2))
    pieces = [piece(old, "2026-01-01T00:00:00Z"), piece(new, "2026-02-01T00:00:00Z")]
    for order in (pieces, pieces[::-1]):
        assert attached.sort("x", order)["x.vsa.sigstore.json"] == new
        assert attached.newest(order).data == new


def test_a_bundle_speaks_about_the_digest_it_was_made_for_only() -> None:
    scene = sealed.honest()
    for data in attached.bundles(scene.evidence):
        assert attached.about(data, scene.artifact.digest)
        assert not attached.about(data, Digest.of(b"another"))
    assert not attached.about(b"{}", scene.artifact.digest)


@pytest.mark.parametrize(
    "notes",
    [
        {"dev.sigstore.cosign/certificate": "no PEM"},
        {"dev.sigstore.cosign/bundle": "{"},
        {"dev.sigstore.cosign/bundle": "{}"},
        {"dev.sigstore.cosign/bundle": '{"Payload": {"body": "?", "logID": "zz"}}'},
        {"dev.sigstore.cosign/bundle": '{"Payload": {"body": "W10=", "logID": "00"}}'},
    ],
)
def test_a_broken_attestation_of_the_old_kind_is_kept_to_be_found_wrong(notes: dict[str, str]) -> None:
    assert cosign_tags.bundled(b'{"payload": ""}', notes) == b'{"payload": ""}'


@given(st.dictionaries(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True), st.binary(max_size=300)))
@settings(max_examples=40, deadline=None)
def test_a_pack_gives_back_exactly_what_went_in(files: dict[str, bytes]) -> None:
    folded = {name.casefold() for name in files}
    if not files or len(folded) != len(files):
        return
    packed = evidence_pack.pack(files)
    assert packed == evidence_pack.pack(dict(reversed(files.items())))
    assert evidence_pack.unpack(io.BytesIO(packed)) == files


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["../x", "/x", "a/b", ".hidden", "x\\y", "x\0y", "C:x", "x" * 300, ""])
def test_names_that_leave_the_folder_are_neither_packed_nor_unpacked(name: str) -> None:
    with pytest.raises(FormatError):
        evidence_pack.pack({name: b"x"})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name or "x"), b"x")
        if not name or "\0" in name:
            archive.writestr(zipfile.ZipInfo("x"), b"x")
    with pytest.raises(FormatError):
        evidence_pack.unpack(io.BytesIO(out.getvalue()))


def _twice(archive: zipfile.ZipFile) -> None:
    archive.writestr("MANIFEST", b"one")
    archive.writestr("MANIFEST", b"two")


def _case(archive: zipfile.ZipFile) -> None:
    archive.writestr("MANIFEST", b"one")
    archive.writestr("Manifest", b"two")


def _link(archive: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("MANIFEST")
    member.create_system, member.external_attr = 3, 0o120777 << 16
    archive.writestr(member, b"/etc/hostname")


def _huge(archive: zipfile.ZipFile) -> None:
    archive.writestr(zipfile.ZipInfo("MANIFEST"), bytes(65 << 20), zipfile.ZIP_DEFLATED)


def _nothing(archive: zipfile.ZipFile) -> None:
    """An archive without a member."""


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("spoil", [_twice, _case, _link, _huge, _nothing])
def test_a_hostile_pack_is_refused(spoil: Callable[[zipfile.ZipFile], None]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        spoil(archive)
    with pytest.raises(FormatError):
        evidence_pack.unpack(io.BytesIO(out.getvalue()))


@given(st.binary(max_size=400))
@settings(max_examples=40, deadline=None)
def test_any_bytes_are_a_pack_or_a_format_error(raw: bytes) -> None:
    for data in (raw, evidence_pack.pack({"MANIFEST": b"x"})[: len(raw)], evidence_pack.pack({"a": b"b"}) + raw):
        with contextlib.suppress(FormatError):
            evidence_pack.unpack(io.BytesIO(data))
