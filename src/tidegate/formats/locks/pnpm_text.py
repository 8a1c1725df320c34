"""pnpm-lock.yaml as plain data: read line by line where its writer's own subset is kept, else by the YAML reader."""

import re

from tidegate.errors import FormatError
from tidegate.formats import yaml_documents
from tidegate.formats.locks import indented, pins
from tidegate.formats.locks.indented import Lines, Value
from tidegate.formats.text import decode

_WORDS = frozenset({"~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"})
_NUMERIC = frozenset("0123456789.+-")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]")


def read(raw: bytes, what: str) -> Lines:
    """A mapping, and the lines of its two upper levels. Raises FormatError."""
    decode(raw, limit=pins.LIMIT, what=what)
    text = yaml_documents.checked(raw, pins.LIMIT, what)
    try:
        return indented.read(text, _scalar)
    except indented.Unknown:
        pass
    document = yaml_documents.load(raw, limit=pins.LIMIT, what=what)
    if not isinstance(document.value, dict):
        raise FormatError(f"{what} is not a table")
    value: dict[str, Value] = {**document.value}
    lines: dict[tuple[str, ...], int] = {
        tuple(map(str, path)): mark[0] for path, mark in document.marks.items() if 0 < len(path) < 3
    }
    return Lines(value, lines)


def _scalar(text: str) -> Value:
    """A plain scalar in YAML's core schema; most are texts at first sight."""
    if text[0] in _NUMERIC:
        return text if _VERSION.match(text) else yaml_documents.resolve(text)
    return yaml_documents.resolve(text) if text in _WORDS else text
