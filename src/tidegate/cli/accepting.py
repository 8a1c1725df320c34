"""What `tidegate baseline` adds and takes away: findings in, entries out, nobody else's entry touched."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tidegate.domain.secrets.rules import SOFT, TIERS
from tidegate.errors import UserError
from tidegate.formats import secret_baseline
from tidegate.formats.detect_secrets_baseline import Hashed
from tidegate.formats.secret_baseline import Baseline, Entry, subject
from tidegate.model.finding import Finding
from tidegate.model.verdict import Judged, Run


@dataclass(frozen=True, slots=True)
class Terms:
    """What every adopted entry says."""

    owner: str
    reason: str
    expires: date


@dataclass(frozen=True, slots=True)
class Offer:
    """`new` would be added; `blocked` need another word; `ended` match a finding that is not accepted any more."""

    new: tuple[Entry, ...]
    blocked: tuple[Finding, ...]
    ended: tuple[Entry, ...]
    rotate: tuple[Finding, ...]
    """Those among the new ones that are credentials of a provider: somebody still has to revoke them."""


def credentials(runs: Iterable[Run]) -> dict[tuple[str, str], Judged]:
    """Every credential found, once, by rule and subject."""
    found: dict[tuple[str, str], Judged] = {}
    for judged in (j for run in runs for verdict in run.verdicts for j in verdict.findings):
        if judged.finding.rule in TIERS and judged.finding.fingerprint:
            found.setdefault((judged.finding.rule, judged.finding.about), judged)
    return found


def offer(
    found: Mapping[tuple[str, str], Judged],
    held: Baseline,
    terms: Terms,
    include_block: bool,
    chosen: Callable[[Finding], bool] = lambda _finding: True,
) -> Offer:
    """What to add for findings that nothing accepts yet. Raises UserError for terms no baseline may hold."""
    known = {(entry.rule, entry.about): entry for entry in held.entries}
    new, blocked, ended, rotate = [], [], [], []
    for key, judged in sorted(found.items()):
        if judged.exemption is not None or not chosen(judged.finding):
            continue
        if key in known:
            ended.append(known[key])
        elif key[0] not in SOFT and not include_block:
            blocked.append(judged.finding)
        else:
            entry = _entry(judged.finding, terms)
            if wrong := secret_baseline.fault_of(entry):
                raise UserError(
                    f"no entry can say this: {wrong}", hint="give another `--owner`, `--reason` or `--expires`"
                )
            new.append(entry)
            rotate += [judged.finding] if key[0] not in SOFT else []
    if len(held.entries) + len(new) > secret_baseline.MAX_ENTRIES:
        raise UserError(
            f"a baseline holds at most {secret_baseline.MAX_ENTRIES} entries", hint="mend the findings instead"
        )
    return Offer(tuple(new), tuple(blocked), tuple(ended), tuple(rotate))


def _entry(finding: Finding, terms: Terms) -> Entry:
    path, detector, fingerprint = subject(finding.about)
    return Entry(path, finding.rule, detector, fingerprint, terms.owner, terms.reason, terms.expires)


@dataclass(frozen=True, slots=True)
class Pruned:
    """`gone` match nothing any more, `unseen` lie where nobody looked, `ended` are past their day."""

    kept: tuple[Entry, ...]
    gone: tuple[Entry, ...]
    unseen: tuple[Entry, ...]
    ended: tuple[Entry, ...]


def pruned(
    held: Baseline,
    found: Mapping[tuple[str, str], Judged],
    searched: Callable[[Entry], bool],
    today: date,
    expired: bool,
) -> Pruned:
    """Keep what matches something or was not looked at; with `expired`, nothing that has ended."""
    kept, gone, unseen, ended = [], [], [], []
    for entry in held.entries:
        if expired and today > entry.expires:
            ended.append(entry)
        elif (entry.rule, entry.about) in found:
            kept.append(entry)
        elif searched(entry):
            gone.append(entry)
        else:
            unseen.append(entry)
            kept.append(entry)
    return Pruned(tuple(kept), tuple(gone), tuple(unseen), tuple(ended))


@dataclass(frozen=True, slots=True)
class Match:
    """Which of the wanted hashes the values of one of our findings have; `other` when one of them has none."""

    detector: str
    fingerprint: str
    wanted: tuple[int, ...]
    other: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """Another baseline against our findings. `bare` and `real` are never taken over, `lost` match nothing of ours."""

    subjects: frozenset[str]
    bare: tuple[Hashed, ...]
    real: tuple[Hashed, ...]
    lost: tuple[Hashed, ...]


def taken_over(theirs: Sequence[Hashed], matches: Iterable[Match], found: Iterable[tuple[str, str]]) -> Taken:
    """The subjects of findings in a file whose every value one of its entries accepts."""
    bare = tuple(each for each in theirs if each.bare)
    real = tuple(each for each in theirs if each.real and not each.bare)
    passed = {number for number, each in enumerate(theirs) if not each.bare and not each.real}
    by_name = {(match.detector, match.fingerprint): match.wanted for match in matches if not match.other}
    subjects: set[str] = set()
    used: set[Hashed] = set()
    for _, about in found:
        path, detector, fingerprint = subject(about)
        wanted = by_name.get((detector, fingerprint), ())
        mine = {theirs[number] for number in wanted if theirs[number].path == path and number in passed}
        # A weak value's name may stand for several values: each of them must have been accepted here.
        if mine and {theirs[number].sha1 for number in wanted} <= {each.sha1 for each in mine}:
            subjects.add(about)
            used |= mine
    lost = tuple(theirs[n] for n in sorted(passed) if theirs[n] not in used)
    return Taken(frozenset(subjects), bare, real, lost)
