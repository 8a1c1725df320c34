"""Evidence that lies beside an artifact grows by a line at a time, whole or not at all."""

import os
import tempfile
from pathlib import Path

from tidegate.adapters.taking import open_regular
from tidegate.errors import FormatError, UserError
from tidegate.formats import strict_json

LIMIT = 16 << 20


def add_line(path: Path, line: str) -> None:
    """Append a line to a JSON Lines file, made when it is not there. Raises UserError for links and other files."""
    there = _read(path) if os.path.lexists(path) else b""
    whole = there + line.encode() + b"\n"
    if len(whole) > LIMIT:
        raise UserError(f"`{path.name}` is larger than {LIMIT >> 20} MiB", hint="remove it and sign again")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise UserError(f"cannot write `{path}`: {error.strerror}", hint="choose a writable folder") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(whole)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise UserError(f"cannot write `{path}`: {error.strerror}", hint="choose a writable folder") from None


def _read(path: Path) -> bytes:
    with open_regular(path) as stream:
        data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise UserError(f"`{path.name}` is larger than {LIMIT >> 20} MiB", hint="remove it and sign again")
    try:
        for line in data.splitlines():
            if line.strip():
                strict_json.loads(line, limit=LIMIT, what="a line")
    except FormatError:
        raise UserError(
            f"`{path.name}` does not hold one attestation a line", hint="remove it, or choose another folder: `--out`"
        ) from None
    return data if data.endswith(b"\n") or not data else data + b"\n"
