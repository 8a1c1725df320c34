"""The CI dialects tidegate reads, one row each."""

from collections.abc import Callable
from dataclasses import dataclass

from tidegate.formats.workflows import github
from tidegate.model.workflow import Workflow


@dataclass(frozen=True, slots=True)
class WorkflowReader:
    """`matches` says whether a path is this dialect's; `parse` raises FormatError, and reads at most `limit` bytes."""

    name: str
    matches: Callable[[str], bool]
    parse: Callable[[str, bytes], Workflow]
    limit: int


READERS = (WorkflowReader("github", github.matches, github.parse, github.LIMIT),)


def reader_for(path: str) -> WorkflowReader | None:
    """The reader of a path relative to the repository, None when it is no CI file of a known dialect."""
    return next((reader for reader in READERS if reader.matches(path)), None)
