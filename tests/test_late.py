"""A class whose methods are written late is the standard library's in everything but the time it takes to make."""

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace

import pytest

from tidegate.late import dataclass


def late_and_standard(**switches: bool) -> tuple[type, type]:
    def of(decorator: object) -> type:
        class Thing:
            name: str
            size: int = 3
            tags: list[str] = field(default_factory=list)
            hidden: str = field(default="h", repr=False, compare=False)

        made: type = decorator(**switches)(Thing)  # type: ignore[operator]
        return made

    return of(dataclass), of(dataclasses.dataclass)


SWITCHES = [
    {"frozen": True, "slots": True},
    {"slots": True},
    {"frozen": True},
    {"frozen": True, "slots": True, "order": True},
    {},
]


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("x is not negative")


@dataclass(frozen=True, slots=True)
class Named(Point):
    name: str = ""

    def __repr__(self) -> str:
        return f"<{self.name}>"


@dataclass(slots=True)
class Open:
    items: list[int] = field(default_factory=list)


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_making_showing_and_comparing_are_the_same(switches: dict[str, bool]) -> None:
    made = [(kind("a"), kind("a", 3, [], "other"), kind(name="b", size=1)) for kind in late_and_standard(**switches)]
    (late, same, other), (real, _, _) = made
    assert repr(late) == repr(real)
    assert late == same
    assert late != other
    assert late != real
    assert late.tags is not same.tags
    assert [f.name for f in fields(late)] == [f.name for f in fields(real)]
    assert type(late).__match_args__ == type(real).__match_args__
    assert hasattr(late, "__dict__") == hasattr(real, "__dict__")


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
@pytest.mark.parametrize("words", [(), ("a", 1, [], "h", "more")])
def test_wrong_arguments_are_refused_in_the_same_words(switches: dict[str, bool], words: tuple[object, ...]) -> None:
    said = []
    for kind in late_and_standard(**switches):
        with pytest.raises(TypeError) as caught:
            kind(*words)
        said.append(str(caught.value).rpartition(".")[2])
    assert said[0] == said[1]


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_order_is_there_when_it_was_asked_for(switches: dict[str, bool]) -> None:
    for kind in late_and_standard(**switches):
        small, large = kind("a"), kind("b")
        if switches.get("order"):
            assert small < large
            assert small <= large
            assert not small > large
            assert not small >= large
        else:
            with pytest.raises(TypeError):
                assert small < large


def test_what_is_frozen_is_hashed_and_not_changed() -> None:
    point = Point(1)
    assert hash(point) == hash(Point(1, 0)) == hash((1, 0))
    assert {point: "seen"}[Point(1)] == "seen"
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        point.z = 2  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    assert replace(point, y=5) == Point(1, 5)


def test_what_is_not_frozen_changes_and_has_no_hash() -> None:
    thing = Open()
    thing.items = [1]
    assert thing == Open([1])
    with pytest.raises(TypeError):
        hash(thing)


def test_what_is_checked_at_the_end_of_making_is_checked_every_time() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="not negative"):
            Point(-1)
    with pytest.raises(ValueError, match="not negative"):
        Named(-1)
    with pytest.raises(ValueError, match="not negative"):
        replace(Point(1), x=-1)


def test_a_class_has_its_own_methods_and_inherits_fields() -> None:
    assert repr(Named(1, 2, "n")) == "<n>"
    assert repr(Point(1, 2)) == "Point(x=1, y=2)"
    assert Named(1, 2, "n") != Point(1, 2)
    assert [f.name for f in fields(Named)] == ["x", "y", "name"]


def test_copies_are_equal_in_this_process_and_another() -> None:
    for thing in (Point(1), Named(1, 2, "n"), Open([1])):
        assert copy.copy(thing) == copy.deepcopy(thing) == pickle.loads(pickle.dumps(thing)) == thing


def test_a_signature_is_the_real_one_before_anything_was_made() -> None:
    late, standard = (inspect.signature(kind).parameters.values() for kind in late_and_standard(frozen=True))
    assert [(each.name, each.annotation) for each in late] == [(each.name, each.annotation) for each in standard]
    assert [each.default is each.empty for each in late] == [each.default is each.empty for each in standard]


def test_patterns_match_by_place() -> None:
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_importing_the_shared_words_writes_no_method() -> None:
    code = (
        "import dataclasses\n"
        "made = []\n"
        "dataclasses.make_dataclass = lambda *a, **k: made.append(a)\n"
        "import tidegate.ports, tidegate.model.verdict, tidegate.model.publication\n"
        "assert not made\n"
        "kinds = [k for m in (tidegate.ports, tidegate.model.verdict) for k in vars(m).values()\n"
        "         if dataclasses.is_dataclass(k)]\n"
        "assert len(kinds) > 20\n"
        "assert all(type(vars(k)['__init__']).__name__ == '_Later' for k in kinds), kinds\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert is_dataclass(Point)
