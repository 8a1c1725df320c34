"""An npm registry: the packument of a package, and the attestations its releases point to."""

from collections.abc import Collection
from urllib.parse import quote

from tidegate.adapters.indexes.transport import Transport
from tidegate.errors import FormatError
from tidegate.formats import packument, publisher_claims
from tidegate.model.publication import Project, Published, Publisher

PACKUMENT_LIMIT = 48 << 20
ATTESTATIONS_LIMIT = 4 << 20
_KINDS = ("application/json",)


def project(transport: Transport, name: str) -> Project | None:
    """The packument; None when there is none. Raises UnavailableError."""
    plain = transport.get(quote(name, safe="@"), packument.KINDS, PACKUMENT_LIMIT)
    if plain is None:
        return None
    try:
        return packument.project(plain, name)
    except FormatError as error:
        raise transport.refusal(error.message) from None


def publishers(
    transport: Transport,
    release: Published,
    name: str,
    files: Collection[str],  # noqa: ARG001 - a release of npm is one file
) -> frozenset[Publisher] | str:
    """Who published a release, or why that is not known."""
    if not release.attestations:
        return frozenset()
    if not transport.owns(release.attestations):
        return "its attestations lie at another host"
    plain = transport.follow(release.attestations, _KINDS, ATTESTATIONS_LIMIT)
    if plain is None:
        raise transport.refusal(f"no attestations where it says those of `{name}` are")
    try:
        return publisher_claims.of_attestations(plain, name, release.version)
    except FormatError as error:
        raise transport.refusal(error.message) from None
