"""An artifact is measured a second time only where an attestation knows it by its sha512, as npm's do."""

from dataclasses import replace

from tidegate.domain.claims import alias
from tidegate.domain.claims.provenance import Expected
from tidegate.errors import FormatError
from tidegate.formats.intoto import Statement
from tidegate.model.release import Artifact, ArtifactKind
from tidegate.ports import World


def known_as(world: World, statement: Statement, expected: Expected) -> Expected:
    """What is expected, with the artifact's sha512 and package URL when the statement may need them."""
    if expected.sha512 is not None or all(subject.digest.algorithm == "sha256" for subject in statement.subjects):
        return expected
    name, digest = expected.artifact, expected.digest
    try:
        with world.taken.open(Artifact(name, name, digest, 0, ArtifactKind.FILE)) as stream:
            sha512, purl = alias.of(name, stream)
    except FormatError:
        return expected
    return replace(expected, sha512=sha512, purl=purl)
