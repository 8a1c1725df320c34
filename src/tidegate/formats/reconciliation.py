"""`reconciliation.json`: what explains each file of each artifact; same input, same bytes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.records import from_plain, to_plain
from tidegate.model.tracing import By, Reconciled, Traced

NAME = "reconciliation.json"
MEDIA_TYPE = "application/json"
VERSION = 1
LIMIT = 256 << 20
MAX_LISTED = 20_000
"""Files of one artifact that are named; those that nothing explains come first, the counts are always of all."""

_ORDER = {by: number for number, by in enumerate(reversed(By))}


@dataclass(frozen=True, slots=True)
class Counted:
    by: By
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Row:
    """One artifact. `members` is in order of path and lacks `omitted` files that something explains."""

    artifact: str
    sha256: str
    kind: str
    files: int
    bytes: int
    explained: tuple[Counted, ...]
    members: tuple[Traced, ...]
    omitted: int = 0


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`commit` and `tree` are "" where git does not say; `dirty` are paths whose working copy differs from it."""

    version: int
    commit: str
    tree: str
    dirty: tuple[str, ...]
    artifacts: tuple[Row, ...]


def render(commit: str, tree: str, dirty: Sequence[str], reconciled: Sequence[Reconciled]) -> str:
    """JSON with sorted keys, ASCII, one line end at the end."""
    rows = tuple(_row(each) for each in sorted(reconciled, key=lambda each: each.artifact))
    plain = to_plain(Reconciliation(VERSION, commit, tree, tuple(sorted(dirty)), rows))
    return json.dumps(plain, sort_keys=True, indent=1) + "\n"


def parse(raw: bytes) -> Reconciliation:
    """Read what `render` wrote. Raises FormatError."""
    plain = strict_json.loads(raw, limit=LIMIT, what=f"`{NAME}`")
    if not isinstance(plain, dict) or plain.get("version") != VERSION:
        raise FormatError(f"`{NAME}` is not of version {VERSION}")
    return from_plain(Reconciliation, plain)


def _row(each: Reconciled) -> Row:
    first = sorted(each.traced, key=lambda one: (_ORDER[one.by], one.path, one.size, one.origin))[:MAX_LISTED]
    return Row(
        artifact=each.artifact,
        sha256=each.digest.value,
        kind=each.kind.value,
        files=len(each.traced),
        bytes=sum(one.size for one in each.traced),
        explained=tuple(Counted(by, files, size) for by, (files, size) in each.counted().items()),
        members=tuple(_plain(one) for one in sorted(first, key=lambda one: (one.path, one.size, one.by))),
        omitted=len(each.traced) - len(first),
    )


def _plain(one: Traced) -> Traced:
    """Names of archives need not be Unicode; JSON has to be."""
    path, origin, why = (text.encode("utf-8", "backslashreplace").decode() for text in (one.path, one.origin, one.why))
    return replace(one, path=path, origin=origin, why=why)
