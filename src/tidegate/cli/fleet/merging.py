"""The folders of several shards told as one: each repository of the list once, and none left out unseen."""

from collections.abc import Sequence
from pathlib import Path

from tidegate.cli.fleet import folder
from tidegate.errors import UserError
from tidegate.model.exit_code import ExitCode
from tidegate.model.fleet import Examined, Fleet, ordered


def merged(folders: Sequence[Path]) -> tuple[Fleet, tuple[Examined, ...]]:
    """Raises UserError for folders of different fleets, and for two different results of one repository."""
    first = folder.fleet(folders[0])
    found: dict[str, Examined] = {}
    for each in folders:
        fleet = folder.fleet(each)
        if fleet != first:
            what = "policy" if fleet.policy != first.policy else "list or question"
            raise UserError(f"`{each}` is of another {what} than `{folders[0]}`", hint="merge the shards of one run")
        for result in folder.results(each):
            _belongs(result, first, each)
            if found.setdefault(result.name, result) != result:
                raise UserError(f"two folders judge `{result.name}` differently", hint="remove the older result")
    missing = [name for name in first.names if name not in found]
    return first, ordered((*found.values(), *(_missing(name, first) for name in missing)))


def _belongs(result: Examined, fleet: Fleet, at: Path) -> None:
    if result.policy != fleet.policy or result.question != fleet.question:
        raise UserError(f"`{at}`: `{result.name}` was judged by another policy", hint="run the shard again")
    if result.name not in fleet.names:
        raise UserError(f"`{at}`: `{result.name}` is not in the list", hint="remove its result, or run the shard again")


def _missing(name: str, fleet: Fleet) -> Examined:
    return Examined(
        name=name,
        address="",
        ref="",
        commit="",
        policy=fleet.policy,
        question=fleet.question,
        day="",
        exit_code=ExitCode.UNDECIDED,
        why="there is no result of it",
        hint="run its shard",
    )
