"""The verdict's second form, an in-toto SVR, says no more and no less than the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tidegate.domain.claims import release_rules as rules
from tidegate.domain.claims.proof import Entry, Proof
from tidegate.domain.claims.vsa import SKEW, Wanted, verifier_id
from tidegate.errors import FormatError
from tidegate.formats import intoto, svr
from tidegate.formats.intoto import Statement
from tidegate.formats.svr import Applied, Result
from tidegate.model.finding import Finding, found
from tidegate.model.release import Artifact

PASSED = "TIDEGATE_RELEASE_PASSED"


def statement(
    artifact: Artifact,
    policy: tuple[str, str],
    verifier: str,
    time: datetime,
    levels: Sequence[str],
    rows: Mapping[str, str],
) -> bytes:
    """What a passed verdict found to hold: that it passed, the build level, and each row that passed.

    `policy` is (uri, sha256 with or without its prefix). A verdict that did not pass has no second form.
    """
    passed = [f"TIDEGATE_{row.upper().replace('-', '_')}" for row, outcome in sorted(rows.items()) if outcome == "pass"]
    uri, digest = policy
    result = Result(
        verifier_id=verifier,
        time_created=time,
        properties=(PASSED, *levels, *passed),
        policies=(Applied(uri, (("sha256", digest.removeprefix("sha256:")),)),),
    )
    return intoto.build([(artifact.name, artifact.digest)], svr.SVR_V02, svr.build(result))


def check(statement: Statement, proof: Proof, entry: Entry, wanted: Wanted) -> Iterator[Finding]:
    """Does it say of this artifact, by the one who may, and in time, that the release passed?"""
    reason = _fault(statement, proof, entry, wanted)
    if reason:
        yield found(rules.SVR_INVALID, wanted.artifact, reason, release=wanted.release)


def _fault(statement: Statement, proof: Proof, entry: Entry, wanted: Wanted) -> str:
    if statement.predicate_type != svr.SVR_V02:
        return f"the predicate type is {statement.predicate_type[:100]!a}"
    if not any(s.name == wanted.artifact and s.digest.matches(wanted.digest) for s in statement.subjects):
        return "it is about another artifact"
    try:
        read = svr.parse(statement.predicate)
    except FormatError as error:
        return error.message
    speaks = verifier_id(entry, proof)
    if not speaks or read.verifier_id != speaks:
        return f"the verifier is {read.verifier_id[:200]!a}, its signer may only be `{speaks}`"
    if PASSED not in read.properties:
        return f"the property `{PASSED}` is missing"
    applied = {dict(policy.digests).get("sha256", "") for policy in read.policies}
    if wanted.policies and not applied & wanted.policies:
        return "it rests on a policy this one does not name"
    times = [read.time_created] + ([proof.time[0]] if proof.time else [])
    if max(times) > wanted.now + SKEW or wanted.now - min(times) > wanted.max_age:
        return f"it is of {read.time_created:%Y-%m-%d}, which is too old or still to come"
    return ""
