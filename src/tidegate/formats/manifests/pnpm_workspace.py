"""pnpm-workspace.yaml asks for nothing itself: it says what ranges its catalogs stand for and what is overridden."""

from collections.abc import Collection, Mapping

from tidegate.errors import FormatError
from tidegate.formats import yaml_documents
from tidegate.formats.locks import node
from tidegate.formats.locks.shape import table
from tidegate.formats.text import decode
from tidegate.model.package import Manifest

FORMAT = "pnpm-workspace.yaml"
ECOSYSTEM = "npm"
LIMIT = 2 * 1024 * 1024


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == FORMAT


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:  # noqa: ARG001 - no lock serves it by itself
    """Raises FormatError."""
    decode(raw, limit=LIMIT, what="the workspace file")
    document: object = yaml_documents.load(raw, limit=LIMIT, what="the workspace file").value
    if document is not None and not isinstance(document, dict):
        raise FormatError("the workspace file is not a table")
    whole: Mapping[str, object] = table(document, "the workspace file")
    overrides = node.tables(whole, "overrides")
    settings = [f"pnpm override {one}" for one in node.written(overrides)]
    settings += node.catalog("default", table(whole.get("catalog"), "`catalog`"))
    for name, entries in sorted(table(whole.get("catalogs"), "`catalogs`").items()):
        settings += node.catalog(name, table(entries, "a catalog"))
    names = sorted({node.overridden(key) for key in overrides})
    return Manifest(path, FORMAT, ECOSYSTEM, overrides=tuple(names), settings=tuple(settings))
