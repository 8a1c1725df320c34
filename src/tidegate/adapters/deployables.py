"""What lies in a folder that is to be deployed: every regular file, and nothing that could stand for another."""

import os
from collections.abc import Iterator
from pathlib import Path

from tidegate.adapters.taking import MAX_ARTIFACTS, SIDECARS
from tidegate.errors import NoSuchArtifact, UserError
from tidegate.formats import endings

MAX_DEPTH = 32
ENDINGS = (*SIDECARS, *endings.ATTESTED)


def expand(folder: Path, apart: Path | None) -> tuple[Path, ...]:
    """Every file below a folder, sorted; hidden ones too. Evidence is left out: the path `apart`, and files that lie
    beside an artifact and speak about it.

    Raises UserError for a link or special file, since what it stands for could change, and for too many files;
    NoSuchArtifact for an empty folder.
    """
    files: list[Path] = []
    for path in _walk(folder, apart.resolve() if apart else None, 0):
        files.append(path)
        if len(files) > MAX_ARTIFACTS * (len(ENDINGS) + 1):
            raise UserError(f"`{folder}` holds too many files", hint=f"verify at most {MAX_ARTIFACTS} at once")
    present = set(files)
    found = sorted(path for path in files if not _speaks(path, present))
    if not found:
        raise NoSuchArtifact(f"there is no artifact in `{folder}`", hint="check the path")
    if len(found) > MAX_ARTIFACTS:
        raise UserError(f"`{folder}` holds too many files", hint=f"verify at most {MAX_ARTIFACTS} at once")
    return tuple(found)


def _speaks(path: Path, present: set[Path]) -> bool:
    """Only beside the file it speaks about: a stray one is deployed like anything else, and must be known."""
    return any(
        path.name.endswith(ending) and path.with_name(path.name[: -len(ending)]) in present for ending in ENDINGS
    )


def _walk(folder: Path, apart: Path | None, depth: int) -> Iterator[Path]:
    if depth > MAX_DEPTH:
        raise UserError(f"`{folder}` is nested too deeply", hint="verify the inner folder")
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(f"`{folder}` cannot be read: {error.strerror}", hint="check the path") from None
    for entry in entries:
        path = folder / entry.name
        if apart is not None and path.resolve() == apart:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, apart, depth + 1)
        elif entry.is_file(follow_symlinks=False):
            yield path
        else:
            raise UserError(f"`{path}` is a link or a special file", hint="deploy regular files only")
