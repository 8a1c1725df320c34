"""A worker whose scanner fails on whatever holds `CRASH`, with a message that quotes it, as a library's would."""

import os
import sys

from tidegate.cli import worker
from tidegate.domain.secrets.engine import Hit, Scanner

_scan = Scanner.scan


def scan(self: Scanner, data: bytes, path: str = "") -> list[Hit]:
    if b"CRASH" in data:
        raise ValueError(f"cannot read {data!r} of {path}")
    return _scan(self, data, path)


if __name__ == "__main__":
    Scanner.scan = scan  # type: ignore[method-assign]
    ended = worker.entry()
    sys.stderr.flush()
    os._exit(ended)
