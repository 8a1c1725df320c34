"""What every kind of build must say about its source, and the one way to find its commit among the dependencies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tidegate.domain.claims import source
from tidegate.domain.claims.proof import Proof
from tidegate.errors import FormatError
from tidegate.formats.intoto import text
from tidegate.formats.slsa import Provenance


@dataclass(frozen=True, slots=True)
class Built:
    """What a provenance says about its source. `workflow` is the whole reference `<url>/<path>@<ref>`, "" for local.

    `internal` are the parameters the platform added, by the name of the certificate claim each must equal.
    """

    repository: str
    ref: str
    commit: str
    workflow: str = ""
    internal: tuple[tuple[str, str], ...] = ()


def by_signer(proof: Proof) -> tuple[str, ...]:
    """The builder is who signed."""
    return (proof.san,)


@dataclass(frozen=True, slots=True)
class BuildType:
    """One build type: its only external parameter, the names inside it, and how to read them.

    `builders` gives the ids a certificate's holder may name as the builder.
    """

    parameter: str
    names: frozenset[str]
    read: Callable[[Provenance, Mapping[str, object]], Built]
    builders: Callable[[Proof], tuple[str, ...]] = by_signer


def claimed(plain: Mapping[str, object], section: str, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The members a certificate can confirm, by the name of its claim."""
    return tuple((claim, text(plain[name], f"`{section}.{name}`")) for name, claim in names.items() if name in plain)


def commit(provenance: Provenance, repository: str, ref: str, algorithm: str = "gitCommit") -> str:
    """The one commit of the source among the resolved dependencies; a second one would let a reader choose."""
    commits = []
    for item in provenance.dependencies:
        uri, _, at = item.uri.removeprefix("git+").partition("@refs/")
        named = f"refs/{at}" if at else ""
        ours = source.same(uri, repository) if repository else not item.uri
        if ours and (named == ref or not named) and item.digest(algorithm):
            commits.append(item.digest(algorithm))
        elif ours:
            raise FormatError("the provenance names the source twice, at another ref or without a commit")
    if len(commits) != 1 or not source.is_commit(commits[0]):
        raise FormatError("the provenance does not name exactly one source commit")
    return commits[0]
