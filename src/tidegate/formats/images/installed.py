"""A package as a distribution's package manager recorded it, and the source package advisories call it by."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from tidegate.model.package import Locked, Source, SourceKind

MAX_REQUIRES = 500


@dataclass(frozen=True, slots=True)
class Installed:
    """`origin` is None where a package is its own source."""

    package: Locked
    origin: Locked | None = None

    def with_requires(self, names: Collection[str]) -> "Installed":
        """Only what is installed; of alternatives each one that is."""
        kept = tuple(name for name in self.package.requires if name in names)
        return replace(self, package=replace(self.package, requires=kept))


def installed(
    ecosystem: str,
    name: str,
    version: str,
    source: str = "",
    source_version: str = "",
    requires: Iterable[str] = (),
    licence: str = "",
) -> Installed:
    """A package; without `source` it is its own."""
    here = Source(SourceKind.BUNDLED)
    wanted = tuple(dict.fromkeys(each for each in requires if each != name))[:MAX_REQUIRES]
    package = Locked(ecosystem, name, name, version, here, requires=wanted, licence=licence)
    same = (source or name, source_version or version) == (name, version)
    origin = None if same else Locked(ecosystem, source or name, source or name, source_version or version, here)
    return Installed(package, origin)
