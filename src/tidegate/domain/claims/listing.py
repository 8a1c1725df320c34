"""What a run examined, as its signed evidence lists it: the releases with every artifact, and the policy applied."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.domain.claims import deployment_rules, manifest
from tidegate.domain.claims import release_rules as rules
from tidegate.domain.claims.vsa import MANIFEST
from tidegate.errors import FormatError
from tidegate.formats import records, strict_json
from tidegate.formats.intoto import text
from tidegate.model.finding import Finding, found
from tidegate.model.release import Artifact, Release

EXAMINED = "examined.json"
LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listing:
    """The releases of one run and the digest of the policy it was judged by."""

    releases: tuple[Release, ...]
    policy: str

    def release_of(self, artifact: Artifact) -> Release | None:
        """The release that lists this file under this name."""
        return next((r for r in self.releases if any(_same(artifact, a) for a in r.artifacts)), None)


def parse(raw: bytes) -> Listing:
    """Read `examined.json`. Raises FormatError when it does not list releases as they were judged."""
    plain = strict_json.loads(raw, limit=LIMIT, what=EXAMINED)
    if not isinstance(plain, dict) or plain.get("version") != 1:
        raise FormatError(f"`{EXAMINED}` is of no known version")
    releases = records.from_plain(tuple[Release, ...], plain.get("releases"))
    names = [artifact.name for release in releases for artifact in release.artifacts]
    if len({release.name for release in releases}) != len(releases) or len(set(names)) != len(names):
        raise FormatError(f"`{EXAMINED}` names a release or an artifact twice")
    policy = plain.get("policy")
    digest = policy.get("digest") if isinstance(policy, dict) else None
    return Listing(releases, text(digest, "the policy's digest"))


def read(evidence: Mapping[str, bytes], release: str | None) -> Listing | Finding:
    """The listing, bound by the manifest, or the finding that says why there is none to go by."""
    raw = evidence.get(EXAMINED)
    if raw is None:
        return found(deployment_rules.EVIDENCE_MISSING, EXAMINED, "nothing lists the release", release=release)
    try:
        named = manifest.parse(evidence.get(MANIFEST, b""))
        if EXAMINED not in named:
            message = f"the MANIFEST does not name `{EXAMINED}`"
            return found(deployment_rules.EVIDENCE_UNBOUND, EXAMINED, message, release=release)
        return parse(raw)
    except FormatError as error:
        return found(deployment_rules.EVIDENCE_CHANGED, EXAMINED, error.message, release=release)


def check(
    given: Sequence[tuple[Artifact, str | None]], listing: Listing, accepted: frozenset[str], *, whole: bool
) -> Iterator[Finding]:
    """Every artifact given is part of one release; of a `whole` one none is missing.

    `given` are artifacts, each with the release its findings count against. `accepted` are the names of the releases
    this policy knows, empty when it names none.
    """
    owners = [listing.release_of(artifact) for artifact, _ in given]
    counted = Counter(owner.name for owner in owners if owner is not None)
    allowed = accepted or frozenset([max(sorted(counted), key=counted.__getitem__, default="")])
    seen: set[str] = set()
    for (artifact, against), owner in zip(given, owners, strict=True):
        message = _foreign(artifact, owner, listing, allowed)
        if artifact.name in seen:
            message = "the artifact is given twice"
        seen.add(artifact.name)
        if message:
            yield found(rules.ARTIFACT_FOREIGN, artifact.name, message, release=against)
    if whole:
        yield from _missing(listing, allowed & set(counted), frozenset(seen))


def _missing(listing: Listing, names: frozenset[str], present: frozenset[str]) -> Iterator[Finding]:
    for release in listing.releases:
        for artifact in release.artifacts:
            if release.name in names and artifact.name not in present:
                message = f"`{artifact.name[:200]}` of the release `{release.name[:80]}` is missing"
                yield found(rules.RELEASE_INCOMPLETE, f"{release.name}#{artifact.name}", message)


def _foreign(artifact: Artifact, owner: Release | None, listing: Listing, allowed: frozenset[str]) -> str:
    if owner is not None:
        known = ", ".join(sorted(allowed))[:200]
        return "" if owner.name in allowed else f"it belongs to the release {owner.name[:80]!a}, not to {known!a}"
    listed = [a for release in listing.releases for a in release.artifacts]
    if any(a.digest.matches(artifact.digest) for a in listed):
        return "the file was released under another name"
    if any(a.name == artifact.name for a in listed):
        return "the release lists other bytes under this name"
    return "no release of this run lists the file"


def _same(left: Artifact, right: Artifact) -> bool:
    return left.name == right.name and left.digest.matches(right.digest)
