"""Evidence that lies beside an artifact grows by a line at a time, whole or not at all."""

import os
from pathlib import Path
from typing import BinaryIO

from tidegate.adapters import replacing
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

    def fill(stream: BinaryIO) -> None:
        stream.write(whole)

    replacing.write(path, fill)


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
