"""An artifact can be rebuilt when somebody the policy trusts for that built these very bytes from that very commit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.claims import approvals, provenance_rules
from tidegate.domain.claims import rebuild_rules as rules
from tidegate.domain.claims.proof import Entry, Proof, TrustedKey
from tidegate.domain.claims.sentence import Origin
from tidegate.domain.claims.vsa import SKEW
from tidegate.errors import FormatError
from tidegate.formats import rebuild
from tidegate.formats.intoto import Statement
from tidegate.formats.rebuild import Rebuilt, Result
from tidegate.formats.text import shown
from tidegate.model.digest import Digest
from tidegate.model.evidence import Clause
from tidegate.model.finding import Finding, Rule, found

_FEW = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What must have been rebuilt: this file, from this commit, "" where nothing says which."""

    artifact: str
    digest: Digest
    commit: str
    now: datetime
    release: str


@dataclass(frozen=True, slots=True)
class Given:
    """A verified attestation of a rebuilder the policy trusts."""

    statement: Statement
    proof: Proof
    entry: Entry


@dataclass(frozen=True, slots=True)
class Counted:
    """Who rebuilt it, as (identity, name the policy gives it), and what speaks against the other statements."""

    by: tuple[tuple[str, str], ...] = ()
    faults: tuple[Finding, ...] = ()


def count(given: Sequence[Given], asked: Asked) -> Counted:
    """The statements that count, and a finding for each that does not."""
    by: list[tuple[str, str]] = []
    faults: list[Finding] = []
    for each in given:
        name = (each.entry.key if isinstance(each.entry, TrustedKey) else each.proof.san)[:200]
        fault = _fault(each.statement, asked, name)
        if fault is None:
            by.append((approvals.signer(each.entry), name))
        else:
            faults.append(fault)
    return Counted(tuple(dict.fromkeys(by)), tuple(dict.fromkeys(faults)))


def check(counted: Counted, asked: Asked, origin: Origin | None) -> Iterator[Finding]:
    """One statement that counts is enough: the same bytes do not come out twice by chance.

    What does not count beside it is listed, as with provenance: nobody can shut the gate by adding a line. A statement
    about another file or commit is nothing to mend, it is only not the one that is asked for.
    """
    if not counted.by:
        yield from counted.faults
        if not counted.faults:
            yield found(rules.REBUILD_MISSING, asked.artifact, release=asked.release)
        return
    for fault in counted.faults:
        message = f"{fault.rule}: {fault.message}"
        yield found(provenance_rules.ATTESTATION_IGNORED, asked.artifact, message, release=asked.release)
    if origin is not None and all(not who or who == origin.signer for who, _ in counted.by):
        message = f"only `{counted.by[0][1]}`, which signed the provenance as well, states that it can be rebuilt"
        yield found(rules.REBUILD_BY_BUILDER, asked.artifact, message, release=asked.release)


def clause(artifact: str, counted: Counted) -> Clause:
    """Who rebuilt it, as a clause of the evidence sentence."""
    if not counted.by:
        return Clause(artifact, "rebuilt", "nobody's rebuild is proven", "signature", False)
    who = " and ".join(f"`{name}`" for _, name in counted.by)
    return Clause(artifact, "rebuilt", f"rebuilt byte for byte by {who}", "signature", True)


def _fault(statement: Statement, asked: Asked, name: str) -> Finding | None:
    """Why a trusted rebuilder's statement does not count for this artifact."""
    try:
        made = rebuild.read(statement)
    except FormatError as error:
        return _found(rules.REBUILD_MALFORMED, asked, f"`{name}`: it cannot be read: {error.message}")
    if made.time > asked.now + SKEW:
        return _found(rules.REBUILD_MALFORMED, asked, f"`{name}`: it is of the future")
    about = made.about(asked.artifact, asked.digest)
    if about is None:
        return _found(rules.REBUILD_MISSING, asked, f"`{name}` speaks of another file")
    if not asked.commit:
        return _found(rules.REBUILD_MISSING, asked, f"`{name}`: no accepted provenance says which commit to compare")
    if made.commit != asked.commit:
        return _found(rules.REBUILD_MISSING, asked, f"`{name}` rebuilt the commit `{made.commit}`")
    if about.result is not Result.REPRODUCED:
        return _found(rules.REBUILD_DIFFERENT, asked, f"`{name}`: {_how(about)}")
    return None


def _how(about: Rebuilt) -> str:
    if about.result is Result.MISSING:
        return "the build did not make it"
    first = about.differences[:_FEW]
    said = [f"{shown(d.member) or 'the archive'} ({', '.join(d.causes)})" for d in first]
    more = len(about.differences) + about.more - len(first)
    return f"differing are {'; '.join(said) or 'its bytes'}" + (f" and {more} more" if more else "")


def _found(rule: Rule, asked: Asked, message: str) -> Finding:
    return found(rule, asked.artifact, message, release=asked.release)
