"""What ships: every artifact's bytes and members, archives within archives, and the layers of images."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tidegate.domain.secrets import rules
from tidegate.domain.secrets.pieces import Opener
from tidegate.domain.secrets.slices import Piece
from tidegate.errors import FormatError
from tidegate.formats import filenames
from tidegate.model.evidence import Coverage
from tidegate.model.release import Artifact, Release
from tidegate.ports import World
from tidegate.stages.secret_findings import Room
from tidegate.stages.secret_report import Account


def search(account: Account, world: World, release: Release) -> Coverage | None:
    """None for a release without artifacts. What is counted are files: members, too."""
    room = Room(rules.IN_ARTIFACT, release.name)

    def read(span: range) -> Iterator[tuple[int, Piece]]:
        for index in span:
            for piece in _pieces(world, release.artifacts[index]):
                yield index, replace(piece, place=lasting(piece.path))

    for index in range(len(release.artifacts)):
        part = account.scan.part(range(index, index + 1), read)
        room.examined += part.files
        room.expected += part.files + (not part.items)
        account.told.take(room, part)
    if not release.artifacts:
        return None
    return Coverage("artifact files", room.examined, room.expected, release.name)


def _pieces(world: World, artifact: Artifact) -> Iterator[Piece]:
    try:
        with world.taken.open(artifact) as stream:
            yield from Opener().artifact(artifact.name, artifact.kind, stream, world.taken.layers(artifact))
    except FormatError as error:
        yield Piece(artifact.name, fault=rules.ARTIFACT.id, why=error.message, skip="unreadable artifact")


def lasting(path: str) -> str:
    """The place in an artifact without the version in its name, so that an exception outlives the next release."""
    artifact, bang, member = path.partition("!/")
    said = filenames.python_file(artifact)
    if said is None:
        return path
    name, version = said
    member = re.sub(rf"^{re.escape(name)}-{re.escape(version)}(?=/)", lambda _: f"{name}-VERSION", member)
    return artifact.replace(f"-{version}", "-VERSION", 1) + bang + member
