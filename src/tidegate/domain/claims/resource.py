"""What a verdict is about, by a name that production can work out itself: the purl of the artifact's metadata."""

from dataclasses import dataclass
from urllib.parse import quote

from tidegate.domain.claims import vsa
from tidegate.formats.python_names import canonicalize_name
from tidegate.model.inventory import Content
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.model.release import Artifact, ArtifactKind

_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Named:
    """`subject` is what versions are compared of, `version` is "" for files that carry none."""

    subject: str
    version: str = ""


def uri(artifact: Artifact, content: Content | None, given: str = "") -> str:
    """`resourceUri` of an artifact: what the release's `uri` says, else the purl of its own metadata, else of its file.

    A wheel and a source distribution are one package, so the file's name is part of theirs. An image may move to
    another registry, so its place is no part of it.
    """
    if given:
        return given
    if artifact.kind is ArtifactKind.IMAGE:
        return f"pkg:oci/{quote(artifact.name, safe='.-_~')}@{quote(str(artifact.digest), safe='')}"
    base = _package(content, content.version) if content else ""
    if not base:
        return vsa.resource_uri(artifact.name, artifact.digest)
    if base.startswith("pkg:pypi/"):
        return f"{base}?file_name={quote(artifact.name, safe='.-_~')}"
    return base


def named(release: str, content: Content | None) -> Named:
    """The package without its version, and the version; a file without metadata goes by its release."""
    subject = _package(content, "") if content else ""
    if content is None or not subject:
        return Named(f"release:{release}")
    return Named(subject, content.version)


def _package(content: Content, version: str) -> str:
    """The package URL, "" for an artifact that says no bearable name and version of itself."""
    if content.ecosystem not in ("PyPI", "npm") or not content.name or not content.version:
        return ""
    name = canonicalize_name(content.name) if content.ecosystem == "PyPI" else content.name
    try:
        purl = Locked(content.ecosystem, name, content.name, version, Source(SourceKind.UNKNOWN)).purl
    except UnicodeError:
        return ""
    return purl if len(purl) <= _LONGEST and content.version.isprintable() and len(content.version) <= 200 else ""
