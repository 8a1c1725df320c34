"""How grave an advisory is: its vectors, else its database's word, else its aliases'; never "low" for want of data."""

from collections.abc import Iterable
from functools import lru_cache

from cvss import CVSS2, CVSS3, CVSS4, CVSSError

from tidegate.domain.matching.names import package_key
from tidegate.formats.osv import Record
from tidegate.model.vulnerability import Severity

_WORDS = {
    "none": Severity.NONE,
    "negligible": Severity.LOW,
    "low": Severity.LOW,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "important": Severity.HIGH,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}


def grade(records: Iterable[Record], ecosystem: str = "", name: str = "") -> Severity:
    """The gravest of an alias set: the set describes one fault, so one record's answer serves the silent others.

    UNKNOWN only when no record says anything that can be read.
    """
    return max((_one(record, ecosystem, name) for record in records), default=Severity.UNKNOWN)


def _one(record: Record, ecosystem: str, name: str) -> Severity:
    key = package_key(ecosystem, name)
    entries = [entry for entry in record.affected if package_key(entry.ecosystem, entry.name) == key]
    vectors = [*record.severity, *(pair for entry in entries for pair in entry.severity)]
    scored = from_vectors(vectors)
    if scored is not Severity.UNKNOWN:
        return scored
    return max(from_word(word) for word in (record.grade, *(entry.grade for entry in entries)))


def from_vectors(vectors: Iterable[tuple[str, str]]) -> Severity:
    """The newest CVSS generation that can be read decides, the gravest of its vectors counts."""
    best: dict[int, Severity] = {}
    for kind, score in vectors:
        generation, severity = _read(kind, score)
        if severity is not Severity.UNKNOWN:
            best[generation] = max(severity, best.get(generation, Severity.UNKNOWN))
    return best[max(best)] if best else Severity.UNKNOWN


def from_word(word: str) -> Severity:
    return _WORDS.get(word.strip().lower(), Severity.UNKNOWN)


@lru_cache(maxsize=8192)
def _read(kind: str, score: str) -> tuple[int, Severity]:
    try:
        match kind:
            case "CVSS_V4":
                return 4, _rating(float(CVSS4(score).base_score))
            case "CVSS_V3":
                return 3, _rating(float(CVSS3(score).scores()[0]))
            case "CVSS_V2":
                return 2, min(_rating(float(CVSS2(score).scores()[0])), Severity.HIGH)
    except (CVSSError, ValueError, ArithmeticError, LookupError, TypeError):
        return 0, Severity.UNKNOWN
    return 1, from_word(score)


def _rating(score: float) -> Severity:
    """CVSS v4.0 specification, table 23 (the same bands as v3)."""
    for bound, severity in ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM)):
        if score >= bound:
            return severity
    return Severity.LOW if score > 0 else Severity.NONE
