"""yarn.lock, in the form of Yarn 1 or in that of every later Yarn; the two share nothing but their name."""

import re
from collections.abc import Mapping

from tidegate.formats import repopath
from tidegate.formats.locks import pins, unread, yarn_berry, yarn_classic
from tidegate.formats.text import decode
from tidegate.model.package import LockFile

FORMAT = "yarn.lock"
ECOSYSTEM = "npm"

_BERRY = re.compile(r"^__metadata:", re.MULTILINE)
_VERSION = re.compile(r"^# yarn lockfile v([0-9]{1,9})$", re.MULTILINE)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == FORMAT


def companions(path: str) -> tuple[str, ...]:
    """The manifest, which alone says what is for development."""
    return (repopath.join(repopath.folder(path), "package.json"),)


def parse(path: str, raw: bytes) -> LockFile:
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read either form. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    text = decode(raw, limit=pins.LIMIT, what="the lockfile").replace("\r\n", "\n")
    manifest = next(iter(beside.values()), None)
    if _BERRY.search(text):
        return yarn_berry.parse(path, raw, text, manifest)
    version = _VERSION.search(text)
    if version and version[1] != "1":
        message = f"version {version[1]} is not read; `yarn install` with a current Yarn writes one that is"
        return unread.of_version(path, yarn_classic.FORM, ECOSYSTEM, raw, message)
    return yarn_classic.parse(path, raw, text, manifest)
