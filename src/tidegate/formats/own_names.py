"""Names a team calls its own, compared as registries compare them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.formats.python_names import canonicalize_name
from tidegate.model.package import Locked


@dataclass(frozen=True, slots=True)
class OwnNames:
    """Exact names and beginnings of names (`acme-*` as the policy writes it), spelled as each ecosystem folds them."""

    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[str]) -> "OwnNames":
        return cls(tuple(patterns))

    def holds(self, ecosystem: str, name: str) -> bool:
        """Is this one of ours? Case never matters, and for Python neither do `-`, `_` and `.`."""
        folded = _folded(ecosystem, name)
        return any(
            folded.startswith(_folded(ecosystem, one[:-1])) if one.endswith("*") else folded == _folded(ecosystem, one)
            for one in self.patterns
        )

    def name_of(self, package: Locked) -> str:
        """The name of a package that is ours, "" for none. Installed under another name, it has two."""
        if not self.patterns:
            return ""
        names = (package.name, package.raw_name, package.alias_of)
        return next((one for one in names if one and self.holds(package.ecosystem, one)), "")


def _folded(ecosystem: str, name: str) -> str:
    """A beginning keeps its separator at the end: `acme-*` is not `acmeother`."""
    if ecosystem != "PyPI":
        return name.lower()
    end = "-" if re.search(r"[-_.]$", name) else ""
    return str(canonicalize_name(name.rstrip("-_."))) + end
