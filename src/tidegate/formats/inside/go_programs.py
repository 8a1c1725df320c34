"""Go programs by what the linker wrote into them: the toolchain, the main module and every module they hold."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tidegate.errors import FormatError
from tidegate.formats.inside.detector import Detector, package
from tidegate.formats.inside.programs import LIMIT, is_program
from tidegate.model.package import Locked, Source, SourceKind

MAX_TEXT = 8 << 20
MAX_MODULES = 20_000
MAX_HEADERS = 1000
"""Of which each is looked into; programs that read such data hold the words a few times."""
MAX_TOOLCHAIN = 512

_MAGIC = b"\xff Go buildinf:"
_HEADER = 32
_ALIGN = 16
_INLINE = 0x2
_SENTINEL = 16
_GO = re.compile(r"go(1\.[0-9]{1,3})(?:\.([0-9]{1,4}))?(?:(beta|rc)([0-9]{1,3}))?(?:[ +-].*)?", re.DOTALL)
_VERSION = re.compile(r"v[0-9][0-9A-Za-z.+-]{0,200}")
_DEVELOPMENT = "(devel)"


def _read(_path: str, raw: bytes) -> Iterator[Locked]:
    """`debug/buildinfo` of Go 1.18 and later; an older program that is one is a FormatError."""
    old, count, at = False, 0, raw.find(_MAGIC)
    while at >= 0:
        count += 1
        if count > MAX_HEADERS:
            raise FormatError(f"holds more than {MAX_HEADERS} headers of Go programs")
        flags = raw[at + 15 : at + 16]
        if at % _ALIGN == 0 and flags and flags[0] & _INLINE:
            texts = _texts(raw, at + _HEADER)
            if texts is not None:
                yield from _modules(*texts)
                return
        # The words stand in programs that read such data, too; the real header says how wide a pointer is.
        old = old or (at % _ALIGN == 0 and raw[at + 14 : at + 16] in {b"\4\0", b"\4\1", b"\x08\0", b"\x08\1"})
        at = raw.find(_MAGIC, at + 1)
    if old:
        raise FormatError("is a Go program of before Go 1.18, whose modules cannot be read")


def _texts(raw: bytes, at: int) -> tuple[str, str] | None:
    """The toolchain and the modules behind the header, each with its length in front; None when they are not there."""
    size, at = _varint(raw, at)
    if size is None or size > MAX_TOOLCHAIN or at + size > len(raw):
        return None
    toolchain = raw[at : at + size].decode("utf-8", "replace")
    size, at = _varint(raw, at + size)
    if size is None or size > MAX_TEXT or at + size > len(raw) or not _is_toolchain(toolchain):
        return None
    if size and (size < 2 * _SENTINEL + 1 or raw[at + size - _SENTINEL - 1 : at + size - _SENTINEL] != b"\n"):
        return None
    return toolchain, raw[at + _SENTINEL : max(at + size - _SENTINEL, at)].decode("utf-8", "replace")


def _varint(raw: bytes, at: int) -> tuple[int | None, int]:
    value = 0
    for step in range(5):
        if at + step >= len(raw):
            break
        byte = raw[at + step]
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            return value, at + step + 1
    return None, at


def _is_toolchain(text: str) -> bool:
    return _GO.fullmatch(text) is not None or text.startswith("devel ")


def _modules(toolchain: str, text: str) -> Iterator[Locked]:
    """Lines of tab-separated words: `mod`, `dep`, and `=>` for what replaces the one before it."""
    yield _library(toolchain)
    found: list[Locked] = []
    for line in text.split("\n"):
        kind, *words = line.split("\t")
        if kind in ("mod", "dep") and len(words) >= 2:
            found.append(_module(words[0], words[1], main=kind == "mod"))
        elif kind == "=>" and words and found:
            found[-1] = _module(words[0], words[1] if len(words) > 1 else "")
        if len(found) > MAX_MODULES:
            raise FormatError(f"names more than {MAX_MODULES} modules")
    yield from found


def _library(toolchain: str) -> Locked:
    """The standard library, as Go's own advisories call it (`stdlib`, a semantic version)."""
    match = _GO.fullmatch(toolchain)
    if match is None:
        return package("Go", "stdlib", "")
    numbers = f"{match[1]}.{match[2] or 0}"
    return package("Go", "stdlib", f"{numbers}-{match[3]}.{match[4]}" if match[3] else numbers)


def _module(path: str, version: str, *, main: bool = False) -> Locked:
    if path.startswith(("./", "../", "/")):
        return replace(package("Go", path, ""), source=Source(SourceKind.PATH, url=path))
    found = package("Go", path, version if _VERSION.fullmatch(version) else "")
    # What was built from a working tree has no version anybody could name.
    return replace(found, direct=True) if main and version == _DEVELOPMENT else found


GO = Detector(how="go-buildinfo", wants=lambda _path, head: is_program(head), limit=LIMIT, read=_read)
