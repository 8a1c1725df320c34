"""Artifacts and what lies beside them, found and read without following a link."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from tidegate.errors import UserError
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact


def find_artifacts(root: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    """See `adapters.taking.find`."""
    from tidegate.adapters import taking

    return taking.find(root, patterns)


def take(root: Path, path: str, folder: Path) -> Artifact:
    """See `adapters.taking.take`."""
    from tidegate.adapters import taking

    return taking.take(root, path, folder)


def digest_of(path: Path) -> Digest | None:
    """See `adapters.taking.digest_of`."""
    from tidegate.adapters import taking

    return taking.digest_of(path)


def read_bounded(path: Path, limit: int) -> bytes:
    """A regular file that is no link, at most `limit` bytes. Raises UserError otherwise."""
    from tidegate.adapters import taking

    with taking.open_regular(path) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise UserError(f"`{path.name}` is larger than {limit >> 20} MiB", hint="remove it and run again")
    return data


def deployables(folder: Path, apart: Path | None) -> tuple[Path, ...]:
    """See `adapters.deployables.expand`."""
    from tidegate.adapters import deployables

    return deployables.expand(folder, apart)


def add_line(path: Path, line: str) -> None:
    """See `adapters.beside.add_line`."""
    from tidegate.adapters import beside

    beside.add_line(path, line)


def write_whole(path: Path, fill: Callable[[BinaryIO], None]) -> None:
    """See `adapters.replacing.write`."""
    from tidegate.adapters import replacing

    replacing.write(path, fill)
