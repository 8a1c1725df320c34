"""Where the CycloneDX schemas of the installed library let a `bom-ref` stand: what is passed over holds none."""

from collections.abc import Iterator
from typing import Any

import pytest

from tidegate.formats.sbom.validation import _BARE, _schema


def _holds_a_ref(node: Any, definitions: dict[str, Any], seen: set[str]) -> bool:
    """Does a part of a schema, or what it names, give its objects a `bom-ref`?"""
    if isinstance(node, list):
        return any(_holds_a_ref(each, definitions, seen) for each in node)
    if not isinstance(node, dict):
        return False
    name = str(node.get("$ref", "")).rpartition("#/definitions/")[2]
    if name in definitions and name not in seen:
        seen.add(name)
        if _holds_a_ref(definitions[name], definitions, seen):
            return True
    return "bom-ref" in node.get("properties", ()) or any(
        _holds_a_ref(each, definitions, seen) for each in node.values()
    )


def _given(node: Any, key: str) -> Iterator[Any]:
    """Every place of a schema that says what stands under a key."""
    if isinstance(node, dict):
        fields = node.get("properties")
        if isinstance(fields, dict) and key in fields:
            yield fields[key]
        for each in node.values():
            yield from _given(each, key)
    elif isinstance(node, list):
        for each in node:
            yield from _given(each, key)


@pytest.mark.parametrize("version", ["1.2-strict", "1.3-strict", "1.4", "1.5", "1.6", "1.7"])
def test_no_schema_lets_a_ref_stand_where_none_is_looked_for(version: str) -> None:
    schema = _schema(f"bom-{version}.SNAPSHOT.schema.json")
    definitions: Any = schema["definitions"]
    assert _holds_a_ref(list(_given(schema, "components")), definitions, set())
    for key in _BARE:
        assert not _holds_a_ref(list(_given(schema, key)), definitions, set()), key
