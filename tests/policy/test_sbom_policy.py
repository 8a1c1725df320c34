"""What a policy may ask of SBOMs: known formats, a file only where one is judged, an author who can be reached."""

from typing import Any

import pytest
from pydantic import ValidationError

from tidegate.policy.controls import SBOMRules


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"formats": ["spdx-json", "cyclonedx-xml"], "spec": "1.7"},
        {"source": "file", "file": "made/{release}.cdx.json"},
        {"author": {"name": "Acme"}},
        {"author": {"name": "Acme", "email": "sbom@acme.example", "url": "https://acme.example/sbom"}},
    ],
)
def test_sensible_rules_are_accepted(rules: dict[str, Any]) -> None:
    SBOMRules.model_validate(rules)


@pytest.mark.parametrize(
    "rules",
    [
        {"formats": []},
        {"formats": ["spdx"]},
        {"spec": "1.5"},
        {"source": "file"},
        {"file": "sbom.json"},
        {"source": "file", "file": "../sbom.json"},
        {"author": {}},
        {"author": {"name": ""}},
        {"author": {"name": "Acme", "email": "nobody"}},
        {"author": {"name": "Acme", "url": "javascript:alert(1)"}},
        {"author": {"name": "Acme", "phone": "1"}},
    ],
)
def test_rules_that_say_nothing_or_two_things_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SBOMRules.model_validate(rules)
