"""A file is written whole or not at all: beside its place first, then moved there."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from tidegate.errors import UserError


def write(path: Path, fill: Callable[[BinaryIO], None], mode: int = 0o644) -> None:
    """Write what `fill` gives; whatever it raises leaves nothing behind. UserError for links and unwritable places."""
    if path.is_symlink() or path.is_dir():
        raise UserError(f"`{path}` is a link or a folder", hint="name a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise UserError(f"cannot write `{path}`: {error.strerror}", hint="choose a writable folder") from None
    try:
        with os.fdopen(handle, "w+b") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        raise UserError(f"cannot write `{path}`: {error.strerror}", hint="choose a writable folder") from None
    finally:
        Path(name).unlink(missing_ok=True)
