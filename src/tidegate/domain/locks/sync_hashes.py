"""A lock that holds a digest of what its manifest asked for is held against the manifest's own."""

from collections.abc import Iterator

from tidegate.domain.locks.commands import row
from tidegate.domain.locks.stale import Pair, stale, uncompared
from tidegate.formats.text import shown
from tidegate.model.finding import Finding


def check(pair: Pair) -> Iterator[Finding]:
    """A lock without digest is stale, and so is one whose manifest's digest should be known and cannot be made.

    What a reader said cannot be compared (`lock-uncompared`) is told already.
    """
    for lock in pair.locks:
        wanted = pair.manifest.hashes_for(lock.format)
        hashed = row(lock.format).hashed
        if hashed and pair.manifest.format not in hashed:
            continue
        if any(problem.rule == "lock-uncompared" for problem in lock.problems):
            continue
        if "" in wanted:
            message = f"`{shown(lock.path)}` is bound to more than `{shown(pair.manifest.path)}` and not compared"
            yield uncompared(pair.manifest, lock, "", message)
        elif not lock.content_hash or lock.content_hash not in wanted:
            yield stale(pair.manifest, lock, "", "it was made for another state of the manifest (`content-hash`)")
