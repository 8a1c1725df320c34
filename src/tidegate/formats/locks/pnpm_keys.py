"""How pnpm-lock.yaml names packages: by the form of its version, with the peers a package is installed beside.

Version 5 writes `/name/1.0.0_peers`, version 6 `/name@1.0.0(peer@2.0.0)`, version 9 `name@1.0.0(peer@2.0.0)`; what
comes from no registry is named by its address.
"""

import re

from tidegate.formats.locks import node

_REGISTRY = re.compile(r"[0-9]+\.[0-9]+\.[0-9][^/:()]*")
_HOSTED = re.compile(r"[^/@]+/((?:@[^/@]+/)?[^/@]+)[@/]([^/]+)")


def major(written: object) -> int:
    """5, 6 or 9 for the versions that are read, 0 for all others."""
    if isinstance(written, bool | int) or not isinstance(written, float | str):
        return 0
    match = re.fullmatch(r"(?:5\.[0-4](?:-inlineSpecifiers)?|6\.[01]|9\.0)", str(written))
    return int(match[0][0]) if match else 0


def base(form: int, key: str) -> str:
    """The key without its peers."""
    if form == 5:
        if not key.startswith("/"):
            return key
        name, _, version = key.rpartition("/")
        return f"{name}/{version.partition('_')[0]}"
    end = len(key)
    while key[:end].endswith(")"):
        start = _opening(key, end - 1)
        if start <= 0:
            break
        end = start
    return key[:end]


def _opening(key: str, closing: int) -> int:
    """Where the bracket opens that closes at `closing`; -1 when it does not."""
    depth = 0
    for at in range(closing, -1, -1):
        depth += {")": 1, "(": -1}.get(key[at], 0)
        if depth == 0:
            return at
    return -1


def named(form: int, plain: str) -> tuple[str, str] | None:
    """(name, version) in a key without peers, the version "" where it is an address; None when no name is in it."""
    if form == 9:
        name, version = node.split(plain)
        return (name, version if _REGISTRY.fullmatch(version) else "") if version else None
    if plain.startswith("/"):
        name, version = node.split(plain[1:]) if form == 6 else plain[1:].rpartition("/")[::2]
        return (name, version) if name and version else None
    match = _HOSTED.fullmatch(plain)
    return (match[1], match[2]) if match and _REGISTRY.fullmatch(match[2]) else None


def of_registry(form: int, plain: str) -> bool:
    """Is a package named as one of the default registry?"""
    if form == 9:
        return _REGISTRY.fullmatch(node.split(plain)[1]) is not None
    return plain.startswith("/")


def target(form: int, name: str, ref: str) -> str:
    """The key a dependency `name: ref` leads to (pnpm's `refToRelative`)."""
    if form == 9:
        at, colon, bracket = (ref.find(sign) for sign in "@:(")
        itself = ref.startswith("@") or (at >= 0 and not 0 <= colon < at and not 0 <= bracket < at)
        return ref if itself else f"{name}@{ref}"
    before = ref.partition("(")[0] if form == 6 else ref
    if ref.startswith("file:") or "/" in before:
        return ref
    return f"/{name}@{ref}" if form == 6 else f"/{name}/{ref}"
