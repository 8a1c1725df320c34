"""The search for credentials alone: the question of `tidegate secrets`, answered without an inventory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tidegate.domain.secrets import rules
from tidegate.domain.secrets.slices import Piece
from tidegate.errors import UndecidedError, UserError
from tidegate.model.evidence import Blind, Coverage, Report
from tidegate.model.search import Search as Search
from tidegate.ports import Span, World
from tidegate.stages import secret_tree
from tidegate.stages.secret_blobs import pieces
from tidegate.stages.secret_findings import Room, about_hit
from tidegate.stages.secret_history import History, held
from tidegate.stages.secret_report import Account
from tidegate.stages.secret_scan import Part, Read, Scan, Watch

if TYPE_CHECKING:
    from tidegate.policy.schema import Policy


def search(question: Search, policy: "Policy", world: World, watch: Watch | None = None) -> Report:
    """The report of row 3 for this question alone. Works in a plain folder, too.

    UserError for a name git does not know, and for `staged`, `range` or `history` where there is no git. `watch` sees
    every credential as it is found, value and all, and keeps others from helping.
    """
    in_git = world.git.present()
    if not in_git and (question.staged or question.range or question.history):
        raise UserError("this folder is no git repository, and has neither index nor history", hint="name paths alone")
    commit = (world.git.resolve("HEAD") or "") if in_git else ""
    asked = _Question(question, world, Account(Scan.of(policy, world, commit, watch)), commit)
    try:
        asked.answer()
    except UndecidedError as error:
        asked.account.blind.append(Blind(error.message, error.hint))
    return asked.account.report(world, policy)


@dataclass(slots=True)
class _Question:
    question: Search
    world: World
    account: Account
    commit: str

    def answer(self) -> None:
        if self.question.staged:
            self.staged()
        if self.question.range:
            self.history(self._range())
        if self.question.history:
            self._whole()
            self.history(Span(self.commit, refs=True))
        if not (self.question.staged or self.question.range or self.question.history):
            self.tree()

    def tree(self) -> None:
        leaves, modules = secret_tree.here(self.world, self.question.paths)
        for path in filter(self.wanted, modules):
            self.account.told.skipped["submodule"] += 1
            self.account.told.tell(rules.SUBMODULE, path)
        leaves = [leaf for leaf in leaves if self.wanted(leaf.path)]
        # Whoever names a file or a folder that git ignores wants it searched.
        known = _above([*(leaf.path for leaf in leaves), *modules])
        leaves += secret_tree.below(self.world, [path for path in self.question.paths if path not in known])
        room = Room(rules.IN_TREE, expected=len(leaves))

        def read(span: range) -> Iterator[tuple[int, Piece]]:
            return secret_tree.pieces(self.world, leaves, span)

        self._over(room, len(leaves), read, "files")
        self.account.coverage.append(Coverage("files", room.examined, room.expected))

    def staged(self) -> None:
        """What the index holds of changed paths and their last commit did not."""
        entries = [entry for entry in self.world.git.staged() if self.wanted(entry.path)]
        for entry in entries:
            if entry.mode == secret_tree.SUBMODULE:
                self.account.told.skipped["submodule"] += 1
                self.account.told.tell(rules.SUBMODULE, entry.path)
        blobs = [entry for entry in entries if entry.mode != secret_tree.SUBMODULE]
        room = Room(rules.IN_TREE, expected=len(blobs))

        def read(span: range) -> Iterator[tuple[int, Piece]]:
            some = [(blobs[index].oid, blobs[index].path) for index in span]
            for number, piece in pieces(self.world, some):
                yield span[number], piece

        found = self._over(room, len(blobs), read, "staged files", told=False)
        self._new(room, found)
        if not blobs:  # the index was compared with the commit, and a commit that only deletes adds nothing
            self.account.coverage.append(Coverage("index", 1, 1, detail="nothing is staged"))
            return
        self.account.coverage.append(Coverage("staged files", room.examined, room.expected))

    def _new(self, room: Room, parts: Sequence[Part]) -> None:
        paths = {seen.path.partition("!/")[0] for part in parts for seen in part.seen if seen.hits}
        old = held(self.account.scan, self.world, self.commit, paths) if self.commit and paths else frozenset[str]()
        for seen in (seen for part in parts for seen in part.seen):
            hits = tuple(hit for hit in seen.hits if about_hit(seen, hit) not in old)
            self.account.old += len(seen.hits) - len(hits)
            if hits or seen.fault or seen.more:
                self.account.told.see(room, replace(seen, hits=hits))

    def history(self, span: Span) -> None:
        history = History(self.account, self.world, span)
        history.blobs(frozenset(), self.wanted)
        if not self.question.paths:
            history.messages()

    def _range(self) -> Span:
        base, _, head = self.question.range.partition("..")
        names = (base, head or "HEAD")
        first, last = (self.world.git.resolve(name) for name in names)
        if first is None or last is None or "..." in self.question.range:
            lost = self.question.range if "..." in self.question.range else names[first is not None]
            raise UserError(f"`{lost[:100]}` is no commit of this clone", hint="name a range such as `main..HEAD`")
        return Span(last, first)

    def _whole(self) -> None:
        """A history that is cut off is said."""
        if not self.commit:
            raise UserError("there is no commit whose history could be searched", hint="commit something")
        if self.world.git.source().shallow:
            self.account.told.tell(rules.HISTORY, "history", "this is a shallow clone; the history is cut off")

    def _over(self, room: Room, count: int, read: Read, what: str, *, told: bool = True) -> list[Part]:
        parts = []
        for part in self.account.scan.over(count, read, what):
            room.examined += part.items
            if told:
                self.account.told.take(room, part)
            elif part.seen:
                parts.append(part)
        return parts

    def wanted(self, path: str) -> bool:
        """Is it one of the paths, or below one?"""
        asked = self.question.paths
        return not asked or any(each in (".", path) or path.startswith(f"{each.rstrip('/')}/") for each in asked)


def _above(paths: Iterable[str]) -> frozenset[str]:
    """Paths and all folders they lie in."""
    known: set[str] = set()
    for path in paths:
        while path and path not in known:
            known.add(path)
            path = path.rpartition("/")[0]
    return frozenset(known)
