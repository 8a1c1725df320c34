"""Records that are aliases of each other are one advisory, told once under the best known of their names."""

from collections.abc import Iterable, Sequence

from tidegate.formats.osv import Record

# Malware first, because that is what matters; then the name most people search for; the home database's own last.
PREFERENCE = ("MAL", "GHSA", "CVE", "PYSEC", "RUSTSEC", "GO", "OSV")


def groups(records: Sequence[Record]) -> tuple[tuple[Record, ...], ...]:
    """Alias sets (union-find over `id` and `aliases`; `related` and `upstream` do not join), in order of appearance."""
    if len(records) < 2:
        return (tuple(records),) if records else ()
    parents: dict[str, str] = {}
    for record in records:
        root = _find(parents, _fold(record.id))
        for alias in record.aliases:
            parents[_find(parents, _fold(alias))] = root
    sets: dict[str, list[Record]] = {}
    for record in records:
        sets.setdefault(_find(parents, _fold(record.id)), []).append(record)
    return tuple(tuple(members) for members in sets.values())


def names(records: Iterable[Record]) -> tuple[str, ...]:
    """Every id of an alias set, the preferred first: MAL, GHSA, CVE, PYSEC, RUSTSEC, GO, OSV, then the alphabet."""
    found = {_fold(name): name for record in records for name in (*record.aliases, record.id)}
    return tuple(sorted(found.values(), key=_preference))


def is_malicious(records: Iterable[Record]) -> bool:
    """Does any record of the set, or any of its names, call the package malware?"""
    members = tuple(records)
    return any(record.malicious for record in members) or any(
        name.upper().startswith("MAL-") for name in names(members)
    )


def _preference(name: str) -> tuple[int, str]:
    prefix = name.upper().partition("-")[0]
    return (PREFERENCE.index(prefix) if prefix in PREFERENCE else len(PREFERENCE)), name


def _fold(name: str) -> str:
    return name.upper()


def _find(parents: dict[str, str], name: str) -> str:
    """The root of a name, with the path halved on the way; a loop, not recursion, since databases set the depth."""
    parents.setdefault(name, name)
    while parents[name] != name:
        parents[name] = parents[parents[name]]
        name = parents[name]
    return name
