"""What a worker is asked for when an SBOM is written, and what it answers."""

from dataclasses import dataclass

from tidegate.model.release import Release


@dataclass(frozen=True, slots=True)
class Author:
    """Who answers for the SBOM, as the policy says."""

    name: str
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """`format` and `spec` are the policy's names, `out` is the file to write, `epoch` SOURCE_DATE_EPOCH as RFC 3339."""

    release: Release
    format: str
    spec: str
    out: str
    author: Author | None = None
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`fault` says why no file was written, "" when one was."""

    fault: str = ""
