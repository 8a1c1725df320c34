"""Every file of an artifact, and what explains it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.reconcile import build_scripts, conversions, generated, npm_manifest, shapes
from tidegate.domain.reconcile.components import Parts
from tidegate.domain.reconcile.generated import Making
from tidegate.domain.reconcile.patterns import Patterns
from tidegate.domain.reconcile.places import LAYOUTS
from tidegate.domain.reconcile.plan import Blobs, Kept, Plan, ids_of_endings
from tidegate.formats.python_names import canonicalize_name
from tidegate.model.digest import Digest
from tidegate.model.inventory import Member
from tidegate.model.release import ArtifactKind
from tidegate.model.tracing import By, Traced

FORGED = "its git id is the commit's file's, its content is not"
POINTER = "a Git LFS pointer in the place of what it stands for"
_WORD = re.compile(r"\w")
_UNREAD = "the commit's file could not be read to compare"


@dataclass(frozen=True, slots=True)
class Declared:
    """The policy's rules: `patterns` as written, in its order."""

    patterns: tuple[str, ...]
    matcher: Patterns

    @classmethod
    def of(cls, patterns: Sequence[str]) -> "Declared":
        return cls(tuple(patterns), Patterns(patterns))

    def by(self, paths: Sequence[str], script: bool) -> str:
        """The first rule for a member under any of its paths, "" for none.

        What runs by itself has to be named: a rule for every file, or for every file of a kind, is not about it.
        """
        numbers = sorted({number for path in paths for number in self.matcher.matching(path)})
        rules = (self.patterns[number] for number in numbers)
        return next((one for one in rules if not script or _names(one)), "")


def _names(pattern: str) -> bool:
    """Does a rule say more than stars and the ending of a name (`*.m4`), which is enough in a folder it names?"""
    folder, _, name = pattern.rpartition("/")
    stem, _, ending = name.rpartition(".")
    return _WORD.search(stem or name) is not None or all(_WORD.search(part) for part in (folder, ending))


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that was read to explain one artifact."""

    plan: Plan
    kept: Mapping[str, Kept]
    blobs: Blobs
    making: Making
    parts: Parts
    declared: Declared


def trace(known: Known) -> Iterator[Traced]:
    """One row a member, in the archive's order."""
    files = {member.path: member for member in known.plan.content.members if not member.link}
    for member in known.plan.content.members:
        if member.link:
            own = known.plan.places.own(member.path)
            script = build_scripts.runs(known.plan.content.kind, own, b"")
            yield replace(_link(known, member, files.get(member.link), own if script else ""), runs=script)
            continue
        traced, script = _file(known, member)
        yield replace(traced, runs=script) if script else traced


def _file(known: Known, member: Member) -> tuple[Traced, bool]:
    """Second: does it run by itself?"""
    plan, own = known.plan, known.plan.places.own(member.path)
    head, raw = _bytes(known, member)
    script = build_scripts.runs(plan.content.kind, own, head) or _plugs_in(known, member.path)
    homes = tuple(home for home in plan.homes(member.path) if not script or _is_at_home(known, own, home[0]))
    forged = False
    for home, oid in homes:
        same = _is(known, member, oid)
        if same:
            why = POINTER if oid in known.blobs.pointers else ""
            return Traced(member.path, member.size, By.SOURCE, home, why), script
        forged |= same is False
    if forged:
        return Traced(member.path, member.size, By.ALTERED, homes[0][0], FORGED), script
    found = _changed(known, member, raw, homes) if homes else _moved(known, member, raw, script)
    if found is not None and (found.by.explains or found.why == FORGED):
        return found, script
    told = _explained(known, member, raw, script, committed=bool(homes)) or found
    return told or _unexplained(known, member, raw, homes), script


def _plugs_in(known: Known, path: str) -> bool:
    """Does it register plugins under another name than the artifact's own?"""
    content = known.making.content
    return build_scripts.registers(content.kind, path) and not generated.is_own_info(content, path)


def _is_at_home(known: Known, own: str, home: str) -> bool:
    """May what runs by itself come from there? A folder is no home because many files of it were copied along: it is
    where packages usually lie in the release, or beside a manifest with the artifact's name."""
    places, content = known.plan.places, known.making.content
    prefix = home.removesuffix(own)
    if prefix in places.common:
        return True
    bases = {prefix.removesuffix(layout).rstrip("/") for layout in LAYOUTS if prefix.endswith(layout)}
    return any(
        manifest.path.rpartition("/")[0] in bases
        and canonicalize_name(manifest.name) == canonicalize_name(content.name)
        and content.name != ""
        for manifest in known.making.manifests
    )


def _bytes(known: Known, member: Member) -> tuple[bytes, bytes | None]:
    """(first bytes, whole content); of two members with one path only that counts which was read."""
    kept = known.kept.get(member.path, Kept())
    if kept.raw is not None and (member.sha256 is None or Digest.of(kept.raw) != member.sha256):
        return kept.head, None
    return kept.head, kept.raw


def _is(known: Known, member: Member, oid: str) -> bool | None:
    """Is a member this blob? None when it plainly is another, or cannot be compared; False when ids alone agree.

    The sha256 of the blob as git gives it decides: whoever makes two contents with one SHA-1 gains nothing.
    """
    told = known.blobs.sums.get(oid)
    if told is None or member.sha256 is None:
        return None
    if told == member.sha256:
        return True
    return False if member.blob == oid else None


def _changed(known: Known, member: Member, raw: bytes | None, homes: Sequence[tuple[str, str]]) -> Traced:
    """A file of the commit with another content: harmless, or altered."""
    name = member.path.rpartition("/")[2]
    reason = ""
    for home, oid in homes:
        blob = known.blobs.texts.get(oid)
        if blob is None:
            reason = reason or ("" if oid in known.blobs.sums else _UNREAD)
            continue
        if conversions.pointed(blob, member.size, member.sha256):
            return Traced(member.path, member.size, By.CONVERTED, home, "what the Git LFS pointer stands for")
        how = conversions.converted(blob, raw, name) if raw is not None else ""
        if not how and raw is not None and known.plan.content.kind is ArtifactKind.NPM and name == "package.json":
            how, reason = _manifest(raw, blob)
        if not how and raw is not None and name == "pyproject.toml":
            version = known.plan.content.version
            how = "the same in other words, its version found out" if shapes.pyproject(raw, blob, version) else ""
        if how:
            return Traced(member.path, member.size, By.CONVERTED, home, how)
    return Traced(member.path, member.size, By.ALTERED, homes[0][0], reason)


def _manifest(raw: bytes, blob: bytes) -> tuple[str, str]:
    """(how it was settled, what else differs)."""
    key = npm_manifest.difference(raw, blob)
    if key == "":
        return "as package managers publish it", ""
    return "", f"its `{key}` is not the commit's" if key else ""


def _moved(known: Known, member: Member, raw: bytes | None, script: bool) -> Traced | None:
    """The commit's content at another path; what runs by itself must be where the commit has it."""
    tree = known.plan.tree
    at = tree.places.get(member.blob, [])
    if at and _is(known, member, member.blob) is False:
        return Traced(member.path, member.size, By.ALTERED, at[0], FORGED)
    if at and _is(known, member, member.blob):
        if script:
            why = f"its content is that of `{at[0]}` in the commit"
            return Traced(member.path, member.size, By.UNEXPLAINED, at[0], why)
        return Traced(member.path, member.size, By.MOVED, at[0])
    if raw is None or script or member.sha256 is None:
        return None
    texts = conversions.endings(raw)
    for text, oid in zip(texts, ids_of_endings(raw, tree.algorithm), strict=True):
        if oid in tree.places and known.blobs.sums.get(oid) == Digest.of(text):
            return Traced(member.path, member.size, By.CONVERTED, tree.places[oid][0], "line endings")
    return None


def _explained(known: Known, member: Member, raw: bytes | None, script: bool, *, committed: bool) -> Traced | None:
    """By a rule of its kind, a locked package, or the policy."""
    why = generated.why(known.making, member, raw, committed=committed)
    if why:
        return Traced(member.path, member.size, By.GENERATED, why=why)
    owner = "" if committed else known.parts.owner(member)
    if owner and not (script and known.parts.acts(member.path, raw)):
        return Traced(member.path, member.size, By.COMPONENT, owner)
    rule = known.declared.by((member.path, known.plan.places.own(member.path)), script)
    return Traced(member.path, member.size, By.DECLARED, rule) if rule else None


def _unexplained(known: Known, member: Member, raw: bytes | None, homes: Sequence[tuple[str, str]]) -> Traced:
    why = generated.doubt(known.making, member, raw)
    if not homes:
        modules = (known.plan.tree.module(home) for home in known.plan.places.homes(member.path))
        module = next(filter(None, modules), "")
        if module and not why:
            why = f"it lies in the submodule `{module}`, whose commit is not in this clone"
    return Traced(member.path, member.size, By.UNEXPLAINED, why=why)


def _link(known: Known, member: Member, target: Member | None, script: str) -> Traced:
    """A link is the commit's when that has the same text there; a hard link when the file it names belongs there.

    `script` is its own path where it runs by itself, else "".
    """
    plan = known.plan
    homes = [each for each in plan.places.homes(member.path) if not script or _is_at_home(known, script, each)]
    for home in homes:
        if plan.tree.targets.get(home) == member.link:
            return Traced(member.path, 0, By.SOURCE, home)
    if target is not None:
        for home, oid in plan.homes(member.path):
            if home in homes and _is(known, target, oid):
                return Traced(member.path, 0, By.SOURCE, home)
    rule = known.declared.by((member.path, plan.places.own(member.path)), script=True)
    if rule:
        return Traced(member.path, 0, By.DECLARED, rule)
    return Traced(member.path, 0, By.UNEXPLAINED, why="it is a link the commit does not have")
