"""All that our own rules say about a repository's workflows, in the order of their files."""

from collections.abc import Iterator

from tidegate.domain.grants import agents, exposure, gate_steps, untrusted
from tidegate.domain.grants.following import Repository
from tidegate.domain.grants.ledger import Ledger, lost, unexplained
from tidegate.domain.grants.permissions import check as check_permissions
from tidegate.domain.grants.sites import sites
from tidegate.model.finding import Finding


def findings(repository: Repository, ledger: Ledger) -> Iterator[Finding]:
    """What a sensor says comes on top; see `sensing`."""
    for flow in repository.flows.values():
        yield from check_permissions(flow)
        yield from exposure.check_environment(flow)
    yield from unexplained(ledger)
    yield from lost(repository)
    for site in sites(repository):
        yield from exposure.check(site, repository)
        yield from untrusted.check(site)
        yield from agents.check(site)
        yield from gate_steps.check(site)
