"""Rust programs built with `cargo auditable`: the crates they hold, in the section `.dep-v0`."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.inside.detector import Detector, package
from tidegate.formats.inside.programs import ELF, LIMIT
from tidegate.model.package import Locked, Source, SourceKind

MAX_JSON = 16 << 20
MAX_SECTIONS = 4096
_SECTION = b".dep-v0"
_KINDS = {"crates.io": SourceKind.BUNDLED, "registry": SourceKind.BUNDLED, "git": SourceKind.GIT}


def _read(_path: str, raw: bytes) -> Iterator[Locked]:
    """ELF only; a program without the section holds nothing that could be read."""
    data = _section(raw)
    if data is None:
        return
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, MAX_JSON)
    except zlib.error:
        raise FormatError("its list of crates (`.dep-v0`) is damaged") from None
    if not unpacker.eof:
        raise FormatError("its list of crates (`.dep-v0`) is cut off or too large")
    plain = strict_json.loads(text, limit=MAX_JSON, what="`.dep-v0`")
    listed = plain.get("packages") if isinstance(plain, dict) else None
    if not isinstance(listed, list):
        raise FormatError("its list of crates (`.dep-v0`) has no `packages`")
    for item in listed:
        if not isinstance(item, dict):
            raise FormatError("its list of crates (`.dep-v0`) holds something that is no crate")
        yield from _crate(item)


def _crate(item: dict[str, object]) -> Iterator[Locked]:
    """The program itself (`root`) is not one of the packages inside it."""
    if item.get("root") is True:
        return
    found = package("crates.io", item.get("name"), item.get("version"))
    kind = _KINDS.get(str(item.get("source")), SourceKind.PATH)
    groups = ("build",) if item.get("kind") == "build" else ()
    yield replace(found, source=Source(kind), groups=groups)


def _section(raw: bytes) -> bytes | None:
    """The bytes of `.dep-v0` (System V ABI, "Sections"); None where there is none, or no table of sections."""
    order = {1: "<", 2: ">"}.get(raw[5] if len(raw) > 5 else 0)
    wide = raw[4:5] == b"\2"
    if not raw.startswith(ELF) or order is None or _SECTION not in raw:
        return None
    head, entry = ("16sHHIQQQIHHHHHH", "IIQQQQIIQQ") if wide else ("16sHHIIIIIHHHHHH", "10I")
    try:
        header = struct.unpack_from(order + head, raw)
        table, size, count, names = header[6], header[11], header[12], header[13]
        if count > MAX_SECTIONS or size != struct.calcsize(order + entry) or names >= count:
            return None
        sections = [struct.unpack_from(order + entry, raw, table + size * index) for index in range(count)]
    except (struct.error, OverflowError):
        return None
    start, length = sections[names][4], sections[names][5]
    titles = raw[start : start + length]
    for each in sections:
        if titles[each[0] : each[0] + len(_SECTION) + 1] == _SECTION + b"\0":
            return raw[each[4] : each[4] + each[5]]
    return None


CARGO = Detector(how="cargo-auditable", wants=lambda _path, head: head.startswith(ELF), limit=LIMIT, read=_read)
