"""The bars: what nothing explains comes first, stays visible, and is never hidden by a sum that does not add up."""

import re

import pytest

from support import pictures
from tidegate.formats.reconciliation import Counted, Reconciliation, Row
from tidegate.model.tracing import By, Traced
from tidegate.reporters.picture import explained
from tidegate.reporters.picture.words import share, size


def row(*counts: Counted, files: int | None = None, whole: int | None = None, members: tuple[Traced, ...] = ()) -> Row:
    files = sum(each.files for each in counts) if files is None else files
    whole = sum(each.bytes for each in counts) if whole is None else whole
    return Row("app.whl", "0" * 64, "wheel", files, whole, counts, members)


def told(*rows: Row) -> Reconciliation:
    return Reconciliation(1, "c" * 40, "d" * 40, (), rows)


def test_what_nothing_explains_is_the_first_segment_of_both_bars() -> None:
    drawn = explained.section(told(row(Counted(By.SOURCE, 90, 900), Counted(By.UNEXPLAINED, 10, 100))))
    first, second = (re.findall(r'class="b-([a-z]+)"', bar) for bar in drawn.split('class="bar"')[1:3])
    assert first[:2] == second[:2] == ["unexplained", "source"]


def test_one_odd_byte_among_a_gigabyte_is_still_seen() -> None:
    drawn = explained.bars((Counted(By.UNEXPLAINED, 1, 1), Counted(By.SOURCE, 10**6, 10**9)), "app")
    widths = [float(width) for width in re.findall(r'b-unexplained" x="0.000%" y="0" width="([0-9.]+)%"', drawn)]
    assert len(widths) == 2
    assert all(width >= 0.6 for width in widths)
    assert "not explained &lt; 0.1 %" in drawn


def test_no_bar_is_wider_than_its_place() -> None:
    parts = tuple(Counted(by, 1, 10**number) for number, by in enumerate(explained.ORDER))
    for bar in explained.bars(parts, "app").split('class="bar"')[1:]:
        spans = [tuple(map(float, each)) for each in re.findall(r'x="([0-9.]+)%" y="0" width="([0-9.]+)%"', bar)]
        assert all(left + width <= 100.001 for left, width in spans)
        assert [left for left, _ in spans] == sorted(left for left, _ in spans)


def test_files_a_row_counts_and_says_nothing_of_are_not_explained() -> None:
    counted = explained.counted(row(Counted(By.SOURCE, 5, 50), files=9, whole=70))
    assert counted == (Counted(By.UNEXPLAINED, 4, 20), Counted(By.SOURCE, 5, 50))
    assert explained.unexplained(counted) == 4
    assert "? 4 not explained" in explained.section(told(row(Counted(By.SOURCE, 5, 50), files=9, whole=70)))


def test_counts_below_nothing_do_not_hide_others() -> None:
    counted = explained.counted(row(Counted(By.SOURCE, -5, -50), Counted(By.UNEXPLAINED, 2, 2), files=2, whole=2))
    assert explained.unexplained(counted) == 2


def test_an_artifact_with_nothing_inside_is_not_called_explained() -> None:
    drawn = explained.section(told(row()))
    assert "nothing inside" in drawn
    assert "every file is explained" not in drawn


def test_files_that_run_by_themselves_are_listed_first_and_all_are_counted() -> None:
    odd = tuple(Traced(f"a{number:03}", 1, By.UNEXPLAINED, runs=number == 250) for number in range(300))
    drawn = explained.section(told(row(Counted(By.UNEXPLAINED, 300, 300), members=odd)))
    listed = re.findall(r'<td class="path">(a[0-9]+)', drawn)
    assert listed[0] == "a250"
    assert len(listed) == explained.MAX_FILES
    assert "and 100 more" in drawn
    assert "300 files that nothing explains" in drawn


def test_artifacts_with_something_unexplained_come_first() -> None:
    given = pictures.reconciled(pictures.traced("a.whl", odd=0), pictures.traced("b.whl", odd=1))
    drawn = explained.section(given)
    assert drawn.index("<h3>b.whl") < drawn.index("<h3>a.whl")


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (10_738_860, "10.7 MB"), (999_999, "1 MB")],
)
def test_sizes_are_told_in_three_figures(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "0 %"),
        (0, 5, "0 %"),
        (5, 5, "100 %"),
        (1, 10**6, "< 0.1 %"),
        (10**6 - 1, 10**6, "> 99.9 %"),
        (1, 3, "33 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, words: str) -> None:
    assert share(part, whole) == words
