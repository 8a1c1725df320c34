"""An image is searched in all of its layers, deleted files and configuration too; what was not searched is said."""

import io
import json
from collections.abc import Mapping

from support import oci_images as oci
from support.oci_images import Built, Entry
from tidegate.domain.secrets.pieces import Opener
from tidegate.domain.secrets.slices import Piece
from tidegate.model.release import ArtifactKind


def pieces(built: Built, *, whole: bool = True) -> list[Piece]:
    opened = built.opener() if whole else None
    return list(Opener().artifact("app", ArtifactKind.IMAGE, io.BytesIO(built.raw), opened))


def image(*layers: Mapping[str, Entry]) -> Built:
    return oci.image(*layers, env=["API_TOKEN=hunter2"])


def faults(found: list[Piece]) -> list[str]:
    return [piece.fault for piece in found if piece.fault]


def test_an_image_whose_layers_were_not_taken_is_a_fault_and_its_manifest_is_searched() -> None:
    found = pieces(image({"a": b"1"}), whole=False)
    assert faults(found) == ["image-unscanned"]
    assert any(b"layers" in piece.data for piece in found)


def test_a_file_a_later_layer_deletes_is_searched_and_named_with_its_layer() -> None:
    built = image({"srv/key": b"SECRET"}, {"srv/.wh.key": b""})
    first = json.loads(built.raw)["layers"][0]["digest"]
    (found,) = [piece for piece in pieces(built) if piece.data == b"SECRET"]
    assert found.path == "app!/srv/key"
    assert first[:19] in found.note
    assert not faults(pieces(built))


def test_the_configuration_and_the_names_in_layers_are_searched() -> None:
    found = pieces(image({"srv/hunter3": b""}))
    assert any(piece.path == "app!/configuration" and b"hunter2" in piece.data for piece in found)
    assert any(b"srv/hunter3" in piece.data for piece in found)


def test_archives_in_a_layer_are_opened() -> None:
    inner = oci.tar({"deep": b"SECRET"})
    assert any(piece.path == "app!/a.tar!/deep" for piece in pieces(image({"a.tar": inner})))


def test_a_layer_that_is_missing_or_of_another_kind_is_a_fault_of_its_own() -> None:
    built = oci.image({"a": b"1"}, {"b": b"2"}, {"c": b"3"}, kinds=[oci.GZIP, f"{oci.LAYER}+zstd", oci.GZIP])
    del built.blobs[json.loads(built.raw)["layers"][2]["digest"]]
    found = pieces(built)
    assert faults(found) == ["image-unscanned"] * 2
    assert len({piece.path for piece in found if piece.fault}) == 2
    assert any(piece.data == b"1" for piece in found), "what can be searched is searched"


def test_a_document_that_is_no_image_is_a_fault() -> None:
    found = list(Opener().artifact("app", ArtifactKind.IMAGE, io.BytesIO(b"{}"), Built().opener()))
    assert "image-unscanned" in faults(found)


def test_a_plain_file_has_no_such_fault() -> None:
    assert not [p for p in Opener().artifact("a.bin", ArtifactKind.FILE, io.BytesIO(b"x")) if p.fault]
