"""The document an npm registry keeps of a package (its packument) becomes a Project."""

from tidegate.errors import FormatError
from tidegate.formats.locks.shape import table, text
from tidegate.model.publication import Evidence, Project, Published

KINDS = ("application/json",)
MAX_VERSIONS = 50_000


def project(plain: object, name: str) -> Project:
    """Read the packument of `name`. Raises FormatError for anything that is not it.

    Who published is told by `_npmUser`; a registry that leaves it out of every version does not speak of evidence.
    """
    document = table(plain, "the packument")
    if text(document.get("name"), "`name`") != name:
        raise FormatError("the packument is of another package than was asked for")
    versions = table(document.get("versions"), "`versions`")
    times = table(document.get("time"), "`time`")
    if document.get("versions") is None and "unpublished" not in times:
        raise FormatError("the packument has no `versions`")
    if len(versions) > MAX_VERSIONS:
        raise FormatError(f"the packument has more than {MAX_VERSIONS} versions")
    manifests = {version: table(manifest, "a version") for version, manifest in versions.items()}
    attests = any("_npmUser" in manifest for manifest in manifests.values())
    return Project(
        "npm",
        name,
        tuple(_published(version, manifest, times.get(version), attests) for version, manifest in manifests.items()),
    )


def _published(version: str, manifest: dict[str, object], time: object, attests: bool) -> Published:
    attestations = table(table(manifest.get("dist"), "`dist`").get("attestations"), "`attestations`")
    deprecated = manifest.get("deprecated", "")
    return Published(
        version,
        time=text(time, "`time`"),
        deprecated=deprecated if isinstance(deprecated, str) else "yes" if deprecated else "",
        evidence=_evidence(manifest, attestations) if attests else None,
        attestations=text(attestations.get("url"), "`url`"),
        prerelease="-" in version.partition("+")[0],
    )


def _evidence(manifest: dict[str, object], attestations: dict[str, object]) -> Evidence:
    """The levels npm's clients tell apart; a trusted publisher counts with provenance only."""
    user = table(manifest.get("_npmUser"), "`_npmUser`")
    provenance = bool(attestations.get("provenance"))
    trusted = bool(user.get("trustedPublisher")) and provenance
    if user.get("approver") and trusted:
        return Evidence.STAGED
    if trusted:
        return Evidence.TRUSTED
    return Evidence.PROVENANCE if provenance else Evidence.NONE
