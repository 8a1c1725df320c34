"""Report and policy in, verdict out: pure, no clock, no files, no network.

The only place where thresholds, exceptions, "nothing examined" and "not required" exist.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tidegate.domain.secrets.rules import SOFT
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Report
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding, Level, Rule, found
from tidegate.model.verdict import Judged, Outcome, Standed, Standing, Verdict
from tidegate.model.vulnerability import Severity
from tidegate.policy.baseline import Accepted
from tidegate.policy.controls import ControlRules, DependencyRules
from tidegate.policy.schema import PolicyModel
from tidegate.policy.vex import Vex

NOTHING_EXAMINED = Rule(
    id="nothing-examined",
    control=Control.LOCKFILES,
    level=Level.FAIL,
    says="nothing was there to examine",
    why="a check that looked at nothing proves nothing, so it can never pass",
    fix="add what the row needs, or say in the policy that it is not required: `required: false` with a `reason`",
)

POLICY_CHANGED = Rule(
    id="policy-changed",
    control=Control.DEPENDENCIES,
    level=Level.WARN,
    says="this change proposes another policy",
    why="a change that loosens its own gate should be seen by whoever merges it",
    fix="review the difference on its own, best in a change that touches nothing else",
)

ARTIFACT_DENIED = "artifact-denied"
"""The kill switch: no exception, threshold or report-only row softens it."""

VSA_FAILED = "vsa-failed"
"""The one finding of row 8 that only repeats what another row said."""

SBOM_INCOMPLETE = "sbom-incomplete"
"""A lockfile that was not read; where it is excluded from rows 1 and 2, the SBOM owes nothing of it either."""

GRANT_UNEXPLAINED = "grant-unexplained"
"""The one rule that `controls.ci-tokens.grants` speaks of."""

EXCLUDABLE = frozenset({Control.LOCKFILES, Control.DEPENDENCIES, Control.CI_TOKENS})
"""Rows a path can be excluded from; never secret scanning, never the sealing rows."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What the judge rules by: policy, accepted exceptions, the day, and the release roots (whose own files count)."""

    policy: PolicyModel
    exemptions: tuple[Exemption, ...]
    today: date
    adopted: date | None = None
    roots: tuple[str, ...] = (".",)
    vex: Vex = field(default_factory=Vex)
    accepted: Accepted = field(default_factory=Accepted)
    """What the baseline of secret scanning accepts."""
    lenient: bool = True
    """False before deployment: `enforce: report` is for a release still to be made, nothing runs on a promise."""


def exemptions_of(policy: PolicyModel) -> tuple[Exemption, ...]:
    """Every kind of exception a policy holds, as the one noun."""
    entries = (
        Exemption(
            e.rule,
            e.about,
            e.reason,
            e.owner,
            e.expires,
            Origin.POLICY,
            e.until_fixed,
            status=e.vex.status if e.vex else "",
            justification=(e.vex.justification or "") if e.vex else "",
        )
        for e in policy.exceptions
    )
    excluded = (
        Exemption("*", e.path.rstrip("/"), e.reason, e.owner, e.expires, Origin.EXCLUDE) for e in policy.exclude
    )
    granted = (
        Exemption(GRANT_UNEXPLAINED, e.about, e.reason, e.owner or "whoever wrote the policy", e.expires, Origin.GRANT)
        for e in policy.controls.ci_tokens.grants
    )
    return (*entries, *excluded, *granted)


def asked_inline(reports: Iterable[Report | None]) -> tuple[Exemption, ...]:
    """What comments in the source ask for and may be given. A report is the word of a worker that read foreign bytes:
    nothing but the soft rules can be accepted by it, and only until a date."""
    asked = (each for report in reports if report is not None for each in report.inline)
    return tuple(
        dict.fromkeys(
            each for each in asked if each.origin is Origin.INLINE and each.rule in SOFT and each.expires is not None
        )
    )


def decides(rules: ControlRules, bench: Bench) -> bool:
    """Can a finding in this row shut the gate today? Not where the row is taken out or reported only."""
    return rules.required and not _softened(rules, bench)


def followed(verdict: Verdict, others: Iterable[Verdict]) -> Verdict:
    """Row 8 reads `would shut` when all that shuts it is a verdict which says FAILED because another row would shut."""
    shutting = [j for j in verdict.findings if j.shuts]
    soft = any(v.release == verdict.release and v.outcome is Outcome.WOULD_SHUT for v in others)
    if verdict.outcome is not Outcome.FAIL or not soft or any(j.finding.rule != VSA_FAILED for j in shutting):
        return verdict
    reasons = (*verdict.reasons, "another row would shut, so the verdict says FAILED and `verify` refuses it")
    return replace(verdict, outcome=Outcome.WOULD_SHUT, reasons=reasons)


def judge(control: Control, release: str, report: Report | None, failure: str, bench: Bench) -> Verdict:
    """The verdict on one row of one release. `failure` says why there is no report, "" when there is one."""
    rules = bench.policy.controls.of(control)
    if not rules.required:
        return Verdict(control, release, Outcome.NOT_REQUIRED, reasons=(rules.reason or "",))
    if report is None or report.control is not control:
        return Verdict(control, release, Outcome.UNDECIDED, reasons=(failure or "the stage gave no report",))
    coverage = tuple(c for c in report.coverage if c.release in (None, release))
    blind = tuple(b for b in report.blind if b.release in (None, release))
    findings = [f for f in report.findings if f.release in (None, release)]
    reasons = [b.reason for b in blind] or _doubts(coverage, findings)
    if not reasons and not any(c.examined for c in coverage):
        missing = " and no ".join(dict.fromkeys(c.what for c in coverage))
        message = f"{NOTHING_EXAMINED.says}: no {missing}" if missing else ""
        fix = f"add what the row needs, or say `required: false` with a `reason` in `controls.{control}` of the policy"
        findings.append(found(NOTHING_EXAMINED, f"{control}@{release}", message, release=release, fix=fix))
    bench = replace(bench, exemptions=(*bench.exemptions, *asked_inline((report,))))
    judged = tuple(_weigh(f, control, rules, bench) for f in findings)
    outcome = _outcome(judged, reasons, rules, bench)
    if outcome is Outcome.WOULD_SHUT:
        reasons.append(f"reported only, until {_report_until(rules, bench)} ({rules.owner})")
    return Verdict(control, release, outcome, judged, coverage, tuple(reasons), next((b.hint for b in blind), ""))


def _doubts(coverage: tuple[Coverage, ...], findings: list[Finding]) -> list[str]:
    if not coverage:
        return ["the report does not say what was examined"]
    odd = [c for c in coverage if c.examined < 0 or c.examined > c.expected]
    short = [c for c in coverage if c.examined < c.expected]
    missing = sum(c.expected - c.examined for c in coverage if 0 <= c.examined <= c.expected)
    explained = missing <= sum(f.level is Level.FAIL for f in findings)
    missed = odd or ([] if explained else short)
    return [f"only {c.examined} of {c.expected} {c.what} were examined, and no finding says why" for c in missed]


def _outcome(judged: tuple[Judged, ...], reasons: list[str], rules: ControlRules, bench: Bench) -> Outcome:
    shut = any(j.shuts for j in judged)
    denied = any(j.shuts and j.finding.rule == ARTIFACT_DENIED for j in judged)
    if shut and (denied or not _softened(rules, bench)):
        return Outcome.FAIL
    if reasons:
        return Outcome.UNDECIDED
    return Outcome.WOULD_SHUT if shut else Outcome.PASS


def _report_until(rules: ControlRules, bench: Bench) -> date | None:
    if rules.enforce != "report":
        return None
    if rules.until is not None:
        return rules.until
    # A commit says itself when it was made; one "from the future" would postpone the last day for ever.
    if rules.report_days is None or bench.adopted is None or bench.adopted > bench.today:
        return None
    return bench.adopted + timedelta(days=rules.report_days)


def _softened(rules: ControlRules, bench: Bench) -> bool:
    until = _report_until(rules, bench)
    return bench.lenient and until is not None and bench.today <= until


def _weigh(finding: Finding, control: Control, rules: ControlRules, bench: Bench) -> Judged:
    level = level_of(finding, rules)
    if finding.always or finding.rule == NOTHING_EXAMINED.id:
        return Judged(finding, level)
    for exemption in bench.exemptions:
        if covers(exemption, finding, control, bench.roots) and not _ended(exemption, finding, bench.today):
            return Judged(finding, level, exemption)
    entry = bench.accepted.word_on(finding)
    if entry is not None and not entry.expired(bench.today):
        return Judged(finding, level, entry)
    return Judged(finding, level, bench.vex.word_on(finding) if level is Level.FAIL else None)


def level_of(finding: Finding, rules: ControlRules) -> Level:
    """The level the policy gives a finding; malware is always a fail, an unknown severity is what the policy says."""
    if finding.always or finding.rule == NOTHING_EXAMINED.id:
        return Level.FAIL
    told = rules.level(finding.rule)
    if told is not None:
        return told
    if finding.severity is None or not isinstance(rules, DependencyRules):
        return finding.level
    if finding.severity is Severity.UNKNOWN:
        return Level(rules.unknown_severity)
    return Level.FAIL if finding.severity >= rules.threshold else Level.WARN


def covers(exemption: Exemption, finding: Finding, control: Control, roots: Iterable[str]) -> bool:
    """Does an exemption speak of this finding? Expiry is asked separately."""
    if exemption.origin is not Origin.EXCLUDE:
        return exemption.rule == finding.rule and exemption.about in (finding.about, *finding.also)
    if control not in EXCLUDABLE and finding.rule != SBOM_INCOMPLETE:
        return False
    if finding.place is None or exemption.about in ("", "."):
        return False
    path = finding.place.path
    folder = path.rpartition("/")[0] or "."
    if folder in {root.rstrip("/") for root in roots} or path.startswith(".github/workflows/"):
        return False
    return path == exemption.about or path.startswith(exemption.about + "/")


def _ended(exemption: Exemption, finding: Finding, today: date) -> bool:
    return exemption.expired(today) or (exemption.until_fixed and finding.fix_known)


def standing(bench: Bench, verdicts: Iterable[Verdict], reports: Iterable[Report | None] = ()) -> tuple[Standed, ...]:
    """What became of every exemption: used (how often), expired (and what would have matched), or unused.

    A baseline's are told where its row gave a report. Of VEX statements only those that were used are told: a document
    speaks of more than one repository.
    """
    cells = tuple(verdicts)
    told = []
    for exemption in (*bench.exemptions, *asked_inline(reports)):
        used = sum(j.exemption == exemption for v in cells for j in v.findings)
        stale = sum(
            j.exemption is None
            and covers(exemption, j.finding, v.control, bench.roots)
            and _ended(exemption, j.finding, bench.today)
            for v in cells
            for j in v.findings
        )
        kind = (
            Standing.USED if used else Standing.EXPIRED if stale or exemption.expired(bench.today) else Standing.UNUSED
        )
        told.append(Standed(exemption, kind, used or stale))
    told += _of_baseline(bench, cells) if any(each and each.control is Control.SECRETS for each in reports) else []
    spoken = Counter(
        j.exemption for v in cells for j in v.findings if j.exemption is not None and j.exemption.origin is Origin.VEX
    )
    return (*told, *(Standed(exemption, Standing.USED, count) for exemption, count in spoken.items()))


def _of_baseline(bench: Bench, cells: tuple[Verdict, ...]) -> list[Standed]:
    used: Counter[Exemption] = Counter()
    stale: Counter[Exemption] = Counter()
    for judged in (j for v in cells if v.control is Control.SECRETS for j in v.findings):
        entry = bench.accepted.word_on(judged.finding)
        if entry is not None:
            count = used if judged.exemption == entry else stale if judged.exemption is None else None
            if count is not None:
                count[entry] += 1
    told = []
    for entry in bench.accepted.entries.values():
        ended = entry.expired(bench.today)
        kind = Standing.USED if used[entry] else Standing.EXPIRED if ended else Standing.UNUSED
        told.append(Standed(entry, kind, used[entry] or stale[entry]))
    return told
