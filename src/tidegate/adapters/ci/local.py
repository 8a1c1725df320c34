"""Outside CI only git speaks: no variable is taken for a fact."""

from tidegate.adapters.ci.variables import git_facts
from tidegate.domain.claims.source import repository
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts, Fact


class LocalCI:
    """Implements ports.CI."""

    def facts(self, source: Source) -> CIFacts:
        said = (("repository", repository(source.remote)), ("ref", source.ref))
        declared = tuple(Fact(name, text, "git", False) for name, text in said if text)
        return CIFacts(system="local", facts=git_facts(source) + declared)
