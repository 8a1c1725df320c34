"""The names a change newly asks for: is one nearly somebody else's, and does anybody know it?

Only the projects' own wishes are looked at. Who is locked because another package wants it was somebody else's choice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tidegate.domain.changes.change import Change
from tidegate.domain.changes.cooldown import Cooldown, words
from tidegate.domain.changes.installing import runs_code
from tidegate.domain.changes.name_rules import SQUATTED, UNFAMILIAR
from tidegate.domain.changes.well_known import WellKnown, shipped
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Level, Place, found
from tidegate.model.package import PINS, Locked, SourceKind

YOUNG = timedelta(days=30)
"""A package with nearly somebody else's name shuts the gate until it is this old."""
_NAMED = frozenset({SourceKind.REGISTRY, SourceKind.UNKNOWN, SourceKind.BUNDLED})
"""Sources that give a package by its name alone; an address was chosen by somebody."""
_OWN = frozenset({SourceKind.PATH, SourceKind.WORKSPACE})


@dataclass(frozen=True, slots=True)
class Scene:
    """What names are judged by: ages by `cooldown` (its `minimum` is 0 where the policy asks for none), the policy's
    `lists` by ecosystem instead of the shipped ones, and which (ecosystem, name) is the team's `own`."""

    cooldown: Cooldown
    lists: Mapping[str, WellKnown] = field(default_factory=dict)
    own: Callable[[str, str], bool] = lambda *_: False

    def list_of(self, ecosystem: str) -> WellKnown | None:
        return self.lists.get(ecosystem) or shipped(ecosystem)


def check(changes: Iterable[Change], scene: Scene) -> Iterator[Finding]:
    """Findings about newly asked names (`Asked.newly` has chosen them). The subject is the purl without version."""
    unlisted: Counter[str] = Counter()
    places: dict[str, Place] = {}
    for change in changes:
        package = change.after
        if package is None or package.source.kind in _OWN or package.ecosystem in PINS:
            continue
        if scene.own(package.ecosystem, package.name):
            continue
        place = Place(change.path, package.line)
        known = scene.list_of(package.ecosystem)
        if known is None:
            unlisted[package.ecosystem] += 1
            places.setdefault(package.ecosystem, place)
        else:
            yield from _squatted(package, known, scene, place)
        if package.source.kind in _NAMED:
            yield from _unfamiliar(package, known, scene, place)
    for ecosystem, count in sorted(unlisted.items()):
        names = "name is" if count == 1 else "names are"
        message = f"{count} newly asked {names} not compared: there is no list of well-known names of {ecosystem}"
        yield found(UNFAMILIAR, f"names:{subject(ecosystem)}", message, place=places[ecosystem])


def _squatted(package: Locked, known: WellKnown, scene: Scene, place: Place) -> Iterator[Finding]:
    other = known.looks_like(package.name)
    if other is None:
        return
    worse = []
    old = scene.cooldown.age(package)
    if old is not None and old < YOUNG:
        worse.append(f"is {words(old)} old")
    if runs_code(package):
        worse.append("runs code when it is installed")
    more = f", and {' and '.join(worse)}" if worse else ""
    message = f"`{shown(package.name)}` is nearly `{shown(other)}`, a well-known package{more}"
    fix = f"if `{shown(other)}` was meant, ask for that; else except this name with what was found out about it"
    finding = found(SQUATTED, package.project, message, place=place, fix=fix)
    yield replace(finding, level=Level.FAIL) if worse else finding


def _unfamiliar(package: Locked, known: WellKnown | None, scene: Scene, place: Place) -> Iterator[Finding]:
    reasons = []
    if known is not None and not known.holds(package.name):
        reasons.append(f"is not among the {len(known.rank)} well-known names of {known.ecosystem}")
    old = scene.cooldown.age(package)
    if old is not None and old < scene.cooldown.minimum:
        reasons.append(f"its locked release is {words(old)} old, younger than {words(scene.cooldown.minimum)}")
    if reasons:
        message = f"`{shown(package.name)}` is newly asked for: {', and '.join(reasons)}"
        yield found(UNFAMILIAR, package.project, message, place=place)
