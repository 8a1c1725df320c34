"""CISA's catalogue of known exploited vulnerabilities, whole or refused."""

import re
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.strict_json import loads

LIMIT = 32 * 2**20
MAX_ENTRIES = 200_000
CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The CVEs the catalogue names. `version` and `released` are what it says of itself."""

    version: str
    released: str
    cves: frozenset[str]


def parse(raw: bytes) -> Catalogue:
    """Read the JSON feed (`known_exploited_vulnerabilities.json`). Raises FormatError.

    Every entry needs a `cveID`, and `count` must be the number of entries: a feed cut short is no smaller feed.
    """
    plain = loads(raw, limit=LIMIT, what="the catalogue")
    entries = plain.get("vulnerabilities") if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or not isinstance(entries, list) or not entries:
        raise FormatError("the catalogue has no list of `vulnerabilities`")
    if len(entries) > MAX_ENTRIES:
        raise FormatError(f"the catalogue has more than {MAX_ENTRIES} entries")
    count = plain.get("count")
    if type(count) is not int or count != len(entries):
        raise FormatError(f"the catalogue says it has {str(count)[:20]} entries and has {len(entries)}")
    return Catalogue(
        version=_word(plain.get("catalogVersion")),
        released=_word(plain.get("dateReleased")),
        cves=frozenset(_cve(entry, number) for number, entry in enumerate(entries, 1)),
    )


def _cve(entry: object, number: int) -> str:
    cve = entry.get("cveID") if isinstance(entry, dict) else None
    if not isinstance(cve, str) or not CVE.fullmatch(cve):
        raise FormatError(f"entry {number} of the catalogue has no `cveID`")
    return cve


def _word(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() and len(value) <= 64 else ""
