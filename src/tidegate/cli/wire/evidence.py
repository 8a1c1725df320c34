"""Where evidence is kept and looked for: run folders, registries, production's ledger."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.cli.wire.machine import clock
from tidegate.model.digest import Digest
from tidegate.ports import Registry

if TYPE_CHECKING:  # adapters and pydantic are imported where they are used: `--help` must not pay for them
    from tidegate.adapters.ledger import LedgerFile
    from tidegate.adapters.registry.credentials import Credentials
    from tidegate.adapters.store import RunFolder


def run_folder(evidence: Path, run_id: str) -> "RunFolder":
    from tidegate.adapters.store import RunFolder

    return RunFolder(evidence, run_id)


def find_run(evidence: Path, digest: Digest) -> Path | None:
    """See `adapters.store.find_run`."""
    from tidegate.adapters import store

    return store.find_run(evidence, digest)


def runs_in(evidence: Path) -> tuple[Path, ...]:
    """See `adapters.store.runs_in`."""
    from tidegate.adapters import store

    return store.runs_in(evidence)


def keep_run(evidence: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Lay a run into an evidence folder, whole or not at all. Raises UserError."""
    from tidegate.adapters import store

    return store.keep_run(evidence, name, files)


def read_evidence(source: Path) -> dict[str, bytes]:
    """The files of a run folder or of a packed one. Raises FormatError."""
    from tidegate.adapters import store

    return store.read_pack(source) if source.is_file() else store.read_folder(source)


def registry() -> Registry:
    """A registry client with the logins docker or podman stored; in the parent only."""
    from tidegate.adapters.registry.registry import OciRegistry

    return OciRegistry(registry_credentials(), clock())


def registry_credentials() -> "Credentials":
    from tidegate.adapters.registry import credentials

    return credentials.read(os.environ)


def ledger(path: Path) -> "LedgerFile":
    """See `adapters.ledger.LedgerFile`; locked while it is entered."""
    from tidegate.adapters.ledger import LedgerFile

    return LedgerFile(path)


def begin_ledger(path: Path, name: str) -> str:
    """See `adapters.ledger.create`."""
    from tidegate.adapters.ledger import create

    return create(path, name, clock().now())
