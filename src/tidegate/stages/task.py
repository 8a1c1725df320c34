"""What a stage is asked to look at, and what a worker answers that looked at one row by itself."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.model.control import Scope
from tidegate.model.evidence import Report
from tidegate.model.inventory import Inventory, Source
from tidegate.model.release import Release

if TYPE_CHECKING:  # a worker of act 1 reads its policy without importing what checks it (see `policy.lean`)
    from tidegate.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Task:
    """One stage's question: these releases, this inventory, this policy, in this scope."""

    releases: tuple[Release, ...]
    inventory: Inventory
    policy: "Policy"
    scope: Scope
    produced: tuple[str, ...] = field(default=())
    """Names of evidence files written before this act, in `World.evidence`."""


@dataclass(frozen=True, slots=True)
class Alone:
    """The answer of a worker that read the inventory and examined its one row: `source` is what it looked at."""

    source: Source
    report: Report
