"""Secret scanning: the tree, its history, its messages and the artifacts hold no credential."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.domain.secrets import engine, rules
from tidegate.domain.secrets.canary import Canary
from tidegate.domain.secrets.engine import MAX_HITS, Hit, Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.domain.secrets.pieces import WHOLE, Opener, Piece
from tidegate.errors import FormatError, UndecidedError
from tidegate.formats import filenames
from tidegate.formats.text import shown, subject
from tidegate.model.control import Control
from tidegate.model.evidence import Blind, Coverage, Report
from tidegate.model.finding import Finding, Place, Rule, found
from tidegate.model.inventory import TreeFile
from tidegate.model.release import Artifact
from tidegate.ports import Blob, World
from tidegate.stages.task import Task

MAX_FINDINGS = 2000
MAX_TARGET = 4096
MAX_SUBJECT = 400

_BY_ID = {rule.id: rule for rule in rules.RULES}


def examine(task: Task, world: World) -> Report:
    search = _Search(task, world)
    for part in (search.tree, search.history, search.artifacts):
        try:
            part()
        except UndecidedError as error:
            search.blind.append(Blind(error.message, error.hint))
    return Report(
        Control.SECRETS,
        coverage=tuple(search.coverage),
        findings=tuple(search.findings),
        blind=tuple(dict.fromkeys(search.blind)),
        rules=rules.RULES,
        notes=search.notes(),
        facts=engine.facts(),
    )


@dataclass(slots=True)
class _Room:
    """One kind of place to search: its rule, its release, and how much of it was read."""

    rule: Rule
    release: str | None = None
    examined: int = 0
    expected: int = 0


@dataclass(slots=True)
class _Search:
    task: Task
    world: World
    findings: list[Finding] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    blind: list[Blind] = field(default_factory=list)
    allowed: int = 0
    _seen: set[tuple[str | None, str, str]] = field(default_factory=set)
    _in_tree: set[str] = field(default_factory=set)
    _counts: dict[str, int] = field(default_factory=dict)
    _keys: Fingerprints = field(default_factory=Fingerprints.derived)
    _scanner: Scanner = field(init=False)
    _canary: Canary = field(init=False)

    def __post_init__(self) -> None:
        self._scanner = Scanner(self._keys)
        self._canary = Canary.of(self.task.inventory.source.commit, self._keys)

    def tree(self) -> None:
        room = _Room(rules.IN_TREE)
        links = {}
        if any(file.mode == "120000" for file in self.task.inventory.files):
            links = {entry.path: entry.oid for entry in self.world.git.tracked()}
        self._scan(room, self._tree_pieces(room, links))
        detail = self._history_detail()
        self.coverage.append(Coverage("files", room.examined, room.expected, detail=detail))

    def _tree_pieces(self, room: _Room, links: dict[str, str]) -> Iterator[Piece]:
        opener = Opener()
        for file in self.task.inventory.files:
            if file.mode == "160000":
                self._report(rules.SUBMODULE, file.path, "")
                continue
            room.expected += 1
            try:
                versions = list(self._versions(file, links))
            except FormatError as error:
                self._unread(file, error)
                continue
            room.examined += 1
            for data in versions:
                yield from opener.file(file.path, data)

    def _versions(self, file: TreeFile, links: dict[str, str]) -> Iterator[bytes]:
        """What lies there, and what the commit holds where that differs."""
        commit = self.task.inventory.source.commit
        if file.mode == "120000":
            yield self._link(file, links)
            return
        committed = self.world.git.read(commit, file.path, WHOLE) if commit and file.tracked and file.changed else None
        if committed is not None:
            yield committed
        if committed is None or self.world.files.size(file.path) is not None:
            yield self.world.files.read(file.path, WHOLE)

    def _link(self, file: TreeFile, links: dict[str, str]) -> bytes:
        target = self.world.git.read(links.get(file.path, ""), "", MAX_TARGET)
        if target is None:
            raise FormatError(f"the target of the link `{file.path}` cannot be read")
        return target

    def _unread(self, file: TreeFile, error: FormatError) -> None:
        rule = rules.UNSCANNED if file.tracked or "is a link" not in error.message else rules.LINK
        self._report(rule, file.path, error.message)

    def _history_detail(self) -> str:
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
        if asked == "none" or (not source.commit and asked == "since-base"):
            return
        if not source.commit:
            self._report(rules.HISTORY, "history", "there is no commit whose history could be searched")
            return
        if source.shallow:
            self._report(rules.HISTORY, "history", "this is a shallow clone; the history is cut off")
        base = source.base if asked == "since-base" else None
        if base in {"", source.commit}:
            return
        self._blobs(base, source.commit)
        self._messages(base, source.commit)

    def _blobs(self, base: str | None, head: str) -> None:
        room = _Room(rules.IN_HISTORY)
        self._scan(room, self._blob_pieces(room, base, head))
        if room.expected:
            commits = self.world.git.commits(base, head)
            detail = "1 commit" if commits == 1 else f"{commits} commits"
            self.coverage.append(Coverage("history files", room.examined, room.expected, detail=detail))

    def _blob_pieces(self, room: _Room, base: str | None, head: str) -> Iterator[Piece]:
        opener = Opener()
        for blob in self.world.git.blobs(base, head, WHOLE):
            room.expected += 1
            if blob.data is None:
                self._unread_blob(blob)
                continue
            room.examined += 1
            yield from opener.file(blob.path, blob.data)

    def _unread_blob(self, blob: Blob) -> None:
        where = blob.path or blob.oid
        if blob.size:
            self._report(rules.UNSCANNED, where, f"`{where}` in the history: {blob.why}")
        else:
            self._report(rules.HISTORY, where, f"`{where}`: {blob.why}")

    def _messages(self, base: str | None, head: str) -> None:
        room = _Room(rules.IN_MESSAGE)
        try:
            self._scan(room, self._message_pieces(room, base, head))
        except FormatError as error:
            room.expected += 1
            self._report(rules.UNSCANNED, "messages", error.message)
        if room.expected:
            self.coverage.append(Coverage("messages", room.examined, room.expected))

    def _message_pieces(self, room: _Room, base: str | None, head: str) -> Iterator[Piece]:
        for message in self.world.git.messages(base, head):
            room.expected += 1
            room.examined += 1
            yield Piece(message.oid, message.data)

    def artifacts(self) -> None:
        for release in self.task.releases:
            room = _Room(rules.IN_ARTIFACT, release.name)
            for artifact in release.artifacts:
                self._scan(room, self._artifact_pieces(room, artifact))
            if release.artifacts:
                self.coverage.append(Coverage("artifact files", room.examined, room.expected, release.name))

    def _artifact_pieces(self, room: _Room, artifact: Artifact) -> Iterator[Piece]:
        opened = False
        try:
            with self.world.taken.open(artifact) as stream:
                for piece in Opener().artifact(artifact.name, artifact.kind, stream, self.world.taken.layers(artifact)):
                    opened = True
                    room.expected += piece.whole
                    room.examined += piece.whole and not piece.fault
                    yield piece
        except FormatError as error:
            room.expected += not opened
            yield Piece(artifact.name, fault=rules.ARTIFACT.id, why=error.message)

    def _scan(self, room: _Room, pieces: Iterator[Piece]) -> None:
        """Scan every piece and, through the same call, the canary; a missed canary blinds the row."""
        for piece in pieces:
            if piece.fault:
                self._report(_BY_ID[piece.fault], piece.path, piece.why, room.release)
                continue
            self._take(room, piece, self._scanner.scan(piece.data))
        if not self._canary.is_in(self._scanner.scan(self._canary.data)):
            self.blind.append(
                Blind("the scanner did not find its own canary", "report this as a bug of tidegate", room.release)
            )

    def _take(self, room: _Room, piece: Piece, hits: list[Hit]) -> None:
        if len(hits) >= MAX_HITS:
            self._report(rules.TOO_MANY, piece.path, "", room.release)
        for hit in hits:
            where = _lasting(piece.path) if room.rule is rules.IN_ARTIFACT else piece.path
            about = f"{subject(where, MAX_SUBJECT)}#{hit.id}#{hit.fingerprint}"
            if room.rule is rules.IN_HISTORY and about in self._in_tree:
                continue
            if room.rule is rules.IN_TREE:
                self._in_tree.add(about)
            place = Place(piece.path, piece.line + hit.line, hit.column, hit.width)
            if self._report(
                room.rule,
                about,
                f"{hit.says} in `{shown(piece.path)}`{piece.note}",
                room.release,
                place,
                hit.fingerprint,
            ):
                self.allowed += hit.allowed

    def _report(
        self,
        rule: Rule,
        about: str,
        message: str,
        release: str | None = None,
        place: Place | None = None,
        fingerprint: str = "",
    ) -> bool:
        """Add a finding once; past the bound of its rule, say once that there are more."""
        if (release, rule.id, about) in self._seen:
            return False
        count = self._counts[rule.id] = self._counts.get(rule.id, 0) + 1
        if count > MAX_FINDINGS:
            if rule is not rules.TOO_MANY:
                self._report(rules.TOO_MANY, rule.id, f"more than {MAX_FINDINGS} findings of `{rule.id}`", release)
            return False
        self._seen.add((release, rule.id, about))
        place = place or Place(about)
        about = about if fingerprint else subject(about, MAX_SUBJECT)
        self.findings.append(found(rule, about, message, place=place, release=release, fingerprint=fingerprint))
        return True

    def notes(self) -> tuple[str, ...]:
        if not self.allowed:
            return ()
        return (f"{self.allowed} of the credentials carry a comment that asks to allow them; they stay findings",)


def _lasting(path: str) -> str:
    """The place in an artifact without the version in its name, so that an exception outlives the next release."""
    artifact, bang, member = path.partition("!/")
    said = filenames.python_file(artifact)
    if said is None:
        return path
    name, version = said
    member = re.sub(rf"^{re.escape(name)}-{re.escape(version)}(?=/)", lambda _: f"{name}-VERSION", member)
    return artifact.replace(f"-{version}", "-VERSION", 1) + bang + member
