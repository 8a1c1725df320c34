"""SLSA provenance predicates: required fields are there, and of the right kind."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import slsa
from tidegate.formats.slsa import Provenance, Resource

FULL = Provenance(
    build_type="https://example.com/build",
    builder_id="https://example.com/builder",
    external={"source": {"ref": "refs/heads/main"}},
    internal={"x": 1},
    dependencies=(Resource("git+https://example.com/r", (("gitCommit", "ab" * 20),), "r"),),
    invocation_id="https://example.com/run/1",
    started_on="2026-01-01T00:00:00Z",
    finished_on="2026-01-01T00:01:00Z",
)


def good() -> dict[str, Any]:
    return slsa.build(FULL)


def test_a_predicate_is_read_as_it_was_written() -> None:
    assert slsa.parse(good()) == FULL
    assert slsa.parse(slsa.build(Provenance("t", "b", {}))) == Provenance("t", "b", {})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("buildDefinition",), None),
        (("runDetails",), []),
        (("buildDefinition", "buildType"), ""),
        (("buildDefinition", "buildType"), ["https://example.com/build"]),
        (("buildDefinition", "externalParameters"), None),
        (("buildDefinition", "externalParameters"), []),
        (("buildDefinition", "internalParameters"), "x"),
        (("buildDefinition", "resolvedDependencies"), {}),
        (("buildDefinition", "resolvedDependencies"), "git+https://example.com"),
        (("buildDefinition", "resolvedDependencies"), [1]),
        (("buildDefinition", "resolvedDependencies"), [{"uri": 1}]),
        (("buildDefinition", "resolvedDependencies"), [{"digest": {"sha256": "zz"}}]),
        (("buildDefinition", "resolvedDependencies"), [{}] * 10_001),
        (("runDetails", "builder"), None),
        (("runDetails", "builder"), {}),
        (("runDetails", "builder"), {"id": 7}),
        (("runDetails", "metadata"), []),
        (("runDetails", "metadata"), {"invocationId": {}}),
        (("runDetails", "metadata"), {"invocationId": "a\nb"}),
    ],
)
def test_a_field_of_another_kind_is_refused(path: tuple[str, ...], value: object) -> None:
    predicate = good()
    inner = predicate
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(FormatError):
        slsa.parse(predicate)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["buildDefinition", "runDetails", "x"]), st.none() | st.lists(st.integers()) | st.text()
    )
)
def test_no_predicate_raises_anything_but_a_format_error(predicate: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        slsa.parse(predicate)
