"""Every lock format that is read has its row of commands."""

import pytest

from tidegate.domain.locks import commands, sync
from tidegate.domain.locks.commands import ROWS, Way, first_time, row
from tidegate.formats.all_locks import READERS
from tidegate.model.package import Manifest


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: str(reader.FORMAT))
def test_a_format_that_is_read_has_a_row(reader: object) -> None:
    name = getattr(reader, "FORMAT", "")
    assert row(name).format == name


def test_no_format_has_two_rows_and_no_way_is_without_module() -> None:
    assert len({one.format for one in ROWS}) == len(ROWS)
    assert {way for one in ROWS for way in one.ways} <= set(Way)
    assert set(sync._WAYS) == set(Way)


def test_a_command_stands_in_backticks() -> None:
    for one in ROWS:
        for words in (one.again, one.first, one.pin):
            assert words.count("`") % 2 == 0
            assert not words or "`" in words


def test_an_unknown_format_has_an_empty_row() -> None:
    assert row("what.lock") == commands.Row("")


def test_a_manifest_is_told_of_the_tools_that_lock_it() -> None:
    python = first_time(Manifest("pyproject.toml", "pyproject.toml", "PyPI"))
    assert "`uv lock`" in python
    assert "`poetry lock`" in python
    assert first_time(Manifest("Pipfile", "Pipfile", "PyPI")) == "`pipenv lock`, then commit the result"
    assert first_time(Manifest("x", "what", "PyPI")) == ""
