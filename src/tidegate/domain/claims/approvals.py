"""A release is approved by enough people the policy names, each counted once, and none of them whoever built it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.claims import build_types, source
from tidegate.domain.claims import release_rules as rules
from tidegate.domain.claims.proof import Entry, Proof, TrustedKey
from tidegate.domain.claims.sentence import Origin
from tidegate.domain.claims.vsa import SKEW
from tidegate.errors import FormatError
from tidegate.formats import approval
from tidegate.formats.intoto import Statement
from tidegate.formats.slsa import Provenance
from tidegate.model.digest import Digest
from tidegate.model.evidence import Clause
from tidegate.model.finding import Finding, found


@dataclass(frozen=True, slots=True)
class Asked:
    """What must be approved: this file of this release under this policy (`sha256:hex`), by `needed` people."""

    artifact: str
    digest: Digest
    release: str
    policy: str
    needed: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """A verified attestation of an approver the policy trusts."""

    statement: Statement
    proof: Proof
    entry: Entry


@dataclass(frozen=True, slots=True)
class Counted:
    """Who approved, by the names the policy gives them, and why others do not count."""

    names: tuple[str, ...]
    reasons: tuple[str, ...]


def count(given: Sequence[Given], asked: Asked, origin: Origin | None) -> Counted:
    """The approvals that count. Without accepted provenance nobody is known to be another than the builder."""
    names: list[str] = []
    reasons: list[str] = []
    keys: set[str] = set()
    people: set[str] = set()
    for each in given:
        who, name = signer(each.entry), _name(each.entry, each.proof)
        try:
            read = approval.parse(each.statement.predicate)
        except FormatError as error:
            reasons.append(f"`{name}`: the approval cannot be read: {error.message}")
            continue
        person = _person(each.entry, read.actor)
        wrong = _wrong(each.statement, read, asked) or _same(who, person, origin)
        if not wrong and (not who or who in keys or (person and person in people)):
            wrong = "has approved already"
        if wrong:
            reasons.append(f"`{name}`: {wrong}")
            continue
        keys.add(who)
        people.add(person)
        names.append(name)
    return Counted(tuple(names), tuple(dict.fromkeys(reasons)))


def check(counted: Counted, asked: Asked, origin: Origin | None, release: str) -> Iterator[Finding]:
    """Are they enough? `release` is whom the finding counts against."""
    if len(counted.names) >= asked.needed:
        return
    said = f"{len(counted.names)} of {asked.needed} approvals count"
    reasons = list(counted.reasons)
    if origin is None:
        reasons.append("no accepted provenance says who built it")
    message = f"{said}: {'; '.join(reasons)[:1500]}" if reasons else said
    yield found(rules.RELEASE_UNAPPROVED, asked.artifact, message, release=release)


def clause(artifact: str, counted: Counted) -> Clause:
    """Who approved, as a clause of the evidence sentence."""
    if not counted.names:
        return Clause(artifact, "approved", "nobody's approval is proven", "signature", False)
    who = " and ".join(f"`{name}`" for name in counted.names)
    return Clause(artifact, "approved", f"approved by {who}", "signature", True)


def signer(entry: Entry) -> str:
    """Who an entry is, whatever path or spelling names it; "" for a key that cannot be read."""
    if isinstance(entry, TrustedKey):
        return f"key {entry.fingerprint}" if entry.fingerprint else ""
    repository = source.repository(source.absolute(entry.source_repository, entry.issuer))
    return f"{entry.issuer} {repository} {source.absolute(entry.signer_workflow, entry.issuer)}".lower()


def actor(provenance: Provenance) -> str:
    """The CI accounts that started a build, parted by spaces, as its provenance declares them; "" when it does not.

    On GitHub a run that is run again keeps its actor; who ran it again started this build too.
    """
    for section in ("github", "gitlab"):
        said = provenance.internal.get(section)
        if isinstance(said, dict) and "actor" in said:
            named = [said[key] for key in ("actor", "triggering_actor") if key in said]
            return " ".join(dict.fromkeys(named)) if all(map(_is_account, named)) else ""
    return ""


def _is_account(name: object) -> bool:
    return isinstance(name, str) and name.isprintable() and len(name.split()) == 1


def _wrong(statement: Statement, read: approval.Approval, asked: Asked) -> str:
    if not any(s.name == asked.artifact and s.digest.matches(asked.digest) for s in statement.subjects):
        return "approves another file"
    if read.release != asked.release:
        return f"approves the release {read.release[:80]!a}"
    if read.policy != f"sha256:{asked.policy.removeprefix('sha256:')}":
        return "approves a release under another policy"
    if read.time > asked.now + SKEW:
        return "approves in the future"
    return ""


def _same(who: str, person: str, origin: Origin | None) -> str:
    """Why an approver may be the one who built; "" when that is ruled out."""
    if origin is None:
        return "who built the artifact is not known"
    if who == origin.signer:
        return "signed the provenance as well"
    if origin.builder_id == build_types.LOCAL_BUILDER:
        return ""
    if not origin.actor:
        return "the provenance does not say whose account started the build"
    if not person:
        return "the policy does not say whose account it is (`actor`)"
    return "started the build" if person in origin.actor.casefold().split() else ""


def _person(entry: Entry, declared: str) -> str:
    """The CI account behind an approval: the policy says it of keys, the CI of workflows."""
    return (entry.actor if isinstance(entry, TrustedKey) else declared).casefold()


def _name(entry: Entry, proof: Proof) -> str:
    return (entry.key if isinstance(entry, TrustedKey) else proof.san)[:200]
