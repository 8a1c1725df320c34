"""What a run found about the components of an SBOM, as marks that are told apart without colour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tidegate.formats.reconciliation import Reconciliation
from tidegate.formats.sbom_model import Component
from tidegate.model.verdict import Run
from tidegate.reporters import shown
from tidegate.reporters.picture.explained import counted, unexplained
from tidegate.reporters.shown import Shown


class Kind(StrEnum):
    """The gravest first."""

    VULNERABLE = "vulnerable"
    UNLOCKED = "unlocked"
    UNEXPLAINED = "unexplained"
    OTHER = "other finding"

    @property
    def glyph(self) -> str:
        return _GLYPHS[self]


_GLYPHS = {Kind.VULNERABLE: "▲", Kind.UNLOCKED: "◇", Kind.UNEXPLAINED: "?", Kind.OTHER: "!"}
VULNERABLE = frozenset({"dependency-vulnerable", "dependency-malicious"})
UNLOCKED = frozenset({"package-unlocked", "component-unlocked", "package-unpinned"})
UNEXPLAINED = frozenset(
    {
        "blob-forged",
        "build-script-unexplained",
        "component-unexplained",
        "file-altered",
        "file-unexplained",
        "source-unproven",
    }
)
SHUTS = "shuts the gate"
MAX_MARKS = 20
"""Marks of one kind and component that are told one by one; the rest are counted in the last one."""

MAX_ALL = 2_000
"""Marks of the whole page that are told in words; components beyond bear their kinds alone."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`effect` is what it does to the gate, in words."""

    kind: Kind
    rule: str
    message: str
    effect: str


@dataclass(frozen=True, slots=True)
class Marks:
    """By number among the components. `elsewhere` findings are about none of them."""

    of: dict[int, tuple[Mark, ...]]
    elsewhere: int


def marks(
    components: Sequence[Component], run: Run | None, release: str, reconciliation: Reconciliation | None
) -> Marks:
    """From the findings that count against the release, and from files that nothing explains."""
    known = _index(components)
    found: dict[int, dict[Mark, None]] = {}
    elsewhere = 0
    for item in shown.shown(run) if run is not None else ():
        if item.finding.release not in (None, "", release):
            continue
        number = next((known[name] for name in _subjects(item.finding.about) if name in known), None)
        if number is None:
            elsewhere += 1
        else:
            found.setdefault(number, {}).setdefault(_mark(item))
    for name, mark in _unexplained(reconciliation):
        number = known.get(name)
        if number is not None and not any(each.kind is Kind.UNEXPLAINED for each in found.get(number, ())):
            found.setdefault(number, {}).setdefault(mark)
    order = list(Kind)
    told = {number: sorted(each, key=lambda mark: order.index(mark.kind)) for number, each in found.items()}
    return Marks(dict(_bounded({number: tuple(_few(each)) for number, each in sorted(told.items())})), elsewhere)


def kinds(told: Sequence[Mark]) -> tuple[Kind, ...]:
    return tuple(kind for kind in Kind if any(mark.kind is kind for mark in told))


def _index(components: Sequence[Component]) -> dict[str, int]:
    """Everything a finding may call a component; the more exact name wins."""
    known: dict[str, int] = {}
    for number, component in enumerate(components):
        if component.ref:
            known.setdefault(component.ref, number)
    for number, component in enumerate(components):
        if component.purl and number:
            known.setdefault(component.purl, number)
        if component.kind in ("file", "container") and component.hashes:
            known.setdefault(f"artifact:{component.name}", number)
    for number, component in enumerate(components):
        if component.purl and number:
            known.setdefault(_bare(component.purl), number)
    return known


def _bare(purl: str) -> str:
    return purl.partition("?")[0]


def _subjects(about: str) -> Iterator[str]:
    """What `purl#advisory`, `artifact#purl`, `artifact!/path` and plain names may mean, the most exact first."""
    yield about
    if "#pkg:" in about:
        artifact, _, purl = about.partition("#pkg:")
        yield f"pkg:{purl}"
        yield _bare(f"pkg:{purl}")
        yield f"artifact:{artifact}"
    if about.startswith("pkg:"):
        purl = about.rpartition("#")[0] or about
        yield purl
        yield _bare(purl)
    yield f"artifact:{about}"
    artifact, inside, _ = about.partition("!/")
    if inside:
        yield f"artifact:{artifact}"
    elif "#" in about:
        yield f"artifact:{about.partition('#')[0]}"


def _mark(item: Shown) -> Mark:
    finding = item.finding
    if finding.rule in VULNERABLE:
        kind = Kind.VULNERABLE
    elif finding.rule in UNLOCKED:
        kind = Kind.UNLOCKED
    else:
        kind = Kind.UNEXPLAINED if finding.rule in UNEXPLAINED else Kind.OTHER
    return Mark(kind, finding.rule, finding.message, _effect(item))


def _effect(item: Shown) -> str:
    exemption = item.judged.exemption
    if exemption is not None:
        return f"allowed {shown.until(exemption)} ({exemption.owner})"
    return {shown.Kind.ERROR: SHUTS, shown.Kind.WOULD_SHUT: "would shut the gate"}.get(item.kind, "warning")


def _unexplained(reconciliation: Reconciliation | None) -> Iterator[tuple[str, Mark]]:
    for row in reconciliation.artifacts if reconciliation is not None else ():
        files = unexplained(counted(row))
        if files:
            message = f"{files} of {row.files} files are not explained by the source commit"
            yield f"artifact:{row.artifact}", Mark(Kind.UNEXPLAINED, "", message, "from the reconciliation")


def _few(told: Sequence[Mark]) -> Iterator[Mark]:
    for kind in Kind:
        mine = [mark for mark in told if mark.kind is kind]
        yield from mine[:MAX_MARKS]
        if len(mine) > MAX_MARKS:
            yield Mark(kind, "", f"and {len(mine) - MAX_MARKS} more", "see the report of the run")


def _bounded(told: dict[int, tuple[Mark, ...]]) -> Iterator[tuple[int, tuple[Mark, ...]]]:
    """What shuts the gate is told before what does not."""
    room = MAX_ALL
    rest: dict[int, tuple[Mark, ...]] = {}
    for number, each in sorted(told.items(), key=lambda item: all(mark.effect != SHUTS for mark in item[1])):
        room -= len(each)
        bare = tuple(Mark(kind, "", "see the report of the run", "") for kind in kinds(each))
        rest[number] = each if room >= 0 else bare
    yield from sorted(rest.items())
