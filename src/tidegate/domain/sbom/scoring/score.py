"""The score of an SBOM: of each field the share of components that have it, added up over the fields of a standard."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from tidegate.domain.sbom.scoring.fields import ComponentField, DocumentField, Field
from tidegate.domain.sbom.scoring.seen import Seen, see
from tidegate.domain.sbom.scoring.standards import STANDARDS, Standard
from tidegate.formats.sbom_model import Bom, Component

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Told:
    """Of `asked` components (1 for a field of the document) `lacking` do not have it; `first` are some of those."""

    field: Field
    asked: int
    lacking: int
    first: tuple[str, ...] = ()

    @property
    def there(self) -> Fraction:
        return Fraction(self.asked - self.lacking, self.asked)


@dataclass(frozen=True, slots=True)
class Score:
    """One standard's. `told` are in the order of its fields."""

    standard: Standard
    told: tuple[Told, ...]

    @property
    def points(self) -> Fraction:
        return sum((each.there for each in self.told), Fraction(0))

    @property
    def met(self) -> bool:
        """Is all there that must be? Additional fields may not exist at all."""
        return not any(each.lacking for each in self.told[: len(self.standard.required)])

    def __str__(self) -> str:
        """Rounded down: what is not complete does not look so."""
        return f"{self.standard.name} {floor(self.points * 10) / 10:.1f} of {len(self.told)}"


def written_as(bom: Bom, format_: str) -> Bom:
    """What reading it back gives, as far as fields go: a document we write has a serial number and names its format."""
    return replace(bom, format=format_, serial=bom.serial or "urn:uuid:")


def scores(bom: Bom) -> tuple[Score, ...]:
    """One a standard. A field nothing was asked for is not there: an SBOM of nothing scores nothing."""
    seen = see(bom)
    fields = dict.fromkeys(field for standard in STANDARDS for field in standard.fields)
    told = {field: _told(field, seen) for field in fields}
    return tuple(Score(standard, tuple(told[field] for field in standard.fields)) for standard in STANDARDS)


def _told(field: Field, seen: Seen) -> Told:
    if isinstance(field, DocumentField):
        return Told(field, 1, 0 if field.there(seen.bom) else 1)
    return _asked(field, seen)


def _asked(field: ComponentField, seen: Seen) -> Told:
    asked = [component for component in seen.bom.every() if field.asks(component, seen)]
    lacking = [component for component in asked if not field.there(component, seen)]
    if not asked:
        return Told(field, 1, 1)
    return Told(field, len(asked), len(lacking), tuple(map(_called, lacking[:_SHOWN])))


def _called(component: Component) -> str:
    name = component.name or component.ref
    return f"{component.group}/{name}" if component.group else name
