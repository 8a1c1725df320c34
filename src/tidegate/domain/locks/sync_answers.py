"""A lock that records wishes, but not whose, has an answer for each wish of its manifest."""

from collections.abc import Iterator

from tidegate.domain.locks.freed import freed
from tidegate.domain.locks.members import check_installed, installed
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats.locks import node
from tidegate.formats.text import shown
from tidegate.model.finding import Finding


def check(pair: Pair) -> Iterator[Finding]:
    """Every `name@range` of the manifest stands in `LockFile.answers`, letter by letter.

    Not so peers, which are others' to provide, nor the repository's own packages, which are linked; of a name that is
    overridden any answer will do.
    """
    manifest = pair.manifest
    for lock in pair.locks:
        packages = installed(manifest, lock)
        if packages:
            yield from check_installed(pair, lock, packages)
            continue
        answers, free = frozenset(lock.answers), freed(pair, lock)
        names = {node.split(one)[0] for one in lock.answers}
        for one in dict.fromkeys((*manifest.requires, *manifest.optional)):
            name = node.split(one)[0]
            if one in answers or one.strip() in answers or (name in free and name in names):
                continue
            if name in manifest.peers and one not in manifest.requires:
                continue
            if ("npm", name) not in pair.own:
                message = f"the manifest asks for `{shown(one)}`, the lock has no answer for it"
                yield stale(manifest, lock, one, message)
