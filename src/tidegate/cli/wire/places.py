"""Paths a user typed, as the repository spells them."""

import os
from collections.abc import Mapping
from pathlib import Path


def spelt(path: Path, root: Path) -> str | None:
    """The spelling of a path below `root`, "" for `root` itself; None for a path outside of it. See `adapters.paths`.

    Folders on the way are followed, as the shell follows them; what the path names itself is not.
    """
    from tidegate.adapters.paths import spell

    whole = path.resolve() if path.name in ("", "..") else path.parent.resolve() / path.name
    if whole == root:
        return ""
    return spell(os.fsencode(whole.relative_to(root))) if whole.is_relative_to(root) else None


def index_file(environment: Mapping[str, str] = os.environ) -> str:
    """The index git tells its hooks to look at: that of a commit of some files alone is not the repository's own."""
    named = environment.get("GIT_INDEX_FILE", "")
    return os.path.abspath(named) if named and os.path.isfile(named) else ""
