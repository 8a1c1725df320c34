"""A lock that records wishes, but not whose, has an answer for each wish of its manifest."""

from collections.abc import Iterator

from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats.text import shown
from tidegate.model.finding import Finding


def check(pair: Pair) -> Iterator[Finding]:
    """Every `name@range` of the manifest stands in `LockFile.answers`, letter by letter."""
    for lock in pair.locks:
        answers = frozenset(lock.answers)
        for one in dict.fromkeys((*pair.manifest.requires, *pair.manifest.optional)):
            if one not in answers:
                message = f"the manifest asks for `{shown(one)}`, the lock has no answer for it"
                yield stale(pair.manifest, lock, one, message)
