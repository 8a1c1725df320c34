"""VEX statements of authors a policy trusts, as exceptions: the newest word on a package version counts.

The documents are files of the policy, read from its ref: a change cannot bring its own excuses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.errors import FormatError
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding
from tidegate.policy.schema import Policy, PolicyModel

if TYPE_CHECKING:  # most policies name no document, and reading one takes CycloneDX's model
    from tidegate.formats.vex.statement import Statement

RULE = "dependency-vulnerable"


@dataclass(frozen=True, slots=True)
class Vex:
    """Statements by the subject they are about: the purl as written, `#`, and the id in upper case."""

    statements: "Mapping[str, tuple[Statement, ...]]" = field(default_factory=dict)

    def word_on(self, finding: Finding) -> Exemption | None:
        """The exemption the newest statement gives; None when there is none, or when it does not clear the package.

        Two authors who contradict each other at the same moment clear nothing.
        """
        if finding.rule != RULE:
            return None
        found = [
            each
            for subject in (finding.about, *finding.also)
            for each in self.statements.get(_key(*subject.rpartition("#")[::2]), ())
        ]
        if not found:
            return None
        newest = max(each.when for each in found)
        last = [each for each in found if each.when == newest]
        if not all(each.status.clears for each in last):
            return None
        word = last[0]
        return Exemption(
            finding.rule, finding.about, word.reason, word.author, None, Origin.VEX, status=word.status.value
        )


def _key(purl: str, name: str) -> str:
    """Ids are compared without case, packages are not: npm has had both `JSONStream` and `jsonstream`."""
    return f"{purl}#{name.upper()}"


def of(policy: Policy) -> Vex:
    """What the policy's documents say. They were checked when it was loaded."""
    return gather(s for name in policy.model.controls.dependencies.vex for s in _parse(policy.files[name]))


def gather(statements: "Iterable[Statement]") -> Vex:
    by_subject: dict[str, list[Statement]] = {}
    for statement in statements:
        for name in statement.names:
            by_subject.setdefault(_key(statement.purl, name), []).append(statement)
    return Vex({subject: tuple(found) for subject, found in by_subject.items()})


def faults(model: PolicyModel, name: str, text: str) -> str:
    """What is wrong with a document a policy names (unreadable, of somebody not trusted), "" when nothing is."""
    try:
        statements = _parse(text)
    except FormatError as error:
        return f"`{name}`: {error.message}"
    strangers = sorted({each.author for each in statements} - set(model.trust.vex_authors))
    if strangers:
        return f"`{name}` is by `{strangers[0][:80]}`, who is not in `trust.vex_authors`"
    return ""


def _parse(text: str) -> "tuple[Statement, ...]":
    from tidegate.formats.vex.document import parse

    return parse(text.encode())
