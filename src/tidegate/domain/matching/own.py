"""What of the packages inside artifacts is the release itself, and nobody's to be looked up."""

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.domain.matching.names import ecosystem_key, name_key
from tidegate.formats.own_names import OwnNames
from tidegate.formats.repopath import folder
from tidegate.model.inventory import Content, Inventory
from tidegate.model.package import Locked
from tidegate.model.release import Release

Named = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Own:
    """`named` are exact packages of the release, `described` (ecosystem, name) of every manifest below its root.

    A manifest anywhere may bear the name of anything. It says what the release is when it lies at the root, or when a
    lockfile that serves the root lists it as a package of this repository; an artifact is the release's when one of
    those has its name, or when nothing at the root names any and all artifacts of the kind have one name.
    """

    named: frozenset[Named]
    described: frozenset[tuple[str, str]]
    internal: OwnNames

    @classmethod
    def of(
        cls,
        release: Release,
        inventory: Inventory,
        internal: OwnNames,
        members: Iterable[Locked] = (),
        folders: Iterable[str] = (),
    ) -> "Own":
        """`members` are the packages of this repository in the lockfiles that serve the root, in `folders`."""
        artifacts = {artifact.name for artifact in release.artifacts}
        places = {release.root.rstrip("/") or ".", *folders}
        below = [m for m in inventory.manifests if m.name and release.holds(m.path)]
        named = {_key(m.ecosystem, m.name, m.version) for m in below if folder(m.path) in places}
        named |= {_key(each.ecosystem, each.name, each.version) for each in members}
        described = frozenset(_key(m.ecosystem, m.name, "")[:2] for m in below) | {each[:2] for each in named}
        held = [c for c in inventory.contents if c.artifact in artifacts and c.name]
        shipped = {_key(c.ecosystem, c.name, c.version) for c in held}
        known = {each[:2] for each in named}
        ours = {each for each in shipped if each[:2] in known or _is_alone(each, shipped, described)}
        return cls(frozenset(named | ours), described | {each[:2] for each in ours}, internal)

    def holds(self, package: Locked) -> bool:
        """Of the same name and version. Without a version only what was built from a working tree has none either."""
        key = _key(package.ecosystem, package.name, package.version)
        return key in self.named or (package.direct and not package.version and key[:2] in self.described)

    def ships(self, content: Content) -> bool:
        """Is the artifact itself a package of this repository, or none at all?"""
        return not content.name or _key(content.ecosystem, content.name, "")[:2] in self.described


def _is_alone(each: Named, shipped: set[Named], described: frozenset[tuple[str, str]]) -> bool:
    """Programs such as `setup.py` name nothing that could be read."""
    names = {name for ecosystem, name, _ in shipped if ecosystem == each[0]}
    return len(names) == 1 and not any(ecosystem == each[0] for ecosystem, _ in described)


def _key(ecosystem: str, name: str, version: str) -> Named:
    return ecosystem_key(ecosystem), name_key(ecosystem, name), version
