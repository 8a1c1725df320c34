"""package.json: what npm's dependency tables ask for."""

from collections.abc import Collection

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.locks import npm_tree, unread
from tidegate.formats.locks.shape import text
from tidegate.formats.manifests import candidates
from tidegate.formats.text import decode
from tidegate.model.package import Manifest

FORMAT = "package.json"
ECOSYSTEM = "npm"
LIMIT = 2 * 1024 * 1024


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
    )
