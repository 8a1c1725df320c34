"""Tar archives (POSIX ustar and pax, GNU long names) read strictly: where two readers could differ, it is said."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from tidegate.errors import FormatError
from tidegate.formats.archive_members import MAX_LETTERS, MAX_MEMBERS, UNREADABLE, ArchiveMember, bounded, remark
from tidegate.formats.archive_names import HOSTILE, Names, plain
from tidegate.formats.text import shown
from tidegate.formats.unpacking import Unpacked
from tidegate.model.package import Problem

BLOCK = 512
MAX_HEADER = 1 << 20
MAX_NAME = 64 << 10
"""No file system and no zip file has room for more."""

# Not after a NUL: there some readers begin, and others have come to the end.
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
_PAX = re.compile(rb"(\d{1,7}) ([^=\n]{1,200})=")
_FILE, _HARD, _SYMBOLIC, _FOLDER = frozenset(b"0\x007"), b"1", b"2", b"5"
_LONG = {b"L": "path", b"K": "linkpath"}
_TOLD = frozenset({"path", "linkpath", "size", "hdrcharset"})
_SPARSE = ("GNU.sparse", "SCHILY.realsize")
_ROOM = 8**11
"""From this size on it does not fit into a plain header."""
_KINDS = {b"3": "a character device", b"4": "a block device", b"6": "a pipe"}


@dataclass(slots=True)
class _Header:
    name: str
    size: int
    kind: bytes
    link: str
    mode: int | None = None
    foldered: bool = False
    """Of the oldest kind and with a `/` at the end of its own name: a folder, to most readers."""


class NameBook(Protocol):
    """Who is told every name, and says what is wrong with it."""

    def folder(self, raw: str) -> list[Problem]: ...

    def file(self, raw: str, link: str = "", hard: bool = False) -> list[Problem]: ...


def members(
    stream: BinaryIO,
    book: NameBook | None = None,
    *,
    unpadded: bool = False,
    spend: Callable[[int], bool] | None = None,
) -> Iterator[ArchiveMember]:
    """Every file and link. FormatError when the archive cannot be read on; what came before stands.

    Without `book`, names are judged as those of a package that is unpacked into a folder. `unpadded` takes an archive
    that ends right behind its last file, as some builders of images write it and all runtimes take it. `spend` is
    asked about every piece of the unpacked archive, and ends it with a FormatError.
    """
    data, names, count, letters = Unpacked(stream, spend), book or Names(), 0, 0
    while (header := _next(data)) is not None:
        count += 1
        letters += len(header.name)
        if letters > MAX_LETTERS:
            raise FormatError(f"the names of its members have more than {MAX_LETTERS >> 20} MiB")
        if count > MAX_MEMBERS:
            raise FormatError(f"the archive holds more than {MAX_MEMBERS} members")
        yield from _member(data, header, names, unpadded)
    if count == 0:
        raise FormatError("the archive is empty or no tar archive")
    tail = False
    while chunk := data.read(1 << 18):
        tail = tail or bool(chunk.strip(b"\0"))
    if tail or data.trailing:
        yield remark(HOSTILE, "data follows the end of the archive")


def first(stream: BinaryIO) -> str:
    """The name of the first member, "" where there is none that could be read."""
    try:
        header = _next(Unpacked(stream))
    except FormatError:
        return ""
    return plain(header.name) if header is not None else ""


def _member(data: Unpacked, header: _Header, names: NameBook, unpadded: bool) -> Iterator[ArchiveMember]:
    kind, path = header.kind, plain(header.name)
    if kind == _FOLDER or header.foldered:
        problems = names.folder(header.name)
        if problems:
            yield ArchiveMember(path, problems=tuple(problems))
    elif kind[0] in _FILE:
        problems = names.file(header.name)
        if header.name.endswith("/"):
            message = f"the member `{shown(path)}` is a file by its kind and a folder by its name"
            problems.append(Problem(HOSTILE, path, message))
        left = _Left(data, header.size)
        stream = bounded(left.pull, header.size)
        yield ArchiveMember(path, header.size, stream, problems=tuple(problems), mode=header.mode)
        left.finish(unpadded)
    elif kind in {_HARD, _SYMBOLIC}:
        problems = names.file(header.name, header.link, hard=kind == _HARD)
        yield ArchiveMember(path, link=header.link, problems=tuple(problems), mode=header.mode)
    else:
        what = _KINDS.get(kind)
        message = (
            f"is {what}" if what else f"is of a kind (`{shown(kind.decode('latin-1'))}`) readers treat differently"
        )
        problem = Problem(HOSTILE if what else UNREADABLE, path, f"the member `{shown(path)}` {message}")
        yield ArchiveMember(path, problems=(*names.file(header.name), problem))
        _skip(data, header.size)


class _Left:
    """The data of one member, of which the reader may leave some."""

    def __init__(self, data: Unpacked, size: int) -> None:
        self._data = data
        self._left = size
        self._padding = -size % BLOCK

    def pull(self, size: int) -> bytes:
        got = self._data.read(min(size, self._left))
        if not got and self._left:
            raise FormatError("the archive is cut off")
        self._left -= len(got)
        return got

    def finish(self, unpadded: bool = False) -> None:
        while self._left:
            self.pull(1 << 18)
        padding = len(self._data.exactly(self._padding))
        if padding != self._padding and not (unpadded and padding == 0):
            raise FormatError("the archive is cut off")


def _skip(data: Unpacked, size: int) -> None:
    _Left(data, size).finish()


def _next(data: Unpacked) -> _Header | None:
    """The next member's header with its extensions applied; None at the end of the archive."""
    extra: dict[str, str] = {}
    for _ in range(16):
        block = data.exactly(BLOCK)
        if not block or not block.strip(b"\0"):
            if extra:
                raise FormatError("the archive ends after an extended header")
            return None
        header = _parse(block)
        if header.kind in {b"x", b"X"}:
            more = _pax(_body(data, header))
        elif header.kind == b"g":
            _global(_pax(_body(data, header)))
            more = {}
        elif header.kind in _LONG:
            more = {_LONG[header.kind]: _text(_body(data, header).rstrip(b"\0"))}
        else:
            return _extended(header, extra)
        if extra.keys() & more.keys():
            raise FormatError("two extended headers say the same of one member, and readers believe one or the other")
        extra |= more
    raise FormatError("a member has more than 15 extended headers")


def _extended(header: _Header, extra: dict[str, str]) -> _Header:
    if header.kind == b"S" or any(key.startswith(_SPARSE) for key in extra):
        raise FormatError("the archive holds a sparse file, which readers unpack differently")
    if header.foldered and (header.size or extra.keys() & _TOLD):
        raise FormatError("a folder has data or another name, which readers take differently")
    header.name = extra.get("path", header.name)
    if len(header.name) > MAX_NAME:
        raise FormatError("a member has a name longer than 64 KiB")
    header.link = extra.get("linkpath", header.link)
    if "size" in extra:
        header.size = _size(extra["size"], header.size)
    if header.kind in {_HARD, _SYMBOLIC, _FOLDER} and header.size:
        raise FormatError("a link or folder has data, which readers take differently")
    if header.kind in {_HARD, _SYMBOLIC} and not header.link:
        raise FormatError("a link leads nowhere")
    if header.kind not in {_HARD, _SYMBOLIC}:
        header.link = ""
    return header


def _size(told: str, plain: int) -> int:
    """What an extended header says, which is another size only where the plain one has no room for it."""
    if not re.fullmatch(r"[0-9]{1,18}", told):
        raise FormatError("an extended header holds a size that is no number")
    if int(told) != plain and int(told) < _ROOM:
        raise FormatError("a member has two sizes, and readers believe one or the other")
    return int(told)


def _global(extra: dict[str, str]) -> None:
    # `git archive` writes a comment here; names or sizes for all members would be read differently by readers.
    if extra.keys() & _TOLD or any(key.startswith(_SPARSE) for key in extra):
        raise FormatError("a global header renames or resizes every member")


def _body(data: Unpacked, header: _Header) -> bytes:
    if header.size > MAX_HEADER:
        raise FormatError("an extended header is larger than 1 MiB")
    body = data.exactly(header.size)
    if len(body) != header.size:
        raise FormatError("the archive is cut off")
    data.exactly(-header.size % BLOCK)
    return body


def _parse(block: bytes) -> _Header:
    if len(block) != BLOCK:
        raise FormatError("the archive is cut off")
    if not _adds_up(_number(block[148:156]), block):
        raise FormatError("the archive holds a damaged header or is no tar archive")
    name, prefix, kind = _zero(block[:100]), b"", block[156:157]
    if block[257:263] == b"ustar\0":
        prefix = _zero(block[345:500])
    elif block[257:265] == b"ustar  \0":
        if block[345] and kind not in _LONG:
            raise FormatError("a header has times in the place where readers expect the beginning of its name")
    elif block[257:].strip(b"\0"):
        raise FormatError("a header is of no known tar format")
    path, link = _text(prefix + b"/" + name if prefix else name), _text(_zero(block[157:257]))
    foldered = kind == b"\0" and name.endswith(b"/")
    return _Header(path, _number(block[124:136]), kind, link, _mode(block[100:108]), foldered)


def _mode(raw: bytes) -> int | None:
    """Permissions change nothing of how a member is read: odd ones are none."""
    match = _OCTAL.fullmatch(raw)
    return int(match[1], 8) & 0o7777 if match and match[1] else None


def _adds_up(told: int, block: bytes) -> bool:
    """Is it the sum of a header's bytes? Old writers took them for signed ones."""
    rest = block[:148] + b" " * 8 + block[156:]
    total = sum(rest)
    return told == total or told == total - 256 * sum(byte > 127 for byte in rest)


def _number(raw: bytes) -> int:
    if raw[0] == 0x80:
        number = int.from_bytes(raw[1:], "big")
        if number >= 1 << 62:
            raise FormatError("a header holds a number that is too large")
        return number
    match = _OCTAL.fullmatch(raw)
    if match is None:
        raise FormatError("a header holds something that is no number")
    return int(match[1] or b"0", 8)


def _pax(body: bytes) -> dict[str, str]:
    """Records `LENGTH KEY=VALUE\\n` (POSIX.1-2001 pax)."""
    records: dict[str, str] = {}
    at = 0
    while at < len(body):
        match = _PAX.match(body, at)
        end = at + int(match[1]) if match else 0
        if match is None or end > len(body) or end <= match.end() or body[end - 1 : end] != b"\n":
            if not body[at:].strip(b"\0"):
                break
            raise FormatError("an extended header is malformed")
        value = body[match.end() : end - 1]
        if b"\0" in value and match[2] in {b"path", b"linkpath"}:
            raise FormatError("an extended header holds a name with a NUL byte")
        key = _text(match[2])
        if key in records and key in _TOLD:
            raise FormatError(f"an extended header gives `{key}` twice")
        records[key] = _text(value)
        at = end
    return records


def _zero(raw: bytes) -> bytes:
    return raw.partition(b"\0")[0]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
