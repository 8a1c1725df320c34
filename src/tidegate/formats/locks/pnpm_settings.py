"""What pnpm-lock.yaml and the files beside it set for a whole workspace: overrides, catalogs, who may run scripts."""

from collections.abc import Mapping

from tidegate.formats import strict_json, yaml_documents
from tidegate.formats.locks import node, pins
from tidegate.formats.locks.shape import array, table, text
from tidegate.formats.text import shown


def settings(document: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Overrides and catalogs as recorded, and the names that are overridden."""
    overrides = node.tables(document, "overrides")
    found = [f"override {one}" for one in node.written(overrides)]
    for name, entries in table(document.get("catalogs"), "`catalogs`").items():
        wished = {key: table(one, "a catalog").get("specifier") for key, one in table(entries, "a catalog").items()}
        found += node.catalog(name, wished)
    return tuple(found), tuple(sorted({node.overridden(key) for key in overrides}))


def builders(document: Mapping[str, object], beside: Mapping[str, bytes]) -> frozenset[str]:
    """Names of packages whose scripts run: as the lock, the workspace and the manifest allow it."""
    tables: list[Mapping[str, object]] = [document]
    for path, raw in beside.items():
        if path.endswith(".yaml"):
            tables.append(table(yaml_documents.load(raw, limit=pins.LIMIT, what=f"`{shown(path)}`").value, "it"))
        else:
            manifest = table(strict_json.loads(raw, limit=pins.LIMIT, what=f"`{shown(path)}`"), "the manifest")
            tables.append(table(manifest.get("pnpm"), "`pnpm`"))
    names: set[str] = set()
    for one in tables:
        names |= {text(name, "a name") for name in array(one.get("onlyBuiltDependencies"), "`onlyBuiltDependencies`")}
        allowed = table(one.get("allowBuilds"), "`allowBuilds`")
        names |= {node.split(name)[0] for name, value in allowed.items() if value is True}
    return frozenset(names)
