"""Repository paths as text and back: every byte string has exactly one spelling, and only that one is accepted.

Git and Linux name files in bytes. A byte that is not UTF-8, and the backslash itself, is spelt `\\xNN`, so that every
path is valid UTF-8 and JSON, none is dropped, and no two files share a spelling.
"""

import re

from tidegate.errors import FormatError

MAX_PATH = 4096
MAX_DEPTH = 128

_ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2}))?")


def spell(raw: bytes) -> str:
    """The text form of a path git or the kernel gave us."""
    return raw.replace(b"\\", b"\\x5c").decode("utf-8", "backslashreplace")


def unspell(path: str) -> bytes:
    """The bytes `spell` was given. FormatError for a path that is not relative, leaves the tree, or is spelt oddly."""
    try:
        raw = path.encode()
    except UnicodeEncodeError as error:
        raise FormatError("a path holds a lone surrogate") from error
    if len(raw) > MAX_PATH:
        raise FormatError("a path is longer than 4096 bytes")
    raw = _ESCAPE.sub(_byte, raw)
    parts = raw.split(b"/")
    if b"\0" in raw:
        raise FormatError("a path holds a NUL byte")
    if spell(raw) != path:
        raise FormatError(f"`{path[:200]}` is not the spelling of any path")
    if any(part in {b"", b".", b".."} for part in parts):
        raise FormatError(f"`{path[:200]}` is not a plain path inside the repository")
    if len(parts) > MAX_DEPTH:
        raise FormatError(f"`{path[:200]}` is nested deeper than {MAX_DEPTH} folders")
    if any(part.lower() == b".git" for part in parts):
        raise FormatError(f"`{path[:200]}` lies in `.git`, which is no part of the tree")
    return raw


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode()) if match[1] else b"\\"
