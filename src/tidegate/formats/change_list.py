"""`dependency-changes.json`: what a change does to what is locked; same input, same bytes."""

import json
from collections.abc import Iterable
from typing import Protocol

from tidegate.model.package import Locked

NAME = "dependency-changes.json"
VERSION = 1
MAX_CHANGES = 100_000


class Listed(Protocol):
    """One change (`domain.changes.change.Change`)."""

    @property
    def kind(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def before(self) -> Locked | None: ...
    @property
    def after(self) -> Locked | None: ...


def render(base: str, changes: Iterable[Listed]) -> str:
    """JSON with sorted keys, ASCII, one line end at the end; `base` is the commit compared with."""
    listed = [_change(change) for change in changes]
    document = {
        "version": VERSION,
        "base": base,
        "count": len(listed),
        "changes": listed[:MAX_CHANGES],
    }
    return json.dumps(document, sort_keys=True, indent=1) + "\n"


def _change(change: Listed) -> dict[str, object]:
    package = change.after or change.before
    return {
        "change": str(change.kind),
        "lockfile": change.path,
        "ecosystem": package.ecosystem if package else "",
        "name": package.name if package else "",
        "before": _side(change.before),
        "after": _side(change.after),
    }


def _side(package: Locked | None) -> dict[str, object] | None:
    if package is None:
        return None
    return {
        "purl": package.purl,
        "version": package.version,
        "source": package.source.kind.value,
        "direct": package.direct,
        "hashes": sorted({str(digest) for digest in package.hashes}),
    }
