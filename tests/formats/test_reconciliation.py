"""`reconciliation.json`: the same bytes for the same tracing, whatever its order, and read back strictly."""

import pytest

from tidegate.errors import FormatError
from tidegate.formats import reconciliation
from tidegate.model.digest import Digest
from tidegate.model.release import ArtifactKind
from tidegate.model.tracing import By, Reconciled, Traced

ROWS = (
    Traced("b.py", 3, By.SOURCE, "src/b.py"),
    Traced("a.py", 2, By.UNEXPLAINED, why="nobody knows", runs=True),
    Traced("c.py", 1, By.SOURCE, "src/c.py"),
)


def done(*traced: Traced, name: str = "x.whl") -> Reconciled:
    return Reconciled(name, Digest.of(b"x"), ArtifactKind.WHEEL, traced)


def test_counts_and_files_are_read_back() -> None:
    text = reconciliation.render("c" * 40, "t" * 40, ("z", "y"), [done(*ROWS)])
    read = reconciliation.parse(text.encode())
    assert (read.commit, read.dirty) == ("c" * 40, ("y", "z"))
    (row,) = read.artifacts
    assert (row.files, row.bytes, row.omitted) == (3, 6, 0)
    assert [(each.by, each.files, each.bytes) for each in row.explained] == [(By.SOURCE, 2, 4), (By.UNEXPLAINED, 1, 2)]
    assert [each.path for each in row.members] == ["a.py", "b.py", "c.py"]


def test_order_changes_nothing() -> None:
    one = reconciliation.render("c", "t", (), [done(*ROWS), done(name="y")])
    assert one == reconciliation.render("c", "t", (), [done(name="y"), done(*ROWS[::-1])])


def test_what_nothing_explains_is_listed_before_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "MAX_LISTED", 1)
    (row,) = reconciliation.parse(reconciliation.render("c", "t", (), [done(*ROWS)]).encode()).artifacts
    assert [each.path for each in row.members] == ["a.py"]
    assert (row.omitted, row.files) == (2, 3)


def test_a_name_that_is_no_unicode_is_written_all_the_same() -> None:
    odd = Traced("a\udcff.py", 1, By.UNEXPLAINED, why="\udcff")
    (row,) = reconciliation.parse(reconciliation.render("c", "t", (), [done(odd)]).encode()).artifacts
    assert row.members[0].path == "a\\udcff.py"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"version": 2}', b'{"version": 1}', b"\xff", b"[" * 10_000])
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        reconciliation.parse(raw)
