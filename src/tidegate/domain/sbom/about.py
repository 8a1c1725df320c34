"""Who stands behind an SBOM, what built the release, and as of when: what neither lockfile nor artifact says."""

import re
from dataclasses import dataclass
from typing import Protocol

from tidegate.domain.sbom.files import address
from tidegate.formats.sbom_model import Contact, Download, Organisation, Workflow
from tidegate.model.inventory import Source

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|\+00:00)", re.ASCII)
_WORKFLOW = re.compile(r"(?:https?://[^@]+//|[^/@:]+/[^/@]+/)([^@]+)@.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class About:
    """`maker` made the SBOM and supplies the release. `made` is RFC 3339, "" where nothing gives a time.

    `known_from` says where the maker is known from. `sources` are where the release's own source is.
    """

    maker: Organisation | None = None
    known_from: str = ""
    workflow: Workflow | None = None
    made: str = ""
    sources: tuple[Download, ...] = ()


class Author(Protocol):
    """What the policy says of who answers for the SBOM; `policy.controls.AuthorRules` is one."""

    @property
    def name(self) -> str: ...

    @property
    def email(self) -> str: ...

    @property
    def url(self) -> str: ...


class Facts(Protocol):
    """What the CI says about this run; `ports.CIFacts` is one."""

    @property
    def system(self) -> str: ...

    def get(self, name: str) -> str: ...


def about(source: Source, facts: Facts, author: Author | None, epoch: str) -> About:
    """`epoch` is SOURCE_DATE_EPOCH as RFC 3339, "" where it is unset; without both it and a commit there is no time,
    since a clock is not content."""
    remote = _page(source.remote)
    maker = _owner(remote) if author is None else _named(author)
    return About(
        maker=maker,
        known_from="" if maker is None else ("policy" if author is not None else "address of the source"),
        workflow=_workflow(facts, remote),
        made=epoch or (source.committed.replace("+00:00", "Z") if _TIME.fullmatch(source.committed) else ""),
        sources=(Download(remote, comment=source.commit, kind="vcs"),) if remote and source.commit else (),
    )


def _named(author: Author) -> Organisation:
    contacts = (Contact(email=author.email),) if author.email else ()
    return Organisation(author.name, (author.url,) if author.url else (), contacts)


def _page(remote: str) -> str:
    """The remote as an address people can open, without credentials; "" for folders."""
    found = address(remote).rstrip("/").removesuffix(".git")
    scheme, slashes, rest = found.partition("://")
    return f"https://{rest}" if slashes and scheme in ("ssh", "git", "http", "https") and "/" in rest else ""


def _owner(remote: str) -> Organisation | None:
    """The account the source lives under."""
    base = remote.rpartition("/")[0]
    owner = base.removeprefix("https://").partition("/")[2]
    return Organisation(owner, (base,)) if owner else None


def _workflow(facts: Facts, remote: str) -> Workflow | None:
    """The CI's workflow file, by the reference the CI gives it. Nothing of one run: two runs give one document."""
    named = facts.get("workflow_ref")
    match = _WORKFLOW.fullmatch(named)
    if facts.system == "local" or match is None:
        return None
    return Workflow(named, match[1], remote)
