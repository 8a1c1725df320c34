"""A Python index: the project's page as JSON, and the provenance objects its files point to (PEP 691, 740)."""

from collections.abc import Collection, Sequence
from urllib.parse import quote

from tidegate.adapters.indexes.transport import Transport
from tidegate.errors import FormatError
from tidegate.formats import publisher_claims, simple_index
from tidegate.model.publication import IndexFile, Project, Published, Publisher

PAGE_LIMIT = 32 << 20
PROVENANCE_LIMIT = 4 << 20
MAX_FILES = 3
"""Of so many files of a release the publishers are asked for; that a file is attested is known of every one."""
_PROVENANCE_KINDS = ("application/vnd.pypi.integrity.v1+json", "application/json")


def project(transport: Transport, name: str) -> Project | None:
    """The project's page; None when there is none. Raises UnavailableError."""
    plain = transport.get(f"{quote(name, safe='')}/", simple_index.KINDS, PAGE_LIMIT)
    if plain is None:
        return None
    try:
        return simple_index.project(plain, name)
    except FormatError as error:
        raise transport.refusal(error.message) from None


def publishers(
    transport: Transport, release: Published, name: str, files: Collection[str]
) -> frozenset[Publisher] | str:
    """Who published the files of a release, or why that is not known. `files` are those that count; none means all."""
    attested = [file for file in release.files if file.provenance and (not files or file.name in files)]
    if not attested:
        return frozenset()
    found: set[Publisher] = set()
    for file in _chosen(attested):
        if not transport.owns(file.provenance):
            return "its attestations lie at another host"
        plain = transport.follow(file.provenance, _PROVENANCE_KINDS, PROVENANCE_LIMIT)
        if plain is None:
            raise transport.refusal(f"no attestations where it says those of `{name}` are")
        try:
            found |= publisher_claims.of_provenance(plain)
        except FormatError as error:
            raise transport.refusal(error.message) from None
    return frozenset(found)


def _chosen(files: Sequence[IndexFile]) -> list[IndexFile]:
    """The source archive, what comes first and what comes last by name: the same for everybody who asks."""
    ordered = sorted(files, key=lambda file: (file.name.endswith(".whl"), file.name))
    return ordered if len(ordered) <= MAX_FILES else [*ordered[: MAX_FILES - 1], ordered[-1]]
