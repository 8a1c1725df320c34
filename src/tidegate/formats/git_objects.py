"""A file followed from a commit's id: every object on the way is hashed again, so that nobody has to be trusted."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable

from tidegate.errors import FormatError
from tidegate.formats import strict_json

MAX_OBJECT = 8 << 20
MAX_KEPT = 64 << 20
_REGULAR = frozenset({b"100644", b"100755"})
_TREE = b"40000"

Get = Callable[[str, str], bytes]
"""The data of an object by its id and kind. Raises whatever its source raises."""


def follow(commit: str, path: str, get: Get) -> tuple[bytes, dict[str, bytes]]:
    """The file at `path` of a commit, and every object on the way by id; "" is no path. Raises FormatError.

    git's object format: `kind SP size NUL data`, SHA-1 or SHA-256 by the length of the id.
    """
    seen: dict[str, bytes] = {}

    def taken(oid: str, kind: str) -> bytes:
        data = get(oid, kind)
        if len(data) > MAX_OBJECT:
            raise FormatError(f"the {kind} on the way to `{path}` is larger than {MAX_OBJECT >> 20} MiB")
        if object_id(kind, data, len(oid)) != oid:
            raise FormatError(f"a {kind} on the way to `{path}` is not what its id says")
        seen[oid] = data
        return data

    head, _, _ = taken(commit, "commit").partition(b"\n")
    if not head.startswith(b"tree "):
        raise FormatError("the commit has no tree")
    oid = head[5:].decode("ascii", "replace")
    parts = path.split("/")
    for depth, part in enumerate(parts, start=1):
        mode, oid = _entry(taken(oid, "tree"), part, len(commit), path)
        if (mode == _TREE) != (depth < len(parts)):
            raise FormatError(f"`{path}` is no file of that commit")
    if mode not in _REGULAR:
        raise FormatError(f"`{path}` is not a regular file at that commit")
    return taken(oid, "blob"), seen


def object_id(kind: str, data: bytes, length: int) -> str:
    made = hashlib.sha256() if length == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(f"{kind} {len(data)}\0".encode())
    made.update(data)
    return made.hexdigest()


def _entry(tree: bytes, name: str, length: int, path: str) -> tuple[bytes, str]:
    at, wanted, size = 0, name.encode("utf-8", "surrogateescape"), length // 2
    while at < len(tree):
        end = tree.find(b"\0", at)
        mode, space, found = tree[at:end].partition(b" ")
        if end < 0 or not space or end + 1 + size > len(tree):
            raise FormatError("a tree of that commit cannot be read")
        if found == wanted:
            return mode, tree[end + 1 : end + 1 + size].hex()
        at = end + 1 + size
    raise FormatError(f"`{path}` is not there at that commit")


def pack(objects: dict[str, bytes]) -> str:
    """The objects as text, for `unpack`."""
    return json.dumps({oid: base64.b64encode(data).decode() for oid, data in sorted(objects.items())})


def unpack(raw: bytes) -> dict[str, bytes]:
    """Raises FormatError. Nothing of it is believed: `follow` hashes each."""
    plain = strict_json.loads(raw, limit=MAX_KEPT, what="the kept policy")
    if not isinstance(plain, dict):
        raise FormatError("the kept policy is no object")
    try:
        return {oid: base64.b64decode(data, validate=True) for oid, data in plain.items()}
    except (binascii.Error, TypeError, ValueError):
        raise FormatError("the kept policy is not what was kept") from None
