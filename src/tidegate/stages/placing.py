"""Where an artifact stands: in its release, among what ran before it, and on the list of what must not run."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.claims import listing, release_rules, resource, rollback, signable
from tidegate.domain.claims.listing import Listing
from tidegate.domain.claims.rollback import Coming
from tidegate.domain.claims.sentence import Origin
from tidegate.domain.claims.vsa import MANIFEST
from tidegate.errors import FormatError
from tidegate.formats import archives, endings, ledger
from tidegate.formats.records import dump
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Produced
from tidegate.model.finding import Finding, found
from tidegate.model.inventory import Content
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.policy.schema import Policy
from tidegate.ports import World
from tidegate.stages.task import Task

LEDGER = "ledger.json"
"""The produced document that holds what the ledger is to say, should everything pass."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One artifact with the release its evidence gives it ("" for none), its content, and its proven origin."""

    artifact: Artifact
    against: str
    owner: str
    content: Content | None
    origin: Origin | None


def denied(policy: Policy, world: World, release: str, artifact: Artifact) -> Iterator[Finding]:
    """The kill switch; no exception and no threshold reaches it."""
    head = b""
    if artifact.kind is ArtifactKind.IMAGE:
        with contextlib.suppress(FormatError), world.taken.open(artifact) as stream:
            head = stream.read(signable.HEAD)
    digest = signable.denied(artifact, head, policy.controls.deployment.denied)
    if digest is not None:
        about = str(digest)
        message = f"the policy denies `{artifact.name[:200]}` ({about})"
        yield found(release_rules.ARTIFACT_DENIED, about, message, release=release, always=True)


def listed(task: Task, world: World) -> tuple[Listing | None, tuple[Finding, ...]]:
    """What the evidence lists, and what is wrong with the set of artifacts measured by it.

    In a check the set is the release itself; before deployment it is whatever somebody brought.
    """
    given = [(artifact, release.name) for release in task.releases for artifact in release.artifacts]
    if not given:
        return None, ()
    read = listing.read(world.evidence, None)
    if isinstance(read, Finding):
        return None, (read,)
    if task.scope is not Scope.VERIFY:
        return read, ()
    named = frozenset(release.name for release in task.policy.model.releases)
    meant = world.deploying.release
    foreign = () if not meant or not named or meant in named else _unnamed(meant, given)
    whole = world.deploying.whole or len(given) > 1
    return read, (*foreign, *listing.check(given, read, frozenset([meant]) if meant else named, whole=whole))


def _unnamed(meant: str, given: Sequence[tuple[Artifact, str]]) -> tuple[Finding, ...]:
    """Whoever starts `verify` may ask for less than the policy allows, never for more."""
    message = f"the policy names no release {meant[:80]!a}"
    return tuple(
        found(release_rules.ARTIFACT_FOREIGN, artifact.name, message, release=against) for artifact, against in given
    )


def place(
    task: Task, world: World, release: Release, artifact: Artifact, origin: Origin | None, known: Listing | None
) -> Placed:
    """Put an artifact in its place; what it says of itself is read from the private copy."""
    owner = known.release_of(artifact) if known else None
    return Placed(artifact, release.name, owner.name if owner else "", _content(task, world, artifact), origin)


def about(policy: Policy, placed: Placed) -> str:
    """What the verdict must be about."""
    uris = {release.name: release.uri or "" for release in policy.model.releases}
    return resource.uri(placed.artifact, placed.content, uris.get(placed.owner, ""))


def remembered(task: Task, world: World, placed: Sequence[Placed]) -> tuple[tuple[Finding, ...], tuple[Produced, ...]]:
    """Compare with production's ledger; second, what it is to say next. Only before deployment there is one."""
    if task.scope is not Scope.VERIFY:
        return (), ()
    told = world.deploying
    if told.ledger is None:
        demanded = told.named or task.policy.controls.deployment.ledger == "required" or told.back_to
        return ((found(release_rules.LEDGER_MISSING, "ledger"),) if demanded else ()), ()
    try:
        known = ledger.parse(told.ledger.encode("utf-8", "backslashreplace"))
    except FormatError as error:
        return (found(release_rules.LEDGER_BROKEN, "ledger", error.message),), ()
    if told.head and told.head not in known.heads:
        message = f"the line sha256:{told.head[:64]} is no longer in it"
        return (found(release_rules.LEDGER_BROKEN, "ledger", message),), ()
    findings: list[Finding] = []
    entries = []
    all_coming = [_coming(world, each) for each in placed]
    for each, one in zip(placed, all_coming, strict=True):
        beside = {(c.subject, c.version) for c in all_coming if c.release == one.release and c.version}
        coming = replace(one, beside=tuple(sorted(beside)))
        findings.extend(rollback.check(known.entries, coming, told.back_to, each.against))
        back = told.back_to != ""
        entry = rollback.entry(coming, reason=told.reason if back else "", owner=told.owner if back else "")
        if not rollback.recorded(known.entries, entry):
            entries.append(entry)
    text = dump(tuple(entries))
    return tuple(findings), (Produced(LEDGER, "application/json", text),) if entries else ()


def _coming(world: World, placed: Placed) -> Coming:
    artifact = placed.artifact
    named = resource.named(placed.owner, placed.content)
    time = placed.origin.proof.time if placed.origin else None
    return Coming(
        release=placed.owner,
        artifact=artifact.name,
        digest=artifact.digest,
        subject=named.subject,
        version=named.version,
        built=time[0] if time else None,
        run=Digest.of(world.evidence.get(MANIFEST, b"")).value,
        verdict=Digest.of(world.evidence.get(artifact.name + endings.VERDICT, b"")).value,
    )


def _content(task: Task, world: World, artifact: Artifact) -> Content | None:
    known = next((c for c in task.inventory.contents if c.artifact == artifact.name), None)
    if known is not None:
        return known
    try:
        with world.taken.open(artifact) as stream:
            return archives.content(artifact.name, artifact.kind, stream)
    except FormatError:
        return None
