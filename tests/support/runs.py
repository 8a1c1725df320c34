"""Runs as the runner would hand them over: passing, shut, undecided, would shut, excused, several releases, tainted."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from typing import Any, TypeVar, cast

from tidegate.model.control import Control, Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Clause, Coverage
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding, Level, Place, Rule, found
from tidegate.model.inventory import Source
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.model.verdict import Judged, Outcome, PolicyFacts, Run, Standed, Standing, Verdict
from tidegate.model.vulnerability import Severity

T = TypeVar("T")

VULNERABLE = Rule(
    id="dependency-vulnerable",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="a locked package has a known vulnerability",
    why="what is published about a package is known to everyone who would use it against you",
    fix="upgrade to a fixed version",
    frameworks=("NIST SSDF PW.4.4",),
)
UNHASHED = Rule(
    id="package-unhashed",
    control=Control.LOCKFILES,
    level=Level.FAIL,
    says="dependency is not locked by hash",
    why="without a hash the same version can be other bytes tomorrow",
    fix="`uv pip compile --generate-hashes requirements.in -o requirements.txt`",
)
SECRET = Rule(
    id="secret-found",
    control=Control.SECRETS,
    level=Level.FAIL,
    says="a credential lies in the tree",
    why="whoever reads the repository holds the credential",
    fix="revoke it, then remove it",
)
GRANT = Rule(
    id="grant-unexplained",
    control=Control.CI_TOKENS,
    level=Level.FAIL,
    says="a token may write and nothing says why",
    why="what a job may do, a hijacked step of it may do as well",
    fix="remove the permission or explain it in the policy",
)
UNPINNED = Rule(
    id="action-unpinned",
    control=Control.CI_TOKENS,
    level=Level.WARN,
    says="an action is not pinned to a commit",
    why="a tag can be moved to other code",
    fix="pin the action to a full commit",
)
RULES = (UNHASHED, VULNERABLE, SECRET, GRANT, UNPINNED)

ARTIFACT = Artifact(
    name="demo-1.4.0-py3-none-any.whl",
    path="dist/demo-1.4.0-py3-none-any.whl",
    digest=Digest.of(b"demo"),
    size=4,
    kind=ArtifactKind.WHEEL,
)
DEMO = Release("demo", ".", (ARTIFACT,))

COVERAGE = {
    Control.LOCKFILES: Coverage("packages", 42, 42),
    Control.DEPENDENCIES: Coverage("packages", 42, 42, detail="advisories: 23417, newest 2026-11-20"),
    Control.SECRETS: Coverage("files", 312, 312),
    Control.CI_TOKENS: Coverage("workflows", 6, 6, detail="11 jobs, 4 write grants"),
    Control.SIGNING: Coverage("artifacts", 1, 1, release="demo"),
    Control.SBOM: Coverage("components", 42, 42, release="demo"),
    Control.PROVENANCE: Coverage("artifacts", 1, 1, release="demo"),
    Control.DEPLOYMENT: Coverage("artifacts", 1, 1, release="demo"),
}

UNHASHED_URLLIB3 = found(
    UNHASHED,
    "pkg:pypi/urllib3@2.5.0",
    place=Place("requirements.txt", 4, 1, width=12, excerpt="urllib3>=2.0"),
)
VULNERABLE_JINJA2 = found(
    VULNERABLE,
    "pkg:pypi/jinja2@3.1.4#GHSA-cpwx-vrp4-4pq7",
    "jinja2 3.1.4 has GHSA-cpwx-vrp4-4pq7",
    place=Place("uv.lock", 120),
    severity=Severity.HIGH,
    fix="upgrade to 3.1.6",
    fix_known=True,
)
UNEXPLAINED = found(
    GRANT,
    ".github/workflows/release.yml#release#id-token",
    "job `release` holds `id-token: write` and nothing says why",
    place=Place(".github/workflows/release.yml", 31, 7, width=15, excerpt="      id-token: write"),
)
SECRET_KEY = found(SECRET, "tests/data/key.pem", place=Place("tests/data/key.pem", 1), fingerprint="f00d")
MOVED = found(UNPINNED, "actions/checkout@v5", place=Place(".github/workflows/ci.yml", 12, 15, width=19))

ACCEPTED = Exemption(
    rule=SECRET.id,
    about=SECRET_KEY.about,
    reason="a key made for the tests, it opens nothing",
    owner="team-api",
    expires=date(2027, 2, 1),
    origin=Origin.POLICY,
)
STALE = Exemption(
    rule=VULNERABLE.id,
    about=VULNERABLE_JINJA2.about,
    reason="the sandbox is not used, see ADR 12",
    owner="team-api",
    expires=date(2026, 10, 1),
    origin=Origin.POLICY,
)
SPARE = Exemption(
    rule=UNHASHED.id,
    about="pkg:pypi/idna@3.10",
    reason="the mirror publishes no hashes yet",
    owner="platform",
    expires=None,
    origin=Origin.POLICY,
    until_fixed=True,
)

CLAUSES = (
    Clause(ARTIFACT.name, "source", "built from https://git.example/acme/demo at 3f9c2ab", "certificate", True),
    Clause(ARTIFACT.name, "workflow", "by .github/workflows/release.yml", "certificate", True),
    Clause(ARTIFACT.name, "dependencies", "with 42 locked packages", "content", True, digest=str(Digest.of(b"sbom"))),
    Clause(ARTIFACT.name, "time", "no trusted time is in the signature", "signature", False),
)


def judged(finding: Finding, level: Level | None = None, exemption: Exemption | None = None) -> Judged:
    return Judged(finding, level or finding.level, exemption)


def verdict(
    control: Control,
    outcome: Outcome = Outcome.PASS,
    *findings: Judged,
    release: str = "demo",
    reasons: tuple[str, ...] = (),
    hint: str = "",
) -> Verdict:
    return Verdict(control, release, outcome, findings, (COVERAGE[control],), reasons, hint)


def run(*verdicts: Verdict, releases: tuple[Release, ...] = (DEMO,), rows: Iterable[Control] = Control) -> Run:
    """A check whose rows pass where no verdict says otherwise."""
    told = {(v.control, v.release): v for v in verdicts}
    wanted = [(control, release.name) for control in rows for release in releases]
    held = [told.get(cell) or verdict(cell[0], release=cell[1]) for cell in wanted]
    extra = [v for cell, v in told.items() if cell not in wanted]
    return Run(
        id="20261124T210000Z-0a1b2c3d",
        tool="tidegate 0.1.0",
        scope=Scope.CHECK,
        started="2026-11-24T21:00:00+00:00",
        finished="2026-11-24T21:00:03.800+00:00",
        policy=PolicyFacts("tidegate.yaml", str(Digest.of(b"policy")), ref="refs/tags/v1.4.0", presets=("baseline",)),
        source=Source(commit="3f9c2abd" * 5, ref="refs/tags/v1.4.0", remote="https://git.example/acme/demo"),
        releases=releases,
        rows=tuple(dict.fromkeys(control for control, _ in wanted)),
        verdicts=(*held, *extra),
        rules=RULES,
        clauses=CLAUSES,
        evidence=".tidegate/runs/20261124T210000Z-0a1b2c3d",
    )


def passing() -> Run:
    return run()


def shut() -> Run:
    """Two rows fail, one holds an accepted finding; an exception expired, another is spare."""
    return replace(
        run(
            verdict(Control.LOCKFILES, Outcome.FAIL, judged(UNHASHED_URLLIB3)),
            verdict(Control.DEPENDENCIES, Outcome.FAIL, judged(VULNERABLE_JINJA2)),
            verdict(Control.SECRETS, Outcome.PASS, judged(SECRET_KEY, exemption=ACCEPTED)),
            verdict(Control.CI_TOKENS, Outcome.PASS, judged(MOVED)),
            verdict(Control.DEPLOYMENT, Outcome.NOT_REQUIRED, reasons=("policy: nothing is deployed from here",)),
        ),
        exemptions=(
            Standed(ACCEPTED, Standing.USED, 1),
            Standed(STALE, Standing.EXPIRED, 1),
            Standed(SPARE, Standing.UNUSED),
        ),
        notes=("the key `keys/build.pub` is both builder and verifier",),
    )


def undecided() -> Run:
    return run(
        verdict(
            Control.DEPENDENCIES,
            Outcome.UNDECIDED,
            reasons=("the newest advisory is 12 days old, the policy allows 7",),
            hint="tidegate check --database osv",
        )
    )


def would_shut() -> Run:
    return run(
        verdict(
            Control.CI_TOKENS,
            Outcome.WOULD_SHUT,
            judged(UNEXPLAINED),
            reasons=("reported only, until 2027-01-31 (platform)",),
        )
    )


def excused() -> Run:
    return replace(
        run(verdict(Control.SECRETS, Outcome.PASS, judged(SECRET_KEY, exemption=ACCEPTED))),
        exemptions=(Standed(ACCEPTED, Standing.USED, 1),),
    )


def several() -> Run:
    """Two releases; a repository-wide finding counts against both, one release holds one of its own."""
    web = Release("web", "services/web", (replace(ARTIFACT, name="web-2.0.0.tgz", path="services/web/web-2.0.0.tgz"),))
    own = replace(UNHASHED_URLLIB3, release="web")
    return run(
        verdict(Control.LOCKFILES, Outcome.FAIL, judged(own), release="web"),
        *(verdict(Control.CI_TOKENS, Outcome.FAIL, judged(UNEXPLAINED), release=name) for name in ("demo", "web")),
        verdict(Control.SIGNING, Outcome.LATER, release="web"),
        releases=(DEMO, web),
    )


def everything() -> Run:
    """One of each: for tests that put something into every field."""
    base = shut()
    return replace(
        base,
        policy=replace(base.policy, first_adoption=True),
        source=replace(base.source, dirty=("a",), base="b", tree="c", committed="d"),
        verdicts=(
            *(v for v in base.verdicts if v.control not in (Control.SIGNING, Control.SBOM)),
            verdict(Control.SIGNING, Outcome.UNDECIDED, reasons=("late",), hint="wait"),
            verdict(Control.SBOM, Outcome.WOULD_SHUT, judged(UNEXPLAINED), reasons=("reported only",)),
        ),
    )


def tainted(text: str, original: Run | None = None) -> Run:
    """`everything()`, with `text` in every field that holds text of others."""
    return _tainted(original or everything(), text)


def _tainted(value: T, text: str) -> T:
    if isinstance(value, Enum | Digest) or value is None:
        return value
    if isinstance(value, str):
        return cast("T", text)
    if isinstance(value, tuple):
        return cast("T", tuple(_tainted(item, text) for item in value))
    if is_dataclass(value) and not isinstance(value, type):
        changes: dict[str, Any] = {f.name: _tainted(getattr(value, f.name), text) for f in fields(value)}
        return cast("T", replace(value, **changes))
    return value
