"""All that our own rules say about a repository's workflows, in the order of their files."""

from collections.abc import Iterator
from dataclasses import replace

from tidegate.domain.grants import agents, exposure, gate_steps, untrusted
from tidegate.domain.grants.following import Repository
from tidegate.domain.grants.ledger import Entry, Ledger, lost, narrower, unexplained
from tidegate.domain.grants.permissions import check as check_permissions
from tidegate.domain.grants.rules import BROAD
from tidegate.domain.grants.sites import sites
from tidegate.model.finding import Finding


def findings(repository: Repository, ledger: Ledger) -> Iterator[Finding]:
    """What a sensor says comes on top; see `sensing`."""
    entries = {f"{entry.path}#{entry.job}": entry for entry in ledger.entries}
    for flow in repository.flows.values():
        for finding in check_permissions(flow):
            entry = entries.get(finding.about.removesuffix("#write-all"))
            yield finding if finding.rule != BROAD.id or entry is None else replace(finding, fix=_instead(entry))
        yield from exposure.check_environment(flow)
    yield from unexplained(ledger)
    yield from lost(repository)
    for site in sites(repository):
        yield from exposure.check(site, repository)
        yield from untrusted.check(site, repository)
        yield from agents.check(site)
        yield from gate_steps.check(site)


def _instead(entry: Entry) -> str:
    return f"write `{narrower(entry, ())}`, which is what its steps show a need for"
