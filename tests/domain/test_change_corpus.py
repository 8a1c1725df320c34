"""Lockfiles before and after real commits of bots: what the commit says it changed is what is reported."""

from pathlib import Path

import pytest

from tidegate.domain.changes.check import check
from tidegate.domain.changes.pairing import compare
from tidegate.domain.matching.versions import order_of
from tidegate.formats.locks import table
from tidegate.model.package import LockFile

DATA = Path(__file__).parents[1] / "data" / "review"
CASES = [
    ("pinned/base.txt", "pinned/head.txt", "requirements/pinned.txt", ["upgraded charset-normalizer 3.3.2 -> 3.4.0"]),
    ("gemfile/base.lock", "gemfile/head.lock", "Gemfile.lock", ["upgraded rubocop 1.88.2 -> 1.89.0"]),
]


def read(name: str, path: str) -> LockFile:
    reader = table.reader_for(path)
    assert reader is not None
    return table.read(reader, path, (DATA / name).read_bytes(), lambda _: None)


@pytest.mark.parametrize(("before", "after", "path", "said"), CASES)
def test_what_a_bot_says_it_changed_is_reported_and_nothing_else(
    before: str, after: str, path: str, said: list[str]
) -> None:
    old, new = read(before, path), read(after, path)
    changes = compare(old.packages, new.packages, path, order_of)
    assert [str(change) for change in changes] == said
    assert list(check(changes)) == []
    assert compare(new.packages, new.packages, path, order_of) == ()
    assert [change.kind.value for change in compare(new.packages, old.packages, path, order_of)] == ["downgraded"]
