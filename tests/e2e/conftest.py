"""One release for every end-to-end test that only reads it."""

from collections.abc import Iterator

import pytest

from support.shipped import Shipped
from support.shipped import shipped as ship


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with ship(tmp_path_factory.mktemp("shipped")) as release:
        yield release
