"""Advisory databases on disk as tests need them: zips, folders, and a clock that stands still."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.osv_server import advisory
from tidegate.model.package import Locked, Source, SourceKind

NOW = datetime(2026, 1, 3, tzinfo=UTC)

RECORDS = [
    advisory("PYSEC-1", "PyPI", "foo", fixed="2.0.0", summary="A fault in foo", aliases=["CVE-2026-1"]),
    advisory("PYSEC-2", "PyPI", "bar", introduced="5.0.0", modified="2026-01-02T12:00:00.123456789Z"),
    advisory("PYSEC-3", "PyPI", "foo", withdrawn="2026-01-02T00:00:00Z"),
]


@dataclass
class StoppedClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


def locked(name: str, version: str = "1.0.0", ecosystem: str = "PyPI") -> Locked:
    return Locked(ecosystem, name, name, version, Source(SourceKind.REGISTRY, public=True))


def many(count: int, ecosystem: str = "PyPI", **members: Any) -> list[dict[str, Any]]:
    return [advisory(f"X-{number}", ecosystem, f"name-{number}", fixed="2.0.0", **members) for number in range(count)]


def zipped(records: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    return {f"{record['id']}.json": json.dumps(record).encode() for record in records}


def write_zip(path: Path, records: Mapping[str, bytes] | Sequence[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    members = records if isinstance(records, Mapping) else zipped(records)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(zipfile.ZipInfo(name), raw)
    return path
