"""The rows of a wheel's RECORD, read without believing that they are as few and short as build tools write them."""

import csv
import io
from collections.abc import Iterator

from tidegate.errors import FormatError

MAX_LINE = 16 << 10


def rows(raw: bytes, most: int) -> Iterator[list[str]]:
    """Every row that is not empty (binary distribution format, "RECORD"). FormatError for more than `most` lines."""
    try:
        yield from filter(None, csv.reader(_lines(raw, most)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError("is not readable") from error


def _lines(raw: bytes, most: int) -> Iterator[str]:
    """Bounded one by one: a reader of rows puts lines together and fields apart without any bound."""
    text = io.TextIOWrapper(io.BytesIO(raw), "utf-8", newline="")
    count = 0
    while line := text.readline(MAX_LINE):
        count += 1
        if count > most:
            raise FormatError(f"has more than {most} lines")
        if len(line) == MAX_LINE:
            raise FormatError(f"has a line longer than {MAX_LINE >> 10} KiB")
        yield line
