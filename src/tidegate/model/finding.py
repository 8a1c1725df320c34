"""What a stage sees: rules, findings and their places."""

from enum import StrEnum

from tidegate.late import dataclass
from tidegate.model.control import Control
from tidegate.model.vulnerability import Severity


class Level(StrEnum):
    """Does a finding shut the gate (`fail`) or is it only shown (`warn`)? The policy may move a rule."""

    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong. `id` is `<thing>-<fault>` and never reused.

    `says` is the one-line message, `why` the reason it matters, `fix` what to do. `frameworks` are identifiers of
    requirements it serves (`SLSA v1.1 …`, `NIST SSDF PS.2`).
    """

    id: str
    control: Control
    level: Level
    says: str
    why: str
    fix: str
    frameworks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding points: a repository path or artifact member (`dist/x.whl!/pkg/mod.py`), 1-based line and column.

    `excerpt` is the source line, bounded, and "" where showing it could show a secret. `width` is how many characters
    the caret spans.
    """

    path: str
    line: int | None = None
    column: int | None = None
    width: int = 1
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact against a release. `about` is its subject, exact and stable: what an exception must name.

    `release` None means the finding counts against every release. `severity` is set for graded findings (advisories),
    whose level follows the policy's threshold. `fixed_version` serves `until_fixed`.
    """

    rule: str
    level: Level
    about: str
    message: str
    place: Place | None = None
    release: str | None = None
    severity: Severity | None = None
    fix: str = ""
    fingerprint: str = ""
    fix_known: bool = False
    always: bool = False
    """True for findings no threshold can soften (malware)."""
    also: tuple[str, ...] = ()
    """The same subject by its other names (an advisory's aliases); an exception may name any of them."""


def found(
    rule: Rule,
    about: str,
    message: str = "",
    *,
    place: Place | None = None,
    release: str | None = None,
    fix: str = "",
    severity: Severity | None = None,
    fingerprint: str = "",
    fix_known: bool = False,
    always: bool = False,
    also: tuple[str, ...] = (),
) -> Finding:
    """A finding of `rule`, worded by the rule unless `message` or `fix` says it better."""
    return Finding(
        rule=rule.id,
        level=rule.level,
        about=about,
        message=message or rule.says,
        place=place,
        release=release,
        severity=severity,
        fix=fix or rule.fix,
        fingerprint=fingerprint,
        fix_known=fix_known,
        always=always,
        also=also,
    )
