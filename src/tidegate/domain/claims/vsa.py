"""A verdict opens the gate of production only when SLSA's seven VSA steps hold and it is fresh and complete."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from tidegate.domain.claims import deployment_rules as rules
from tidegate.domain.claims import levels
from tidegate.domain.claims.proof import Entry, Proof, TrustedKey
from tidegate.errors import FormatError
from tidegate.formats import vsa
from tidegate.formats.intoto import Statement
from tidegate.formats.vsa import Summary
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Rule, found

SKEW = timedelta(minutes=5)
MANIFEST = "MANIFEST"
ROWS = tuple(control.value for control in Control if control is not Control.DEPLOYMENT)
_WAIVED = "not required"
_OPEN = frozenset({"pass", _WAIVED})
_KEY_VERIFIER = "https://tidegate.dev/verifiers/key/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a verdict must say about one artifact. `evidence` are the files at hand, by name."""

    artifact: str
    digest: Digest
    now: datetime
    max_age: timedelta
    release: str | None = None
    level: bool = True
    waived: frozenset[str] = frozenset()
    """Rows the verifying policy does not require either; a verdict may not waive more than that."""
    least: int = 1
    """The lowest SLSA build level asked for, where `level` asks for one."""
    resource: str = ""
    """What the verdict must be about; by default the file itself."""
    policies: frozenset[str] = frozenset()
    """The sha256 of the policies it may rest on; empty for any."""
    evidence: Mapping[str, Digest] = field(default_factory=dict)


def resource_uri(artifact: str, digest: Digest) -> str:
    """The resource a verdict is about: a generic package URL of the file name and its checksum."""
    return f"pkg:generic/{quote(artifact, safe='.-_~')}?checksum={digest.algorithm}:{digest.value}"


def verifier_id(entry: Entry, proof: Proof) -> str:
    """The one id a signer may speak under: its workflow, or the fingerprint of its key."""
    return key_verifier(entry.fingerprint) if isinstance(entry, TrustedKey) else proof.san


def key_verifier(fingerprint: str) -> str:
    """`verifier.id` of a key, named by the hex sha256 of its DER SPKI."""
    return _KEY_VERIFIER + fingerprint


def check(statement: Statement, proof: Proof, entry: Entry, wanted: Wanted) -> Iterator[Finding]:
    """Steps 2 to 7 of SLSA v1.1 "VSA: how to verify", then age, policy and inputs; step 1 is `entry` being there."""
    yield from _subject(statement, wanted)
    if statement.predicate_type != vsa.VSA_V1:
        yield _found(rules.VSA_PREDICATE, wanted, f"the predicate type is {statement.predicate_type[:100]!a}")
        return
    try:
        summary = vsa.parse(statement.predicate)
    except FormatError as error:
        yield _found(rules.VSA_INVALID, wanted, f"the verdict cannot be read: {error.message}")
        return
    speaks = verifier_id(entry, proof)
    if not speaks or summary.verifier_id != speaks:
        message = f"the verifier is {summary.verifier_id[:200]!a}, its signer may only be `{speaks}`"
        yield _found(rules.VSA_VERIFIER, wanted, message)
    resource = wanted.resource or resource_uri(wanted.artifact, wanted.digest)
    if summary.resource_uri != resource:
        message = f"the resource is {summary.resource_uri[:200]!a}, not {resource[:200]!a}"
        yield _found(rules.VSA_RESOURCE, wanted, message)
    if summary.result != vsa.PASSED:
        yield _found(rules.VSA_FAILED, wanted, f"the verdict is {summary.result}{_shut(summary)}")
    else:
        yield from _complete(summary, wanted)
    yield from _fresh(summary, proof, wanted)
    applied = dict(summary.policy_digests).get("sha256", "")
    if not applied:
        yield _found(rules.VSA_POLICY, wanted, "the verdict gives no digest of its policy")
    elif wanted.policies and applied not in wanted.policies:
        yield _found(rules.VSA_POLICY, wanted, f"the verdict rests on the policy sha256:{applied}")
    yield from _inputs(summary, wanted)


def _subject(statement: Statement, wanted: Wanted) -> Iterator[Finding]:
    if any(item.digest.matches(wanted.digest) and item.name == wanted.artifact for item in statement.subjects):
        return
    if any(item.name == wanted.artifact for item in statement.subjects):
        yield _found(rules.ARTIFACT_CHANGED, wanted, "the verdict was about other bytes under this name")
    else:
        yield _found(rules.VSA_SUBJECT, wanted, f"the verdict is about {statement.subjects[0].name[:200]!a}")


def _shut(summary: Summary) -> str:
    shut = [f"{name} {outcome}" for name, outcome in summary.rows or () if outcome not in _OPEN]
    return f": {', '.join(shut)[:300]}" if shut else ""


def _complete(summary: Summary, wanted: Wanted) -> Iterator[Finding]:
    """A verdict of PASSED must show every row open, and a build level where provenance is asked for."""
    outcomes = dict(summary.rows or ())
    missing = [row for row in ROWS if row not in outcomes]
    if missing:
        yield _found(rules.VSA_ROWS, wanted, f"the verdict says nothing on {', '.join(missing)}")
    waived = [row for row in ROWS if outcomes.get(row) == _WAIVED and row not in wanted.waived]
    if waived:
        yield _found(rules.VSA_ROWS, wanted, f"not required there, required by this policy: {', '.join(waived)}")
    shut = _shut(summary)
    if shut:
        yield _found(rules.VSA_INVALID, wanted, f"the verdict says PASSED and{shut}")
    if wanted.level and max((levels.number(text) or 0 for text in summary.levels), default=0) < wanted.least:
        yield _found(rules.VSA_LEVEL, wanted, f"the verdict states {', '.join(summary.levels)[:200] or 'no level'}")


def _fresh(summary: Summary, proof: Proof, wanted: Wanted) -> Iterator[Finding]:
    """The verdict's own time and every trusted time must lie within the policy's age; the older one counts."""
    if summary.time_verified is None:
        yield _found(rules.VSA_STALE, wanted, "the verdict does not say when it was made")
        return
    times = [summary.time_verified] + ([proof.time[0]] if proof.time else [])
    if max(times) > wanted.now + SKEW:
        yield _found(
            rules.VSA_STALE,
            wanted,
            f"the verdict is of {max(times):%Y-%m-%d %H:%M} UTC, which is still to come",
        )
    elif wanted.now - min(times) > wanted.max_age:
        yield _found(
            rules.VSA_STALE,
            wanted,
            f"the verdict is of {min(times):%Y-%m-%d}, {(wanted.now - min(times)).days} days ago",
        )
    elif proof.time and summary.time_verified > proof.time[0] + SKEW:
        yield _found(rules.VSA_INVALID, wanted, "the verdict was signed before the time it says it was made")


def _inputs(summary: Summary, wanted: Wanted) -> Iterator[Finding]:
    """Every file the verdict rests on must be at hand and unchanged, the manifest among them."""
    named = {item.uri: dict(item.digests).get("sha256", "") for item in summary.inputs}
    for name, sha256 in named.items():
        held = wanted.evidence.get(name)
        if held is None:
            yield found(
                rules.EVIDENCE_MISSING,
                name[:200],
                f"the verdict names {name[:200]!a}",
                release=wanted.release,
            )
        elif held.value != sha256:
            yield found(rules.EVIDENCE_CHANGED, name[:200], release=wanted.release)
    if MANIFEST not in named:
        message = "the verdict does not name the manifest"
        yield found(rules.EVIDENCE_UNBOUND, MANIFEST, message, release=wanted.release)


def _found(rule: Rule, wanted: Wanted, message: str) -> Finding:
    return found(rule, wanted.artifact, message, release=wanted.release)
