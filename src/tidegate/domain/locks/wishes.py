"""An entry that answers wishes is in a version each of them allows."""

from collections.abc import Collection, Iterator

from tidegate.domain.locks import npm_ranges, rules
from tidegate.domain.locks.commands import row
from tidegate.formats.locks import node
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import LockFile


def check_wishes(lock: LockFile, overridden: Collection[str]) -> Iterator[Finding]:
    """One finding a package, about `path#purl`; `overridden` are the names the manifests beside the lock override."""
    for package in lock.packages:
        if not package.wishes or package.raw_name in overridden or package.name in overridden:
            continue
        missed = [one for one in package.wishes if npm_ranges.outside(package.version, node.split(one)[1])]
        if missed:
            which = shown(f"{package.name} {package.version}", 100)
            yield found(
                rules.LOCK_STALE,
                f"{lock.path}#{package.purl}",
                f"`{which}` stands for `{shown(missed[0])}`, which does not allow that version",
                place=Place(lock.path, package.line),
                fix=f"{row(lock.format).again}, then commit the result",
            )
