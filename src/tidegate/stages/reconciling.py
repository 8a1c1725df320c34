"""The files of every artifact, traced to the source commit: what row 6 reads for it, and what it tells."""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from tidegate.domain.reconcile import check, components, places
from tidegate.domain.reconcile.components import Locks
from tidegate.domain.reconcile.generated import Making
from tidegate.domain.reconcile.plan import Blobs, Kept, Plan, compared, limit_of, plan
from tidegate.domain.reconcile.trace import POINTER, Declared, Known, trace
from tidegate.domain.reconcile.tree import MAX_LINKS, Held, Tree
from tidegate.domain.sbom.build import Parts, own
from tidegate.errors import FormatError, UndecidedError
from tidegate.formats import archives, reconciliation
from tidegate.formats.sbom_model import Bom
from tidegate.formats.text import shown
from tidegate.model.evidence import Blind, Coverage, Produced
from tidegate.model.finding import Finding
from tidegate.model.inventory import Content, Member, Source
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.model.tracing import By, Reconciled, counted
from tidegate.ports import World
from tidegate.stages.task import Task

MAX_BLOB = 256 << 20
MAX_ALL_KEPT = 256 << 20
_HEAD = 64
_MODULES = 100
_WORDS = {
    By.MOVED: "moved in the source",
    By.CONVERTED: "source with harmless changes",
    By.COMPONENT: "of locked packages",
}


@dataclass(slots=True)
class Told:
    """What reconciliation adds to the report of row 6."""

    coverage: list[Coverage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    produced: list[Produced] = field(default_factory=list)
    blind: list[Blind] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Commit:
    """The commit, read once, and those of its contents that were compared so far."""

    world: World
    tree: Tree
    blobs: Blobs = field(default_factory=Blobs)
    looked: set[str] = field(default_factory=set)

    def read(self, oids: Iterable[str], *, keep: bool = False) -> None:
        """Digest these blobs, each once; `keep` says that their bytes are needed as well."""
        wanted = sorted(set(oids) - (self.looked if keep else self.looked | self.blobs.sums.keys()))
        if keep:
            self.looked.update(wanted)
        if wanted:
            for blob in self.world.git.contents(wanted, MAX_BLOB):
                if blob.data is not None:
                    self.blobs.take(blob.oid, blob.data, keep=keep)


def reconcile(task: Task, world: World, made_of: Sequence[Parts], boms: Sequence[Bom | None]) -> Told:
    """Every release of the task; `made_of` are their parts and `boms` their SBOMs, in the same order."""
    told = Told()
    rules = task.policy.controls.sbom
    source = task.inventory.source
    if rules.source == "file":
        for parts, bom in zip(made_of, boms, strict=True):
            told.findings += _unsupported(parts, bom)
    if rules.explain == "off":
        told.notes.append("files of artifacts are not traced to the source: the policy says `explain: off`")
        return told
    declared = Declared.of([rule.path for rule in rules.generated])
    benches = [check.Bench(parts.release.name, rules.explain == "fail", frozenset(source.dirty)) for parts in made_of]
    try:
        commit = _commit(world, source) if source.commit and any(parts.contents for parts in made_of) else None
        done = [
            list(_release(world, parts, bench, commit, declared, told))
            for parts, bench in zip(made_of, benches, strict=True)
        ]
    except UndecidedError as error:
        told.blind.append(Blind(f"files could not be traced to the source: {error.message}", error.hint))
        return told
    if commit is None:
        return told
    for parts, each in zip(made_of, done, strict=True):
        told.produced += _produced(parts.release, source, each, several=len(made_of) > 1)
    told.findings += check.unused(declared.patterns, [one for each in done for one in each])
    if source.dirty:
        count = f"{len(source.dirty)} path{'s' if len(source.dirty) > 1 else ''} of the working tree"
        told.notes.append(f"artifacts are compared with the commit, and not with the working tree: {count} changed")
    return told


def _release(
    world: World, parts: Parts, bench: check.Bench, commit: _Commit | None, declared: Declared, told: Told
) -> Iterator[Reconciled]:
    locks = _locks(parts)
    done: list[Reconciled] = []
    for artifact in parts.release.artifacts:
        content = parts.content(artifact)
        if content is None:
            continue
        if commit is None:
            told.findings.append(check.sourceless(bench, artifact))
        one = _artifact(world, artifact, content, parts, locks, commit, declared, bench.dirty) if commit else None
        told.findings += check.packages(bench, content, locks, one)
        if one is not None:
            told.findings += check.files(bench, one)
            told.notes.append(f"{shown(artifact.path)}: {said(one)}")
            pointers = sum(traced.why == POINTER for traced in one.traced)
            if pointers:
                told.notes.append(f"{shown(artifact.path)}: {pointers} of its files are Git LFS pointers, not contents")
            done.append(one)
    judged = [each for each in done if each.kind is not ArtifactKind.IMAGE]
    files = sum(len(each.traced) for each in judged)
    if files:
        sums = counted(traced for each in judged for traced in each.traced)
        detail = ", ".join(f"{number} {by}" for by, (number, _) in sums.items())
        told.coverage.append(Coverage("files", files, files, release=parts.release.name, detail=detail))
    yield from done


def _unsupported(parts: Parts, bom: Bom | None) -> Iterator[Finding]:
    """Components of somebody else's SBOM that nothing explains."""
    if bom is not None:
        contents = tuple(parts.contents.values())
        ours = own(contents, parts.manifests)
        described = [artifact.digest for artifact in parts.release.artifacts]
        named = components.unsupported(bom, _locks(parts), contents, ours, described)
        yield from check.unsupported(check.Bench(parts.release.name), named, parts.release.name)


def _locks(parts: Parts) -> Locks:
    return Locks.of(package for lock in parts.locks for package in lock.packages)


def said(done: Reconciled) -> str:
    """One line: how many files, and what explains them."""
    sums = done.counted()
    parts = ", ".join(f"{files} {_WORDS.get(by, by.value)}" for by, (files, _) in sums.items())
    size = sum(size for _, size in sums.values())
    files = len(done.traced)
    return f"{files} file{'' if files == 1 else 's'}, {_amount(size)}: {parts or 'nothing inside'}"


def _amount(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _artifact(
    world: World,
    artifact: Artifact,
    content: Content,
    parts: Parts,
    locks: Locks,
    commit: _Commit,
    declared: Declared,
    dirty: frozenset[str],
) -> Reconciled:
    if artifact.kind is ArtifactKind.FILE:
        content = _single(world, artifact, content, commit.tree)
    made = plan(content, commit.tree, parts.release.root)
    kept = _kept(world, artifact, made)
    commit.read(compared(made, kept), keep=True)
    commit.read(made.matched)
    texts = (commit.blobs.texts.get(oid) for oid in made.described())
    making = Making(
        content=content,
        places=made.places,
        # A manifest that differs from the commit's proves nothing of the commit.
        manifests=tuple(manifest for manifest in parts.manifests if manifest.path not in dirty),
        descriptions=tuple(text for text in texts if text is not None),
        own=places.paths(content, made.places),
    )
    known = Known(made, kept, commit.blobs, making, components.parts(content, locks, kept), declared)
    return Reconciled(artifact.name, artifact.digest, artifact.kind, tuple(trace(known)))


def _kept(world: World, artifact: Artifact, made: Plan) -> dict[str, Kept]:
    """The bytes of members no blob equals. An artifact that cannot be read again keeps nothing, and is unexplained."""
    kept: dict[str, Kept] = {}
    if not made.left or artifact.kind is ArtifactKind.IMAGE:
        return kept
    room = MAX_ALL_KEPT
    try:
        with world.taken.open(artifact) as stream:
            for path, member in _streams(artifact, stream):
                if path in made.left:
                    most = min(limit_of(path), room)
                    raw = member.read(most + 1)
                    whole = raw if len(raw) <= most else None
                    room -= len(raw) if whole is not None else 0
                    kept[path] = Kept(raw[:_HEAD], whole)
    except FormatError:
        return {}
    return kept


def _streams(artifact: Artifact, stream: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    if artifact.kind is ArtifactKind.FILE:
        yield artifact.name, stream
        return
    for member in archives.members(stream, artifact.kind):
        if member.stream is not None and not member.link:
            yield member.path, member.stream


def _single(world: World, artifact: Artifact, content: Content, tree: Tree) -> Content:
    """A plain file is its own only member."""
    hasher = hashlib.new(tree.algorithm, b"blob %d\0" % artifact.size, usedforsecurity=False)
    blob = ""
    with contextlib.suppress(FormatError), world.taken.open(artifact) as stream:
        while chunk := stream.read(1 << 20):
            hasher.update(chunk)
        blob = hasher.hexdigest()
    member = Member(artifact.name, artifact.size, artifact.digest, blob=blob)
    return Content(content.artifact, content.kind, (member,), packages=content.packages)


def _commit(world: World, source: Source) -> _Commit:
    """Every path of the commit, those of submodules whose commit is in this clone among them."""
    entries = [Held(each.path, each.mode, each.oid) for each in world.git.tree(source.commit)]
    modules = [each for each in entries if each.mode == "160000"][:_MODULES]
    for module in modules:
        if world.git.resolve(module.oid) is not None:
            inner = world.git.tree(module.oid)
            entries += [Held(f"{module.path}/{each.path}", each.mode, each.oid) for each in inner]
    commit = _Commit(world, Tree.of(entries))
    commit.read(list(commit.tree.links.values())[:MAX_LINKS], keep=True)
    commit.tree.linked(commit.blobs.texts)
    return commit


def _produced(release: Release, source: Source, done: Sequence[Reconciled], *, several: bool) -> Iterator[Produced]:
    if done:
        name = f"{release.name}.{reconciliation.NAME}" if several else reconciliation.NAME
        text = reconciliation.render(source.commit, source.tree, source.dirty, done)
        yield Produced(name, reconciliation.MEDIA_TYPE, text, release=release.name)
