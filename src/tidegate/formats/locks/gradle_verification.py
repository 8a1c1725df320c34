"""Gradle's verification metadata gives the hashes of each module's files, and says whom it does not check."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.formats import xml_elements
from tidegate.formats.locks import pins
from tidegate.formats.text import shown, subject
from tidegate.formats.xml_elements import Element
from tidegate.model.digest import Digest
from tidegate.model.package import Problem

Key = tuple[str, str, str]

_ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha512"})
_EXTRA = re.compile(
    r"[^()|]{0,20}-?(?:\((?:javadoc|sources)\|(?:javadoc|sources)\)|javadoc|sources)(?:\[\.\]|\\\.|\.)jar"
)
"""Patterns for source and documentation archives alone, which no build runs."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a module: its digests, and what was written as one and is none."""

    name: str
    hashes: tuple[Digest, ...]
    bad: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The files of each module, and the modules that are exempt from verification."""

    modules: Mapping[Key, tuple[Artifact, ...]] = field(default_factory=dict)
    trusted: tuple[Mapping[str, str], ...] = ()

    def files(self, group: str, name: str, version: str) -> tuple[Artifact, ...]:
        """() for a module that is not described, and for one that is trusted without looking; a file so trusted has no
        hash."""
        module = {"group": group, "name": name, "version": version}
        exempt = [
            one.get("file", "")
            for one in self.trusted
            if all(module[key] == value for key, value in one.items() if key != "file")
        ]
        if "" in exempt:
            return ()
        found = self.modules.get((group, name, version), ())
        return tuple(Artifact(file.name, ()) if file.name in exempt else file for file in found)


NOTHING = Known()


def load(path: str, raw: bytes) -> tuple[Known, list[Problem]]:
    """Read it (Gradle "Verifying dependencies", the `dependency-verification` schema). Raises FormatError."""
    root = xml_elements.loads(raw, limit=pins.LIMIT, what="the verification metadata")
    problems: list[Problem] = []
    if root.name != "verification-metadata":
        return NOTHING, [Problem("lock-malformed", path, "it is no verification metadata", root.line)]
    modules: dict[Key, tuple[Artifact, ...]] = {}
    for components in root.all("components"):
        for one in components.all("component"):
            key = _key(one)
            if key is None:
                about = f"{path}#{subject(':'.join(one.attributes.values()))}"
                message = "a component does not say group, name and version"
                problems.append(Problem("lock-malformed", about, message, one.line))
                continue
            modules[key] = (*modules.get(key, ()), *map(_artifact, one.all("artifact")))
    trusted: list[Mapping[str, str]] = []
    for configuration in root.all("configuration"):
        problems += _configuration(path, configuration, trusted)
    return Known(modules, tuple(trusted)), problems


def _key(component: Element) -> Key | None:
    group, name, version = (component.attributes.get(key, "") for key in ("group", "name", "version"))
    return (group, name, version) if group and name and version else None


def _artifact(element: Element) -> Artifact:
    hashes: list[Digest] = []
    bad: list[str] = []
    for child in element.children:
        if child.name not in _ALGORITHMS:
            continue  # `pgp` names a key, which pins no bytes
        also = [one.attributes.get("value", "") for one in child.all("also-trust")]
        for value in (child.attributes.get("value", ""), *also):
            digest = pins.digest(f"{child.name}:{value}")
            if digest is None:
                bad.append(f"{child.name}:{value}"[:200])
            else:
                hashes.append(digest)
    strong = [digest for digest in hashes if digest.strong]
    return Artifact(element.attributes.get("name", ""), tuple(strong or hashes), tuple(bad))


def _configuration(path: str, element: Element, trusted: list[Mapping[str, str]]) -> Iterator[Problem]:
    """Exact exemptions are kept; a pattern is not run, so it is told unless it is about sources and documentation."""
    for artifacts in element.all("trusted-artifacts"):
        for trust in artifacts.all("trust"):
            if trust.attributes.get("regex") != "true":
                named = ("group", "name", "version", "file")
                trusted.append({key: value for key, value in trust.attributes.items() if key in named and value})
            elif not _EXTRA.fullmatch(trust.attributes.get("file", "")):
                words = " ".join(f"{key}={value}" for key, value in trust.attributes.items() if key != "regex")
                about = f"{path}#trust:{subject(words)}"
                message = f"`{shown(words)}` is trusted without looking at its hashes"
                yield Problem("package-unhashed", about, message, trust.line)
