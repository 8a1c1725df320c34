"""Text files decoded strictly: UTF-8, bounded, without merge conflicts and without characters that hide others."""

import hashlib
import re

from tidegate.errors import FormatError

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def decode(raw: bytes, *, limit: int, what: str) -> str:
    """The text of a file people and tools both read. Raises FormatError with the line.

    Refused: more than `limit` bytes, anything but UTF-8, NUL, merge conflict markers, bidirectional controls.
    """
    text = utf8(raw, limit=limit, what=what)
    if "\0" in text:
        raise FormatError(f"{what} holds a NUL character", line=line_of(text, text.index("\0")))
    # Looking for the plain words first costs a tenth of what the pattern does.
    conflict = _CONFLICT.search(text) if "<<<<<<<" in text or ">>>>>>>" in text else None
    if conflict:
        raise FormatError(f"{what} holds merge conflict markers", line=line_of(text, conflict.start()))
    bidi = None if text.isascii() else _BIDI.search(text)
    if bidi:
        raise FormatError(f"{what} holds a character that reorders text", line=line_of(text, bidi.start()))
    return text


def utf8(raw: bytes, *, limit: int, what: str) -> str:
    """At most `limit` bytes of UTF-8 as they are. Raises FormatError with the line."""
    if len(raw) > limit:
        raise FormatError(f"{what} is larger than {limit} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{what} is not UTF-8", line=raw.count(b"\n", 0, error.start) + 1) from None


def line_of(text: str, offset: int) -> int:
    """The 1-based line an offset lies in."""
    return text.count("\n", 0, offset) + 1


def shown(text: str, limit: int = 120) -> str:
    """Foreign text for a message: printable ASCII, the rest escaped, bounded."""
    safe = text[:limit].encode("ascii", "backslashreplace").decode()
    safe = re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\x{ord(match[0]):02x}", safe).replace("`", "'")
    return safe + ("…" if len(text) > limit else "")


def subject(text: str, limit: int = 160) -> str:
    """Foreign text as (part of) a finding's subject: like `shown`, but two different texts never become one."""
    plain = shown(text, limit)
    escaped = len(text) > limit or plain != text
    return f"{plain}~{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}" if escaped else plain
