"""Which commit brought a blob: the first, in the order of the history, whose tree holds it and no parent's does."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from tidegate.adapters.git_process import Plumbing
from tidegate.adapters.paths import spell
from tidegate.ports import First

MAX_COMMIT = 64 << 20
_AUTHORED = re.compile(rb"^author [^\n]*> (-?\d{1,18}) [+-]\d{4}$", re.MULTILINE)


def firsts(plumbing: Plumbing, span: Sequence[str], oids: Collection[str]) -> dict[str, First]:
    """Trees are compared by id, so that no attribute has a word in it; the root and every parent of a merge count."""
    wanted, found = set(oids), dict[str, tuple[str, int, str]]()
    if not wanted:
        return {}
    commits = plumbing.run("rev-list", "--topo-order", "--reverse", *span)[1]
    lines = plumbing.lines("diff-tree", *_OPTIONS, feed=commits, end=b"\0")
    commit, place = "", -1
    for line in lines:
        if not line.startswith(b":"):
            named = line.decode("ascii", "replace")
            place += named != commit
            commit = named
            continue
        _, mode, _, now, _ = line.split(b" ")
        oid, path = now.decode("ascii", "replace"), next(lines, b"")
        if oid in wanted and mode != b"000000":
            wanted.discard(oid)
            found[oid] = (commit, place, spell(path))
            if not wanted:
                break
    dates = _dates(plumbing, {commit for commit, _, _ in found.values()})
    return {oid: First(commit, place, dates.get(commit, ""), path) for oid, (commit, place, path) in found.items()}


_OPTIONS = ("--stdin", "--raw", "-r", "-z", "-m", "--root", "--no-renames", "--no-abbrev", "--no-ext-diff")


def _dates(plumbing: Plumbing, commits: Collection[str]) -> dict[str, str]:
    """When each of these was written, by its author's word: RFC 3339 in UTC, or "" for what is no time."""
    dates: dict[str, str] = {}
    for item in plumbing.contents(sorted(commits), MAX_COMMIT):
        head = (item.data or b"").partition(b"\n\n")[0]
        match = _AUTHORED.search(head)
        if match is not None:
            dates[item.oid] = _moment(int(match[1]))
    return dates


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return ""
