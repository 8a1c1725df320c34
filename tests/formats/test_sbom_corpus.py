"""CycloneDX's own test documents of every version, JSON and XML, are told apart as their authors meant."""

import json
from pathlib import Path

import pytest

from tidegate.errors import FormatError
from tidegate.formats.sbom.reading import read

DATA = Path(__file__).parents[1] / "data" / "cyclonedx" / "cases.jsonl"
CASES = {case["name"]: case for case in map(json.loads, DATA.read_text(encoding="utf-8").splitlines())}
VALID = sorted(name for name, case in CASES.items() if case["expected"] == "valid")
INVALID = sorted(name for name, case in CASES.items() if case["expected"] == "invalid")
# Upstream's two forms of these say different things.
DIFFERENT = {"1.3/valid-service-1.3", "1.3/valid-dependency-1.3", "1.5/valid-dependency-1.5"}
DIFFERENT |= {
    f"1.4/valid-{name}-1.4" for name in ("license-id", "properties", "metadata-timestamp", "external-reference")
}
DIFFERENT |= {"1.7/valid-metadata-timestamp-1.7"}
PAIRS = sorted({name[:-4] for name in VALID if f"{name[:-4]}.json" in VALID and name.endswith(".xml")} - DIFFERENT)


def test_every_version_is_there() -> None:
    assert {name.partition("/")[0] for name in VALID} == {"1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"}
    assert len(VALID) > 150
    assert len(INVALID) > 120


@pytest.mark.parametrize("name", VALID)
def test_valid_documents_are_read(name: str) -> None:
    assert read(CASES[name]["text"].encode()).format.startswith("CycloneDX 1.")


@pytest.mark.parametrize("name", INVALID)
def test_invalid_documents_are_refused_and_the_fault_is_named(name: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(CASES[name]["text"].encode())
    assert 10 < len(caught.value.message) < 2000


@pytest.mark.parametrize("name", PAIRS)
def test_both_forms_of_a_document_are_read_as_the_same(name: str) -> None:
    assert read(CASES[f"{name}.json"]["text"].encode()) == read(CASES[f"{name}.xml"]["text"].encode())
