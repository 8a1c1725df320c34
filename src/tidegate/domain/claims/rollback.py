"""What once gave way to a newer release does not come back unnoticed: the ledger remembers, and order is compared."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from packaging.version import InvalidVersion, Version

from tidegate.domain.claims import release_rules as rules
from tidegate.formats.ledger import Entry, moment
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Rule, found

_SEMVER = re.compile(
    r"(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})"
    r"(?:-([0-9A-Za-z.-]{1,200}))?(?:\+[0-9A-Za-z.-]{1,200})?"
)


@dataclass(frozen=True, slots=True)
class Coming:
    """An artifact about to run. `built` is the trusted time of its provenance, None when nothing proves one.

    `run` and `verdict` are the sha256 of the run's MANIFEST and of the verdict. `beside` are subject and
    version of the packages of the same run that come along.
    """

    release: str
    artifact: str
    digest: Digest
    subject: str
    version: str = ""
    built: datetime | None = None
    run: str = ""
    verdict: str = ""
    beside: tuple[tuple[str, str], ...] = ()


def check(entries: Sequence[Entry], coming: Coming, back_to: str, release: str) -> Iterator[Finding]:
    """Is it older than what ran since the last rollback? `back_to` is the version a rollback was asked for, or "".

    A rollback passes only for a file that ran here before; `release` is whom findings count against.
    """
    mine = [entry for entry in entries if _related(entry, coming)]
    if back_to:
        yield from _back(mine, coming, back_to, release)
        return
    if not coming.version and {subject for subject, _ in coming.beside} & {old.subject for old in mine}:
        return  # as old as its release, one of whose packages is compared by its version
    returned = [at for at, old in enumerate(mine) if (old.kind, old.subject) == ("rollback", coming.subject)]
    last = returned[-1] if returned else 0
    decided = {old.run for old in mine if _order(old, coming) is not None}
    for entry in mine[last:]:
        if entry.run in decided and entry.subject != coming.subject:
            continue  # a file without version, of a release whose version says more
        rule, message = _against(entry, coming)
        if rule is not None:
            yield found(rule, coming.artifact, message, release=release)
            return


def entry(coming: Coming, *, reason: str = "", owner: str = "") -> Entry:
    """What the ledger is to say when the artifact passes; its time is set when it is written."""
    return Entry(
        kind="rollback" if reason and owner else "deploy",
        time="1970-01-01T00:00:00Z",
        release=coming.release,
        subject=coming.subject,
        artifact=coming.artifact,
        version=coming.version,
        digest=str(coming.digest),
        built=coming.built.strftime("%Y-%m-%dT%H:%M:%SZ") if coming.built else "",
        run=coming.run,
        verdict=coming.verdict,
        reason=reason,
        owner=owner,
    )


def recorded(entries: Sequence[Entry], new: Entry) -> bool:
    """Does the ledger say so already, and nothing else about this package since? Starting it again is no news."""
    for old in reversed([entry for entry in entries if entry.subject == new.subject]):
        if old.run != new.run:
            return False
        same = (old.artifact, old.digest, old.verdict) == (new.artifact, new.digest, new.verdict)
        # A plain start after a rollback is still that rollback; a rollback after a plain start has to be written.
        if same and (new.kind == "deploy" or old.kind == "rollback"):
            return True
    return False


def order(subject: str, left: str, right: str) -> int | None:
    """-1, 0 or 1 as `left` is older than, the same as, or newer than `right`; None when they cannot be compared."""
    try:
        if subject.startswith("pkg:pypi/"):
            old, new = Version(left), Version(right)
            return (old > new) - (old < new)
    except InvalidVersion:
        return None
    if subject.startswith("pkg:npm/"):
        ours, theirs = _semver(left), _semver(right)
        return None if ours is None or theirs is None else (ours > theirs) - (ours < theirs)
    return None


def _related(entry: Entry, coming: Coming) -> bool:
    """The same package; or the same release, where one of the two carries no version to tell packages apart by."""
    if entry.kind == "init":
        return False
    unversioned = not entry.version or not coming.version
    return entry.subject == coming.subject or (entry.release == coming.release and unversioned)


def _order(old: Entry, coming: Coming) -> int | None:
    return order(coming.subject, coming.version, old.version) if old.subject == coming.subject else None


def _against(old: Entry, coming: Coming) -> tuple[Rule | None, str]:
    if old.run == coming.run:
        return None, ""
    compared = _order(old, coming)
    if compared is not None and compared != 0:
        message = f"version {coming.version[:80]!a} is older than {old.version[:80]!a}, which ran here"
        return (rules.ARTIFACT_ROLLED_BACK, message) if compared < 0 else (None, "")
    if old.digest == str(coming.digest):
        return None, ""
    if coming.built is not None and old.built:
        before = moment(old.built)
        message = f"its provenance is of {coming.built:%Y-%m-%d %H:%M:%S}, that of what ran here of {old.built}"
        return (rules.ARTIFACT_ROLLED_BACK, message) if coming.built < before else (None, "")
    if compared == 0 and old.artifact != coming.artifact:
        return None, ""
    what = f"another file `{old.artifact[:200]}` ran here, and neither versions nor trusted times order the two"
    return rules.ARTIFACT_AGE, what


def _back(mine: Sequence[Entry], coming: Coming, back_to: str, release: str) -> Iterator[Finding]:
    said = {coming.version, str(coming.digest), *(() if coming.version else (v for _, v in coming.beside))} - {""}
    if back_to not in said:
        message = f"the rollback is to {back_to[:80]!a}, the artifact is {coming.version[:80] or str(coming.digest)!a}"
        yield found(rules.ARTIFACT_ROLLED_BACK, coming.artifact, message, release=release)
    elif not any(entry.digest == str(coming.digest) for entry in mine):
        message = "a rollback leads back to a file that ran here, and this one never did"
        yield found(rules.ARTIFACT_ROLLED_BACK, coming.artifact, message, release=release)


_Key = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]


def _semver(text: str) -> _Key | None:
    """A key that sorts as Semantic Versioning 2.0.0, section 11, orders; None for anything else."""
    match = _SEMVER.fullmatch(text)
    if match is None:
        return None
    parts = match[4].split(".") if match[4] else []
    if any(not part or (part.isdigit() and (len(part) > 18 or (part[0] == "0" and part != "0"))) for part in parts):
        return None
    keys = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)
    return int(match[1]), int(match[2]), int(match[3]), not parts, keys
