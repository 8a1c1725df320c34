"""Which packages of a yarn.lock only development needs, as far as the manifest beside it says."""

from collections.abc import Iterable, Mapping

from tidegate.formats import strict_json
from tidegate.formats.locks import npm_tree, pins
from tidegate.formats.locks.npm_tree import Wishes
from tidegate.formats.locks.shape import table, texts


def root(manifest: bytes | None) -> tuple[Wishes, bool] | None:
    """What the manifest asks for, and whether others may ask for more (workspaces). Raises FormatError."""
    if manifest is None:
        return None
    document = _document(manifest)
    return npm_tree.wishes(document), bool(document.get("workspaces"))


def patterns(manifest: bytes | None) -> tuple[str, ...]:
    """`workspace PATTERN` for the folders of the workspace's members. Raises FormatError."""
    document = _document(manifest) if manifest is not None else {}
    spaces = document.get("workspaces")
    listed = spaces.get("packages") if isinstance(spaces, dict) else spaces
    return tuple(f"workspace {one}" for one in texts(listed, "`workspaces`"))


def _document(manifest: bytes) -> dict[str, object]:
    return table(
        strict_json.loads(manifest, limit=pins.LIMIT, what="the manifest beside the lockfile"),
        "the manifest beside the lockfile",
    )


def development(production: Iterable[int], wished: Iterable[int], needs: Mapping[int, Iterable[int]]) -> frozenset[int]:
    """Numbers reached from what is wished for development and from nothing else."""
    return frozenset(_reach(wished, needs) - _reach(production, needs))


def _reach(starts: Iterable[int], needs: Mapping[int, Iterable[int]]) -> set[int]:
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for one in needs.get(waiting.pop(), ()):
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return seen
