"""What a CI system says of the source, held against what git says; variables can be set by whoever runs before us."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from tidegate.domain.claims import source
from tidegate.model.inventory import Source


class Fact(Protocol):
    """What `ports.Fact` is."""

    @property
    def name(self) -> str: ...

    @property
    def value(self) -> str: ...

    @property
    def source(self) -> str: ...


class Facts(Protocol):
    """What `ports.CIFacts` is."""

    @property
    def facts(self) -> Sequence[Fact]: ...


Resolve = Callable[[str], str | None]


def contradictions(facts: Facts, origin: Source, resolve: Resolve) -> Iterator[tuple[str, str]]:
    """(what, message) of each thing CI and git see differently. What one of them does not say is no contradiction.

    `resolve` gives the commit of a name, None where this clone has none.
    """
    yield from _commit(facts, origin, resolve)
    yield from _tag(facts, origin, resolve)
    yield from _repository(facts, origin)


def _said(facts: Facts, name: str) -> list[str]:
    """Everything that is said under a name by anyone but git, each once."""
    return list(dict.fromkeys(f.value for f in facts.facts if f.name == name and f.source != "git" and f.value))


def _commit(facts: Facts, origin: Source, resolve: Resolve) -> Iterator[tuple[str, str]]:
    said = _said(facts, "commit")
    # A job for a change runs on the change itself, or on its merge with the branch it wants to join.
    heads = _said(facts, "head_commit")
    wrong = [commit for commit in said if commit != origin.commit]
    if not wrong or origin.commit in heads:
        return
    if _said(facts, "change") and origin.commit:
        parents = {resolve(f"{origin.commit}^{number}") for number in (1, 2)}
        # Only a merge made for this change has two parents, and the change is one of them.
        if None not in parents and parents & {*said, *heads}:
            return
    for commit in wrong:
        yield "commit", f"the CI runs for `{commit[:64]}`, the checkout is at `{origin.commit or 'no commit'}`"


def _tag(facts: Facts, origin: Source, resolve: Resolve) -> Iterator[tuple[str, str]]:
    """A branch moves on while a job runs; a tag that is here must be at the commit."""
    for ref in _said(facts, "ref"):
        at = resolve(ref) if ref.startswith("refs/tags/") else None
        if at is not None and at != origin.commit:
            yield "ref", f"the CI runs for `{ref[:200]}`, which is at `{at}` here and not at `{origin.commit}`"


def _repository(facts: Facts, origin: Source) -> Iterator[tuple[str, str]]:
    """A mirror has another host; another path on the same host is another repository."""
    ours = source.repository(origin.remote)
    for named in _said(facts, "repository"):
        theirs = source.repository(named)
        if ours and theirs and source.server_of(ours) == source.server_of(theirs) and not source.same(ours, theirs):
            yield "repository", f"the CI runs for `{theirs[:200]}`, the checkout comes from `{ours[:200]}`"
