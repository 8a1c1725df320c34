"""The rows of a commit under way: the stages of the gate, over what the index holds and HEAD does not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.all_stages import Row
from tidegate.cli import wire
from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Coverage, Report
from tidegate.model.inventory import Source
from tidegate.model.release import Release
from tidegate.stages.task import Alone, Task

if TYPE_CHECKING:
    from tidegate.cli.wire import Means
    from tidegate.cli.wire.machine import Staged
    from tidegate.model.inventory import Inventory
    from tidegate.policy.schema import Policy

_NOTHING = {
    Control.LOCKFILES: "no manifest or lockfile is staged",
    Control.CI_TOKENS: "no CI file is staged",
}


def examine(means: "Means", row: Row, policy: "Policy", releases: Sequence[Release]) -> Alone:
    """One row's report. What does not touch a row leaves it with the index looked at, and nothing to find."""
    world = wire.world(means, policy, row.control.value)
    if row.control is Control.SECRETS:
        from tidegate.model.search import Search
        from tidegate.stages.searching import search

        return Alone(Source(world.git.resolve("HEAD") or ""), search(Search(staged=True), policy, world))
    staged = wire.staged(Path(means.root), means.index)
    inventory = _inventory(row.control, staged)
    if inventory is None:
        return Alone(Source(staged.commit), _untouched(row.control))
    task = Task(tuple(releases), inventory, policy, Scope.STAGED)
    report = row.examine(task, replace(world, files=staged.files))
    return Alone(inventory.source, _settled(report, releases))


def _inventory(control: Control, staged: "Staged") -> "Inventory | None":
    if control is Control.LOCKFILES:
        return staged.lock_inventory()
    from tidegate.stages.ci_tokens import SENSED_ONLY, SENSOR_SETTINGS

    return staged.workflow_inventory(SENSED_ONLY | SENSOR_SETTINGS)


def _untouched(control: Control) -> Report:
    return Report(control, coverage=(Coverage("index", 1, 1, detail=_NOTHING[control]),))


def _settled(report: Report, releases: Sequence[Release]) -> Report:
    """A commit that takes away the last of something, or touches one release of two, leaves a row nothing to count."""
    empty = [each for each in report.coverage if not each.examined and not each.expected]
    counted = tuple(each for each in report.coverage if each not in empty)
    covered = {each.release for each in counted if each.examined or each.expected}
    if None in covered:
        return replace(report, coverage=counted)
    missing = [release.name for release in releases if release.name not in covered]
    more = tuple(Coverage("index", 1, 1, name, detail=_NOTHING[report.control]) for name in missing)
    return replace(report, coverage=(*counted, *more))
