"""Changes between a file of the commit and the same file in an artifact that are known to be harmless."""

import re

from tidegate.domain.reconcile import shapes
from tidegate.model.digest import Digest

MAX_POINTER = 1024

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]{1,200}\n)*"
    rb"oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,15})\n"
)
_PLACEHOLDER = re.compile(rb"\$Format:([^$\n]{1,200})\$")
# Nothing that ends a string or opens a call in any language a placeholder stands in.
_FILLED = re.compile(rb"[A-Za-z0-9 .,:/()+@>_~-]*")
# What is one word stands without quotes in scripts, where a second word would be a command.
_WORDS = (
    (re.compile(rb"%[HhTt]"), re.compile(rb"[0-9a-f]{4,64}")),
    (re.compile(rb"%[ac]t"), re.compile(rb"[0-9]{1,12}")),
    (re.compile(rb"%[ac][sI]"), re.compile(rb"[0-9TZ:+-]{1,40}")),
    (re.compile(rb"%\(describe[^)]*\)"), re.compile(rb"[A-Za-z0-9._/+-]*")),
)
MAX_PLACEHOLDERS = 10
MAX_FILLED = 200
_SHEBANG = re.compile(rb"#!\s*/[^\n]{0,200}python[0-9.]*w?[ \t]*\r?\n")
_REWRITTEN = re.compile(rb"#!python(w?)\r?\n")


def pointed(blob: bytes, size: int, digest: Digest | None) -> bool:
    """Is the blob a Git LFS pointer to exactly this content? Its digest is part of the commit."""
    match = _POINTER.fullmatch(blob) if len(blob) <= MAX_POINTER else None
    return match is not None and digest is not None and (match[1].decode(), int(match[2])) == (digest.value, size)


def is_pointer(raw: bytes) -> bool:
    return len(raw) <= MAX_POINTER and _POINTER.fullmatch(raw) is not None


def endings(raw: bytes) -> tuple[bytes, ...]:
    """The same text with either line ending, where that is another text; nothing for what is no text."""
    if b"\0" in raw:
        return ()
    plain = raw.replace(b"\r\n", b"\n")
    return tuple(text for text in (plain, plain.replace(b"\n", b"\r\n")) if text != raw)


def converted(blob: bytes, raw: bytes, name: str) -> str:
    """In what harmless way a file differs from the commit's, "" when in another."""
    if b"\0" in blob or b"\0" in raw:
        return ""
    plain, now = blob.replace(b"\r\n", b"\n"), raw.replace(b"\r\n", b"\n")
    if plain == now:
        return "line endings"
    if b"$Format:" in plain and _is_filled(plain, now):
        return "`$Format:` placeholders filled in"
    first, second = _SHEBANG.match(plain), _REWRITTEN.match(now)
    if first and second and plain[first.end() :] == now[second.end() :]:
        return "first line made `#!python`"
    if name == "setup.cfg" and shapes.setup_cfg(raw, blob):
        return "written again by setuptools"
    return ""


def _is_filled(plain: bytes, now: bytes) -> bool:
    """`git archive` with `export-subst`; what it filled in is a commit's id, names of refs, or a date."""
    first, *split = _PLACEHOLDER.split(plain)
    forms, parts = split[::2], split[1::2]
    if not parts or len(parts) > MAX_PLACEHOLDERS or not now.startswith(first):
        return False
    at = len(first)
    for form, part in zip(forms[:-1], parts[:-1], strict=True):
        found = now.find(part, at, at + MAX_FILLED + len(part))
        if found < 0 or not _fills(form, now[at:found]):
            return False
        at = found + len(part)
    end = len(now) - len(parts[-1])
    return at <= end <= at + MAX_FILLED and now.endswith(parts[-1]) and _fills(forms[-1], now[at:end])


def _fills(form: bytes, filled: bytes) -> bool:
    shape = next((shape for one, shape in _WORDS if one.fullmatch(form)), _FILLED)
    return shape.fullmatch(filled) is not None
