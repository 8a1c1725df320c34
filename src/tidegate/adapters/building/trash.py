"""A folder a hostile build wrote into is removed whole: however deep it is nested, whatever it forbids."""

import os
import stat
from contextlib import suppress
from pathlib import Path

_ROUNDS = 1_000_000


def remove(folder: Path) -> bool:
    """Remove a folder without following a link; False when something of it stays.

    Folders are lifted to the top before they are emptied, so that no path grows long and nothing recurses.
    """
    count = 0
    for _ in range(_ROUNDS):
        inner = _entries(folder)
        if not inner:
            break
        moved = False
        for entry in inner:
            path = folder / entry
            if not _is_folder(path):
                with suppress(OSError):
                    path.unlink()
                    moved = True
                continue
            for name in _entries(path):
                count += 1
                child = path / name
                with suppress(OSError):
                    if _is_folder(child):
                        child.rename(folder / f".{count:x}~")
                    else:
                        child.unlink()
                    moved = True
            with suppress(OSError):
                path.rmdir()
                moved = True
        if not moved:
            break
    with suppress(OSError):
        folder.rmdir()
    return not os.path.lexists(folder)


def _entries(folder: Path) -> list[str]:
    with suppress(OSError):
        os.chmod(folder, 0o700)
        return os.listdir(folder)
    return []


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
