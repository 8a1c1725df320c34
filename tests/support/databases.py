"""Advisory databases in OSV's layout, whole or broken in one way each."""

import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.osv_server import advisory

Json = dict[str, Any]


def stamp(age: timedelta = timedelta(0)) -> str:
    return f"{datetime.now(UTC) - age:%Y-%m-%dT%H:%M:%SZ}"


def records(age: timedelta = timedelta(0), ecosystem: str = "PyPI", **members: Any) -> list[Json]:
    """Advisories about `foo` below 2.0 and about ten packages nobody locks."""
    known = [advisory("PYSEC-2026-1", ecosystem, "foo", fixed="2.0", modified=stamp(age), **members)]
    return known + [
        advisory(f"PYSEC-2026-{n}", ecosystem, f"other-{n}", fixed="2.0", modified=stamp(age), **members)
        for n in range(2, 12)
    ]


def write(folder: Path, members: Mapping[str, bytes] | list[Json], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """`PyPI/all.zip` below `folder`."""
    path = folder / "PyPI" / "all.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(members, list):
        members = {f"{record['id']}.json": json.dumps(record).encode() for record in members}
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return path


def _truncated(folder: Path) -> None:
    path = write(folder, records())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _damaged(folder: Path) -> None:
    path = write(folder, records(), zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b'"fixed": "2.0"', b'"fixed": "0.1"', 1))


def _encrypted(folder: Path) -> None:
    path = write(folder, records())
    raw = bytearray(path.read_bytes())
    place = raw.index(b"PK\1\2")
    raw[place + 8 : place + 10] = struct.pack("<H", 1)
    path.write_bytes(raw)


def _one_bad(text: bytes) -> Callable[[Path], None]:
    """A whole database with one further member."""

    def make(folder: Path) -> None:
        good = {f"{record['id']}.json": json.dumps(record).encode() for record in records()}
        write(folder, {**good, "X-1.json": text})

    return make


def _html(folder: Path) -> None:
    path = write(folder, records())
    path.write_bytes(b"<html>not found</html>")


def _empty_file(folder: Path) -> None:
    write(folder, records()).write_bytes(b"")


def _link(folder: Path) -> None:
    path = write(folder / "elsewhere", records())
    (folder / "PyPI").mkdir()
    (folder / "PyPI" / "all.zip").symlink_to(path)


def _stated(**members: Any) -> Callable[[Path], None]:
    return lambda folder: _write(folder, records(**members))


def _write(folder: Path, members: list[Json]) -> None:
    write(folder, members)


FAULTS: dict[str, Callable[[Path], None]] = {
    "nothing there": lambda folder: None,
    "zip truncated": _truncated,
    "member damaged": _damaged,
    "encrypted": _encrypted,
    "no member": lambda folder: _write(folder, []),
    "no byte": _empty_file,
    "HTML instead of a zip": _html,
    "stale": _stated(age=timedelta(days=30)),
    "future dated": _stated(age=timedelta(days=-30)),
    "another ecosystem's": _stated(ecosystem="npm"),
    "nothing to try it with": _stated(withdrawn="2026-01-01T00:00:00Z"),
    "a member is no JSON": _one_bad(b"{"),
    "a member of schema 2": _one_bad(json.dumps({**records()[0], "schema_version": "2.0.0"}).encode()),
    "a member names nothing": _one_bad(json.dumps({**records()[0], "id": "X-1", "affected": []}).encode()),
    "a member inflates without end": _one_bad(b" " * (20 << 20)),
    "a link": _link,
}
"""What a database can be instead of whole: each makes one below an empty folder."""
