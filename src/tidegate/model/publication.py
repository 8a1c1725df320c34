"""What a package index says of a project and its releases: declared by the registry, not proven."""

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum

from tidegate.late import dataclass


class Evidence(IntEnum):
    """How a release says where it comes from, weakest first; only releases of one registry compare."""

    NONE = 0
    PARTLY = 1
    """Some of its files are attested, others are not."""
    PROVENANCE = 2
    TRUSTED = 3
    """Published by a workflow the project named to the registry, with provenance."""
    STAGED = 4
    """Published by a workflow and approved by a person."""

    @property
    def says(self) -> str:
        return _SAYS[self]


_SAYS = {
    Evidence.NONE: "no attestation",
    Evidence.PARTLY: "attestations of some of its files only",
    Evidence.PROVENANCE: "a provenance attestation",
    Evidence.TRUSTED: "a trusted publisher's provenance",
    Evidence.STAGED: "a trusted publisher's provenance and a person's approval",
}


@dataclass(frozen=True, slots=True, order=True)
class Publisher:
    """Who published a release: the kind of identity in lower case (`github`), its repository and its workflow."""

    kind: str
    repository: str
    workflow: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.repository}" + (f" ({self.workflow})" if self.workflow else "")

    @property
    def key(self) -> tuple[str, str, str]:
        """What two spellings of one publisher share: forges ignore the case of repositories, not of files."""
        return self.kind.lower(), self.repository.lower(), self.workflow


@dataclass(frozen=True, slots=True)
class IndexFile:
    """One file of a release. `provenance` is the address of its attestations, "" for none."""

    name: str
    uploaded: str = ""
    yanked: bool = False
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """One release as the index knows it.

    `time` is when its youngest file was uploaded (RFC 3339), "" where the index does not say it of every file.
    `evidence` is None where the index does not speak of attestations at all. `reason` is why it was yanked.
    `attestations` is the address of a whole release's attestations, "" for none. `prerelease` by the ecosystem's rules.
    """

    version: str
    time: str = ""
    yanked: bool = False
    reason: str = ""
    deprecated: str = ""
    evidence: Evidence | None = None
    files: tuple[IndexFile, ...] = ()
    attestations: str = ""
    prerelease: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A project and all its releases. `status` is PEP 792's word, "active" where the index has none."""

    ecosystem: str
    name: str
    releases: tuple[Published, ...] = ()
    status: str = "active"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What an index is asked: about one project, and who published some of its releases.

    `publishers` maps a version to the names of its files that count; none named means any.
    """

    ecosystem: str
    name: str
    publishers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an index knows; `project` is None where it knows no such project.

    `publishers` holds who published each version asked about, empty for nobody; `unknown` says of the others why it is
    not known.
    """

    project: Project | None
    publishers: Mapping[str, frozenset[Publisher]] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)


Named = tuple[str, str]
"""Ecosystem and name."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Exactly one of the three for each project asked about.

    `unanswered` are those the service owes an answer, `unasked` those it was not asked about, each with the reason.
    """

    answers: Mapping[Named, Answer] = field(default_factory=dict)
    unanswered: Mapping[Named, str] = field(default_factory=dict)
    unasked: Mapping[Named, str] = field(default_factory=dict)
    requests: int = 0
