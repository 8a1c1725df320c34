"""Records as people keep them besides the export: one YAML or JSON document each, or all in one JSON array."""

import json
from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats import strict_json, yaml_documents
from tidegate.formats.osv import MAX_RECORD

RECORDS = (".json", ".yaml", ".yml")
MAX_LIST = 512 * 2**20


def as_json(name: str, raw: bytes) -> bytes:
    """The bytes of a record as JSON. Raises ValueError for YAML that cannot be read."""
    if name.endswith(".json"):
        return raw
    try:
        value = yaml_documents.load(raw, limit=MAX_RECORD, what="it").value
    except FormatError as error:
        raise ValueError(f"`{name[:80]}`: {error.message}") from None
    return _bytes(value)


def listed(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """(name, record) of every item of a JSON array. Raises ValueError."""
    try:
        items = strict_json.loads(raw, limit=MAX_LIST, what="it")
    except FormatError as error:
        raise ValueError(error.message) from None
    if not isinstance(items, list):
        raise ValueError("it is not a JSON array")
    for number, item in enumerate(items):
        yield f"[{number}]", _bytes(item)


def _bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
