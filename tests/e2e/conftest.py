"""One release for every end-to-end test that only reads it, and a branch of its own for each that changes something."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.shipped import Shipped
from support.shipped import shipped as ship
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import Sample


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with ship(tmp_path_factory.mktemp("shipped")) as release:
        yield release


@pytest.fixture
def change(tmp_path: Path) -> Sample:
    """A repository with `main` and a branch `change`, checked out."""
    made = Sample(tmp_path / "r")
    made.commit("base")
    sample.git(made.root, "checkout", "--quiet", "-b", "change")
    return made
