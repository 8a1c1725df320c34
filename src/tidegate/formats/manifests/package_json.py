"""package.json: what its dependency tables ask for, and what is set for a whole workspace."""

from collections.abc import Collection, Iterator, Mapping

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.locks import node, npm_tree, unread
from tidegate.formats.locks.shape import table, text
from tidegate.formats.manifests import candidates
from tidegate.formats.text import decode
from tidegate.model.package import Manifest

FORMAT = "package.json"
ECOSYSTEM = "npm"
LIMIT = 2 * 1024 * 1024
MAX_NESTED = 1000


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "package.json"


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a package.json. A workspace member is served by the lock of the folder above that names it.

    Raises FormatError.
    """
    decode(raw, limit=LIMIT, what="the manifest")
    document = strict_json.loads(raw, limit=LIMIT, what="the manifest")
    if not isinstance(document, dict):
        raise FormatError("the manifest is not a JSON object")
    wishes = npm_tree.wishes(document)
    requires, optional = wishes.requires(), wishes.optional()
    locks = candidates.npm_locks(path, present)
    problems = candidates.unread_problem(path, present, locks, unread.JAVASCRIPT_LOCKS) if requires or optional else []
    name, version = document.get("name"), document.get("version")
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=requires,
        optional=optional,
        locks=locks,
        problems=tuple(problems),
        name=text(name, "`name`"),
        version=text(version, "`version`"),
        overrides=tuple(sorted(_overridden(document))),
        peers=tuple(sorted(wishes.peer)),
        settings=(*_overrides(document), *_catalogs(document)),
        manager=_manager(document),
        licence=_licence(document.get("license")),
    )


def _licence(value: object) -> str:
    """An expression, or the `type` of an object as packages wrote it long ago."""
    said = value.get("type") if isinstance(value, dict) else value
    return said[:1000] if isinstance(said, str) else ""


def _manager(document: Mapping[str, object]) -> str:
    """The name in `packageManager` (`pnpm@9.1.0+sha512…`)."""
    value = document.get("packageManager")
    return value.partition("@")[0][:40] if isinstance(value, str) else ""


def _tables(document: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    """Who reads it, and a table of overrides."""
    yield "npm", table(document.get("overrides"), "`overrides`")
    yield "yarn", table(document.get("resolutions"), "`resolutions`")
    yield "pnpm", table(table(document.get("pnpm"), "`pnpm`").get("overrides"), "`overrides`")


def _overrides(document: Mapping[str, object]) -> Iterator[str]:
    """Those that are one name and one range; nested ones are npm's alone, whose lock records none."""
    for reader, overrides in _tables(document):
        for name, value in sorted(overrides.items()):
            if isinstance(value, str):
                yield f"{reader} override {name}@{value}"


def _overridden(document: Mapping[str, object]) -> set[str]:
    """The names of what is overridden anywhere: `name`, `name@range`, `parent/**/name`, `parent>name`, nested."""
    names: set[str] = set()
    for _, overrides in _tables(document):
        waiting = [overrides]
        while waiting and len(names) < MAX_NESTED:
            for key, value in waiting.pop().items():
                names.add(node.overridden(key))
                if isinstance(value, dict):
                    waiting.append(value)
    return names - {"."}


def _catalogs(document: Mapping[str, object]) -> Iterator[str]:
    """Bun's, at the top or under `workspaces`."""
    spaces = document.get("workspaces")
    for where in (document, spaces if isinstance(spaces, dict) else {}):
        yield from node.catalog("default", table(where.get("catalog"), "`catalog`"))
        for name, entries in sorted(table(where.get("catalogs"), "`catalogs`").items()):
            yield from node.catalog(name, table(entries, "a catalog"))
