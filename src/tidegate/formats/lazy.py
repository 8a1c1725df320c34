"""A reader that is imported when the first path that may be its own is met.

Importing every reader takes longer than a quick look at one row does otherwise.
"""

from functools import cached_property
from importlib import import_module
from typing import Any


class Lazy:
    """The module `name` of `tidegate.formats`; the name of every file it reads holds one of `words`, in any case.

    The words only say whom to ask: whether a path is read, the module itself decides.
    """

    def __init__(self, name: str, *words: str) -> None:
        self.name = name
        self._words = words

    def matches(self, path: str) -> bool:
        file = path.rpartition("/")[2].lower()
        for word in self._words:
            if word in file:
                return bool(self.module.matches(path))
        return False

    @cached_property
    def module(self) -> Any:
        return import_module(f"tidegate.formats.{self.name}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)
