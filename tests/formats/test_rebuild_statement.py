"""A rebuild's statement says one thing only: what does not follow from its own digests is refused."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sealed import lines, raw_bundle
from tidegate.errors import FormatError
from tidegate.formats import intoto, rebuild
from tidegate.formats.rebuild import Cause, Difference, Rebuild, Rebuilt, Result
from tidegate.model.digest import Digest

ONE, TWO, THREE = Digest.of(b"one"), Digest.of(b"two"), Digest.of(b"three")
SAME = Rebuilt("a.whl", ONE, Result.REPRODUCED, ONE)
OTHER = Rebuilt("a.tar.gz", TWO, Result.DIFFERENT, THREE, (Difference("a/b", (Cause.TIMESTAMP, Cause.OWNER)),), 2)
GONE = Rebuilt("a.zip", THREE, Result.MISSING)
MADE = Rebuild(
    commit="1f" * 20,
    tree="2e" * 20,
    command=("python", "-m", "build"),
    epoch=1700000000,
    artifacts=(SAME, OTHER, GONE),
    time=datetime(2026, 5, 1, 12, 0, tzinfo=UTC),
    tool="tidegate 1",
    python="3.11.7",
    platform="linux x86_64",
    extra=("more.txt",),
)


def plain() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(rebuild.build(MADE))
    return read


def read(changed: dict[str, Any]) -> Rebuild:
    return rebuild.read(intoto.parse(json.dumps(changed).encode()))


def test_what_is_written_is_read_back_and_written_the_same() -> None:
    assert read(plain()) == MADE
    assert rebuild.build(read(plain())) == rebuild.build(MADE)
    assert {subject["name"] for subject in plain()["subject"]} == {"a.whl", "a.tar.gz", "a.zip"}


def test_only_a_rebuild_of_every_artifact_counts_as_reproduced() -> None:
    assert not MADE.reproduced
    assert replace(MADE, artifacts=(SAME,)).reproduced
    assert not replace(MADE, artifacts=()).reproduced


def test_a_file_is_known_by_name_and_digest_together() -> None:
    assert MADE.about("a.whl", ONE) == SAME
    assert MADE.about("a.whl", TWO) is None
    assert MADE.about("b.whl", ONE) is None


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Set what lies at the path's end (its last word is the value)."""
    *way, last, value = path

    def change(document: dict[str, Any]) -> None:
        here: Any = document
        for step in way:
            here = here[step]
        here[last] = value

    return change


P, A = "predicate", "artifacts"
TAMPERED: dict[str, Callable[[dict[str, Any]], None]] = {
    "another type": _set("predicateType", "https://tidegate.dev/rebuild/v2"),
    "different bytes called reproduced": _set(P, A, 0, "rebuilt", "sha256", "00" * 32),
    "the same bytes called different": _set(P, A, 1, "rebuilt", "sha256", TWO.value),
    "a missing one with bytes": _set(P, A, 2, "rebuilt", {"sha256": "00" * 32}),
    "reproduced without a digest": lambda d: d[P][A][0].pop("rebuilt"),
    "reproduced with differences": _set(P, A, 0, "differences", []),
    "a subject's digest": _set("subject", 0, "digest", "sha256", "00" * 32),
    "a subject's name": _set("subject", 0, "name", "b.whl"),
    "a subject more": lambda d: d["subject"].append({"name": "b.whl", "digest": {"sha256": "00" * 32}}),
    "a subject less": lambda d: d["subject"].pop(),
    "a subject twice": lambda d: d["subject"].append(copy.deepcopy(d["subject"][0])),
    "an artifact less": lambda d: d[P][A].pop(),
    "an artifact twice": lambda d: d[P][A].append(copy.deepcopy(d[P][A][0])),
    "artifacts no list": _set(P, A, {}),
    "an artifact no object": _set(P, A, 0, "a.whl"),
    "an unknown result": _set(P, A, 0, "result", "fine"),
    "a result of another type": _set(P, A, 0, "result", 1),
    "an unknown cause": _set(P, A, 1, "differences", 0, "causes", ["magic"]),
    "no cause": _set(P, A, 1, "differences", 0, "causes", []),
    "a cause twice": _set(P, A, 1, "differences", 0, "causes", ["owner", "owner"]),
    "a member with a control": _set(P, A, 1, "differences", 0, "member", "a\nb"),
    "too many differences": _set(P, A, 1, "differences", [{"member": "a", "causes": ["owner"]}] * 101),
    "a count below nothing": _set(P, A, 1, "more", -1),
    "a count that is a truth": _set(P, A, 1, "more", True),
    "an unknown field": _set(P, "note", "x"),
    "an unknown field of an artifact": _set(P, A, 0, "note", "x"),
    "a field less": lambda d: d[P].pop("extra"),
    "no commit": _set(P, "source", "digest", "gitCommit", ""),
    "a commit that is a name": _set(P, "source", "digest", "gitCommit", "main"),
    "a tree that is none": _set(P, "source", "digest", "gitTree", "2e" * 19),
    "an empty command": _set(P, "build", "command", []),
    "a shell's line": _set(P, "build", "command", "python -m build"),
    "a command of numbers": _set(P, "build", "command", [1]),
    "a negative time": _set(P, "build", "sourceDateEpoch", -1),
    "a time that is a text": _set(P, "build", "sourceDateEpoch", "1700000000"),
    "a time without a zone": _set(P, "rebuiltAt", "2026-05-01T12:00:00"),
    "an odd platform": _set(P, "environment", "platform", "linux\x1b[31m"),
    "an extra output that is none": _set(P, "extra", [""]),
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED.keys())
def test_a_tampered_statement_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    document = plain()
    change(document)
    assert document != plain()
    with pytest.raises(FormatError):
        read(document)


def test_a_statement_that_could_not_be_read_is_never_written() -> None:
    for broken in (replace(MADE, commit="main"), replace(MADE, artifacts=(SAME, SAME)), replace(MADE, command=())):
        with pytest.raises(FormatError):
            rebuild.build(broken)


def test_two_odd_names_are_spelt_apart_and_printable() -> None:
    names = ["a\nb", "a\\x0ab", "x" * 500, "x" * 501, "\udc80", "plain"]
    spelt = [rebuild.spelt(name) for name in names]
    assert len(set(spelt)) == len(names)
    assert all(name.isprintable() and name for name in spelt)
    assert spelt[-1] == "plain"


def test_a_bundle_says_whether_it_claims_to_be_a_rebuild() -> None:
    assert rebuild.is_rebuild(lines([raw_bundle(rebuild.build(MADE))]))
    for raw in (b"", b"{}", lines([raw_bundle(b"{}")]), rebuild.build(MADE)):
        assert not rebuild.is_rebuild(raw)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("00" * 32),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["source", "build", "artifacts", "extra", "environment", "tool", "rebuiltAt"]), _JSON)
def test_whatever_stands_in_a_field_it_is_read_or_refused(name: str, value: object) -> None:
    document = plain()
    document["predicate"][name] = value
    try:
        made = rebuild.read(intoto.parse(json.dumps(document).encode("utf-8", "surrogatepass")))
    except FormatError:
        return
    assert rebuild.read(intoto.parse(rebuild.build(made))) == made
