"""Secret scanning: the tree, its history, its messages and the artifacts hold no credential."""

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.domain.secrets import rules
from tidegate.domain.secrets.slices import Piece
from tidegate.errors import UndecidedError
from tidegate.model.evidence import Blind, Coverage, Report
from tidegate.model.release import Release
from tidegate.ports import Span, World
from tidegate.stages import secret_artifacts, secret_tree
from tidegate.stages.secret_findings import Room
from tidegate.stages.secret_history import History
from tidegate.stages.secret_report import Account
from tidegate.stages.secret_scan import Scan
from tidegate.stages.task import Task


def examine(task: Task, world: World) -> Report:
    row = _Row(task, world, Account(Scan.of(task.policy, world, task.inventory.source.commit)))
    for part in (row.tree, row.history):
        try:
            part()
        except UndecidedError as error:
            row.account.blind.append(Blind(error.message, error.hint))
    for release in task.releases:
        row.artifacts(release)
    return row.account.report(world, task.policy)


@dataclass(slots=True)
class _Row:
    task: Task
    world: World
    account: Account
    judged: frozenset[str] = frozenset()
    """Blobs the tree's search has seen."""

    def tree(self) -> None:
        source, told = self.task.inventory.source, self.account.told
        files = self.task.inventory.files
        try:
            leaves = secret_tree.leaves(files, self.world, source.commit)
        except UndecidedError as error:
            # What lies there can be searched all the same.
            self.account.blind.append(Blind(error.message, error.hint))
            leaves = [secret_tree.Leaf(file.path, file.tracked) for file in files if file.mode != secret_tree.SUBMODULE]
        for file in files:
            if file.mode == secret_tree.SUBMODULE:
                told.skipped["submodule"] += 1
                told.tell(rules.SUBMODULE, file.path)
        room = Room(rules.IN_TREE, expected=len(leaves))

        def read(span: range) -> Iterator[tuple[int, Piece]]:
            return secret_tree.pieces(self.world, leaves, span)

        for part in self.account.scan.over(len(leaves), read, "files"):
            room.examined += part.items
            told.take(room, part)
        self.judged = frozenset(leaf.oid for leaf in leaves if leaf.oid and leaf.path not in told.unread)
        self.account.coverage.append(Coverage("files", room.examined, room.expected, detail=self._detail()))

    def _detail(self) -> str:
        source, asked = self.task.inventory.source, self.task.policy.controls.secrets.history
        if asked == "none":
            return "without history, by policy"
        if not source.commit:
            return "without history: there is no commit"
        if asked == "since-base" and source.base in {"", source.commit}:
            return "the tree only: there is no base to compare with"
        return ""

    def history(self) -> None:
        source, asked = self.task.inventory.source, self.task.policy.controls.secrets.history
        told = self.account.told
        if asked == "none" or (not source.commit and asked == "since-base"):
            return
        if not source.commit:
            told.tell(rules.HISTORY, "history", "there is no commit whose history could be searched")
            return
        if source.shallow:
            told.tell(rules.HISTORY, "history", "this is a shallow clone; the history is cut off")
        if asked == "since-base" and source.base in {"", source.commit}:
            return
        span = Span(source.commit, refs=True) if asked == "all" else Span(source.commit, source.base)
        history = History(self.account, self.world, span)
        history.blobs(self.judged)
        history.messages()

    def artifacts(self, release: Release) -> None:
        """What could not be searched of one release blinds that release alone."""
        try:
            coverage = secret_artifacts.search(self.account, self.world, release)
        except UndecidedError as error:
            self.account.blind.append(Blind(error.message, error.hint, release.name))
            return
        if coverage is not None:
            self.account.coverage.append(coverage)
