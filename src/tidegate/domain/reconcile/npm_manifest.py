"""A `package.json` as package managers write it into a package: the commit's, with what publishing settles."""

import re

from tidegate.errors import FormatError
from tidegate.formats import strict_json

MAX_SIZE = 4 << 20

_LOCAL = ("workspace:", "catalog:", "link:", "file:", "portal:")
_RANGE = re.compile(r"[A-Za-z0-9 .,<>=|^~*+_-]{1,200}")
_ALIAS = re.compile(r"workspace:((?:@[^/@:]{1,100}/)?[^/@:]{1,200})@.{1,200}")
_INSTALLING = frozenset({"preinstall", "install", "postinstall"})
_COMMIT = re.compile(r"[0-9a-f]{40}")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]{0,200}")
_DEPENDENCIES = frozenset({"dependencies", "peerDependencies", "optionalDependencies"})
# Nothing of these is read where the package is used; package managers leave them out.
_DROPPED = frozenset({"devDependencies", "publishConfig", "packageManager", "pnpm", "workspaces", "private", "scripts"})


def difference(raw: bytes, committed: bytes) -> str | None:
    """The first key that differs other than by publishing, "" when there is none, None when one cannot be read."""
    now, before = _read(raw), _read(committed)
    if now is None or before is None:
        return None
    settled = before.get("publishConfig")
    published: dict[str, object] = settled if isinstance(settled, dict) else {}
    for key in sorted(now.keys() | before.keys()):
        if not _same(key, now, before, published):
            return key
    return ""


def _same(key: str, now: dict[str, object], before: dict[str, object], published: dict[str, object]) -> bool:
    if key not in now:
        return key in _DROPPED
    value, old = now[key], before.get(key)
    if key in before and value == old:
        return True
    if key == "version":
        return isinstance(value, str) and _VERSION.fullmatch(value) is not None
    if key == "gitHead":
        return isinstance(value, str) and _COMMIT.fullmatch(value) is not None
    if key == "scripts":
        return _fewer(value, old)
    if key in _DEPENDENCIES:
        return _settled(value, old)
    return key in published and key not in _DEPENDENCIES and value == published[key]


def _fewer(value: object, old: object) -> bool:
    """Scripts may be left out, never added or changed."""
    return isinstance(value, dict) and isinstance(old, dict) and value.items() <= _texts(old).items()


def _settled(value: object, old: object) -> bool:
    """The same names; a range may only stand where the commit has a local address."""
    if not isinstance(value, dict) or not isinstance(old, dict) or value.keys() != old.keys():
        return False
    return all(
        wanted == old[name] or (isinstance(wanted, str) and isinstance(old[name], str) and _is_range(wanted, old[name]))
        for name, wanted in value.items()
    )


def _is_range(wanted: str, old: str) -> bool:
    """A range in the place of a local address; of another package only where the commit names that one."""
    alias = _ALIAS.fullmatch(old)
    if alias is not None:
        wanted = wanted.removeprefix(f"npm:{alias[1]}@")
    return old.startswith(_LOCAL) and _RANGE.fullmatch(wanted) is not None


def installs(raw: bytes) -> bool:
    """Has it scripts that run when the package is installed? What cannot be read is taken to have some."""
    plain = _read(raw)
    scripts = plain.get("scripts", {}) if plain is not None else None
    return not isinstance(scripts, dict) or not _INSTALLING.isdisjoint(scripts)


def _texts(plain: dict[str, object]) -> dict[str, str]:
    return {key: value for key, value in plain.items() if isinstance(value, str)}


def _read(raw: bytes) -> dict[str, object] | None:
    try:
        plain = strict_json.loads(raw.removeprefix(b"\xef\xbb\xbf"), limit=MAX_SIZE, what="package.json")
    except FormatError:
        return None
    return plain if isinstance(plain, dict) else None
