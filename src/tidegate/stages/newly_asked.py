"""Part of row 2: the names of packages a change newly asks for, by the policy's lists or the shipped ones."""

from collections.abc import Iterator, Sequence

from tidegate.domain.changes import names, well_known
from tidegate.domain.changes.asked import Asked
from tidegate.domain.changes.change import Change
from tidegate.domain.changes.cooldown import Cooldown
from tidegate.formats.own_names import OwnNames
from tidegate.model.finding import Finding
from tidegate.stages.task import Task


def check(task: Task, changes: Sequence[Change], cooldown: Cooldown) -> Iterator[Finding]:
    """Findings of no release yet; their place says in which lockfile."""
    controls, files = task.policy.controls, task.policy.files
    popular = controls.dependencies.review.popular
    asked = Asked.of(task.inventory.locks, task.inventory.manifests)
    scene = names.Scene(
        cooldown,
        {ecosystem: well_known.named(ecosystem, files[path]) for ecosystem, path in popular.items()},
        OwnNames.of(controls.lockfiles.internal).holds,
    )
    yield from names.check([change for change in changes if asked.newly(change)], scene)
