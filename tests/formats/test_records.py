"""Model values come back from JSON as they went, and nothing else comes back at all."""

import importlib
import json
import pkgutil
from dataclasses import dataclass, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidegate import model
from tidegate.errors import FormatError
from tidegate.formats.records import canonical, dump, from_plain, load, to_plain
from tidegate.model.control import Control
from tidegate.model.digest import LENGTHS, Digest
from tidegate.model.evidence import Clause, Coverage, Report
from tidegate.model.finding import Finding, Level
from tidegate.model.inventory import Inventory
from tidegate.model.listing import Listing
from tidegate.model.publication import Answer, Answers, Question
from tidegate.model.release import Artifact
from tidegate.model.vulnerability import Severity
from tidegate.model.workflow import Job

digests = st.sampled_from(sorted(LENGTHS)).flatmap(
    lambda name: st.builds(
        Digest, st.just(name), st.text("0123456789abcdef", min_size=LENGTHS[name], max_size=LENGTHS[name])
    )
)
st.register_type_strategy(Digest, digests)


STAY_INSIDE = (Question, Answer, Answers, Listing)
"""What never leaves its process, and holds what JSON has no form for."""


def _model_classes() -> list[type]:
    found: dict[str, type] = {}
    for module in pkgutil.iter_modules(model.__path__):
        for value in vars(importlib.import_module(f"tidegate.model.{module.name}")).values():
            if isinstance(value, type) and is_dataclass(value):
                found[f"{value.__module__}.{value.__name__}"] = value
    return [value for name, value in sorted(found.items()) if value not in STAY_INSIDE]


@pytest.mark.parametrize("cls", _model_classes(), ids=lambda cls: cls.__name__)
def test_every_model_value_comes_back_as_it_went(cls: type) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
    @given(st.from_type(cls))
    def there_and_back(value: object) -> None:
        text = dump(value)
        assert load(cls, text) == value
        assert dump(load(cls, text)) == text

    there_and_back()


@settings(max_examples=30, deadline=None)
@given(st.from_type(Coverage))
def test_the_same_value_always_gives_the_same_bytes(value: Coverage) -> None:
    plain = to_plain(value)
    assert canonical(plain) == canonical(dict(reversed(plain.items()))) == canonical(value)
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()


COVERAGE: dict[str, Any] = {"what": "files", "examined": 1, "expected": 2, "release": None, "detail": ""}


@pytest.mark.parametrize(
    "change",
    [
        {"what": 1},
        {"what": None},
        {"examined": True},
        {"examined": 1.0},
        {"examined": "1"},
        {"examined": None},
        {"release": 1},
        {"release": []},
        {"surprise": 1},
        {"detail": ["x"]},
    ],
)
def test_a_value_of_the_wrong_type_or_an_unknown_key_is_refused(change: dict[str, object]) -> None:
    assert from_plain(Coverage, COVERAGE) == Coverage("files", 1, 2)
    with pytest.raises(FormatError):
        from_plain(Coverage, {**COVERAGE, **change})


@pytest.mark.parametrize("key", ["what", "examined", "expected"])
def test_a_missing_key_without_default_is_refused_by_name(key: str) -> None:
    with pytest.raises(FormatError, match=f"missing key '{key}'"):
        from_plain(Coverage, {name: value for name, value in COVERAGE.items() if name != key})


def test_a_missing_key_with_default_takes_it() -> None:
    assert from_plain(Coverage, {"what": "files", "examined": 1, "expected": 2}) == Coverage("files", 1, 2)


@pytest.mark.parametrize("plain", [None, [], "x", 1, True])
def test_an_object_is_an_object(plain: object) -> None:
    with pytest.raises(FormatError, match="expected an object"):
        from_plain(Coverage, plain)


@pytest.mark.parametrize("proven", [1, 0, "true", None])
def test_a_truth_is_true_or_false(proven: object) -> None:
    plain = to_plain(Clause("a", "time", "x", "env", False))
    with pytest.raises(FormatError, match=r"\$\.proven"):
        from_plain(Clause, {**plain, "proven": proven})


@pytest.mark.parametrize("level", ["FAIL", "", 1, None, ["fail"], {"fail": 1}, True])
def test_a_word_of_an_enumeration_is_one_of_its_words(level: object) -> None:
    plain = to_plain(Finding("r", Level.FAIL, "a", "m"))
    with pytest.raises(FormatError, match=r"\$\.level: not a Level"):
        from_plain(Finding, {**plain, "level": level})


@pytest.mark.parametrize("severity", [True, False, 3.0, "3", 9, [3]])
def test_a_number_of_an_enumeration_is_one_of_its_numbers(severity: object) -> None:
    plain = to_plain(Finding("r", Level.FAIL, "a", "m", severity=Severity.HIGH))
    assert plain["severity"] == 3
    with pytest.raises(FormatError, match=r"\$\.severity: not a Severity"):
        from_plain(Finding, {**plain, "severity": severity})


@pytest.mark.parametrize("facts", [[["a"]], [["a", "b", "c"]], [["a", 1]], ["ab"], "ab", {"a": "b"}, [None]])
def test_a_pair_is_a_pair(facts: object) -> None:
    plain = to_plain(Report(Control.SBOM, (), facts=(("a", "b"),)))
    assert from_plain(Report, plain).facts == (("a", "b"),)
    with pytest.raises(FormatError):
        from_plain(Report, {**plain, "facts": facts})


def test_absent_and_empty_permissions_stay_apart() -> None:
    for permissions in (None, (), (("contents", "read"),)):
        assert load(Job, dump(Job("a", permissions))).permissions == permissions


@pytest.mark.parametrize("value", ["0" * 63, "0" * 65, "G" * 64, "A" * 64, ""])
def test_a_digest_that_is_none_is_refused(value: str) -> None:
    plain = {"name": "a", "path": "a", "digest": {"algorithm": "sha256", "value": value}, "size": 1, "kind": "file"}
    with pytest.raises(FormatError, match=r"\$\.digest"):
        from_plain(Artifact, plain)


@dataclass(frozen=True, slots=True)
class _Odd:
    """Shapes the model does not use today."""

    names: frozenset[str] = frozenset()
    at: datetime | None = None
    day: date | None = None
    share: float = 0.0


def test_sets_times_and_fractions_come_back() -> None:
    value = _Odd(frozenset("hgfedcba"), datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC), date(2026, 11, 24), 0.5)
    assert to_plain(value)["names"] == list("abcdefgh")
    assert load(_Odd, dump(value)) == value
    assert load(_Odd, '{"share": 1}').share == 1.0


@dataclass(frozen=True, slots=True)
class _Unclear:
    either: int | str


@pytest.mark.parametrize("either", [1, "1", None])
def test_a_type_that_could_be_two_things_is_refused(either: object) -> None:
    with pytest.raises(FormatError, match="ambiguous"):
        from_plain(_Unclear, {"either": either})


@pytest.mark.parametrize(
    "change",
    [{"at": "yesterday"}, {"at": 1}, {"day": "2026-13-01"}, {"day": "2026-11-24T00:00:00"}, {"day": 20261124},
     {"share": "1"}, {"share": True}, {"share": None}, {"names": "ab"}, {"names": [1]}, {"names": {"a": 1}}],
)  # fmt: skip
def test_dates_and_fractions_are_checked(change: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        from_plain(_Odd, change)


@pytest.mark.parametrize(
    "text", ["", "{", "[1", '{"a":}', "[" * 100_000, "9" * 5000, b"\xff", b"\xff\xfe\x00", "nul", "\0"]
)
def test_what_is_not_json_is_a_format_error(text: str | bytes) -> None:
    with pytest.raises(FormatError):
        load(Coverage, text)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["source", "files", "path", "size", "locks", "x"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_value_or_a_format_error(plain: object) -> None:
    try:
        value = from_plain(Inventory, plain)
    except FormatError:
        return
    assert isinstance(value, Inventory)


def test_the_place_of_the_fault_is_named() -> None:
    plain = {"control": "sbom", "coverage": [COVERAGE, {**COVERAGE, "expected": "2"}]}
    with pytest.raises(FormatError, match=r"\$\.coverage\[1\]\.expected: expected int, found str"):
        load(Report, json.dumps(plain))


@pytest.mark.parametrize("value", [object(), b"bytes", 1j, Coverage])
def test_what_has_no_json_form_is_a_bug_of_ours(value: object) -> None:
    with pytest.raises(TypeError, match="no JSON form"):
        to_plain(value)
