"""An image is its manifest here: that its layers were not searched is said, and is not a pass."""

import io

from tidegate.domain.secrets.pieces import Opener
from tidegate.model.release import ArtifactKind


def test_the_layers_of_an_image_are_a_fault_and_its_manifest_is_searched() -> None:
    pieces = list(Opener().artifact("app", ArtifactKind.IMAGE, io.BytesIO(b'{"layers": []}')))
    assert [piece.fault for piece in pieces if piece.fault] == ["image-unscanned"]
    assert any(b"layers" in piece.data for piece in pieces)


def test_a_plain_file_has_no_such_fault() -> None:
    assert not [p for p in Opener().artifact("a.bin", ArtifactKind.FILE, io.BytesIO(b"x")) if p.fault]
