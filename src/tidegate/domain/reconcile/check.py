"""What the tracing of an artifact's files, and the packages inside it, give to tell."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.reconcile import rules
from tidegate.domain.reconcile.components import Locks, unlocked
from tidegate.domain.reconcile.trace import FORGED
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Level, Place, Rule, found
from tidegate.model.inventory import Content
from tidegate.model.release import Artifact, ArtifactKind
from tidegate.model.tracing import By, Reconciled, Traced

SHOWN = 20
"""Findings of one rule and artifact that are told one by one; the rest is one more, about exactly those files."""

_BUNDLED = re.compile(r"(?:^|/)(?:[^/]+\.libs|\.dylibs|_vendor|_vendored|vendor|node_modules)/", re.ASCII)
_KNOWN = frozenset({By.SOURCE, By.MOVED, By.CONVERTED, By.DECLARED})


@dataclass(frozen=True, slots=True)
class Bench:
    """For which release, how the policy wants what nothing explains to count, and what differs from the commit."""

    release: str
    fails: bool = False
    dirty: frozenset[str] = frozenset()

    def finding(self, rule: Rule, about: str, message: str, artifact: str, *, lasting: bool = False) -> Finding:
        one = found(rule, about, message, place=Place(artifact), release=self.release)
        return replace(one, level=Level.FAIL) if self.fails and rule.id in rules.EXPLAINED and not lasting else one


def files(bench: Bench, done: Reconciled) -> Iterator[Finding]:
    """Every file nothing explains, and every package only a claim does. Images are counted, not judged by file."""
    if done.kind is ArtifactKind.IMAGE:
        return
    sorted_out: dict[str, tuple[Rule, list[Traced]]] = {}
    for traced in done.traced:
        if not traced.by.explains:
            rule = _rule(traced)
            sorted_out.setdefault(rule.id, (rule, []))[1].append(traced)
    for rule in rules.RULES:
        if rule.id in sorted_out:
            listed = sorted(sorted_out[rule.id][1], key=lambda each: each.path)
            told = [(_about(done, each), _message(bench, done, each)) for each in listed]
            yield from _few(bench, rule, done.artifact, told)
    yield from _few(bench, rules.COMPONENT_UNPROVEN, done.artifact, list(_claimed(done)))


def packages(bench: Bench, content: Content, locks: Locks, done: Reconciled | None) -> Iterator[Finding]:
    """Packages inside that no lockfile pins and neither commit nor policy knows."""
    known = {traced.path for traced in done.traced if traced.by in _KNOWN} if done else set()
    told: dict[str, str] = {}
    for packed in unlocked(content, locks):
        if packed.path.partition("!/")[0] not in known:
            name = shown(packed.package.purl)
            told.setdefault(
                f"{content.artifact}#{subject(packed.package.purl)}",
                f"`{shown(packed.path)}` says that `{name}` is inside, which no lockfile of the release pins",
            )
    # Who makes an image does not choose what its base brings along.
    lasting = content.kind is ArtifactKind.IMAGE
    yield from _few(bench, rules.PACKAGE_UNLOCKED, content.artifact, sorted(told.items()), lasting=lasting)


def sourceless(bench: Bench, artifact: Artifact) -> Finding:
    """Without a commit nothing is proven of an artifact, and it is said."""
    message = f"what is in `{shown(artifact.name)}` cannot be compared with its source: there is no commit"
    return bench.finding(rules.SOURCE_UNPROVEN, artifact.name, message, artifact.name)


def unused(patterns: Sequence[str], done: Iterable[Reconciled]) -> Iterator[Finding]:
    """Rules of the policy that explained nothing in any artifact of the run."""
    used = {traced.origin for each in done for traced in each.traced if traced.by is By.DECLARED}
    for pattern in dict.fromkeys(patterns):
        if pattern not in used:
            yield found(rules.GENERATED_UNUSED, pattern, f"`{shown(pattern)}` explains no file")


def unsupported(bench: Bench, purls: Sequence[str], name: str) -> Iterator[Finding]:
    """Components of an SBOM that are neither locked nor inside; `name` is the SBOM's."""
    told = [
        (purl, f"`{shown(name)}` names `{shown(purl)}`, which no lockfile pins and no artifact holds") for purl in purls
    ]
    yield from _few(bench, rules.COMPONENT_UNLOCKED, name, told)


def _rule(traced: Traced) -> Rule:
    if traced.why == FORGED:
        return rules.BLOB_FORGED
    if traced.runs:
        return rules.BUILD_SCRIPT_UNEXPLAINED
    if traced.by is By.ALTERED:
        return rules.FILE_ALTERED
    return rules.COMPONENT_UNEXPLAINED if _BUNDLED.search(traced.path) else rules.FILE_UNEXPLAINED


def _about(done: Reconciled, traced: Traced) -> str:
    return done.artifact if done.kind is ArtifactKind.FILE else f"{done.artifact}!/{subject(traced.path, 400)}"


def _message(bench: Bench, done: Reconciled, traced: Traced) -> str:
    path = shown(traced.path)
    if traced.by is By.ALTERED:
        what = f"`{path}` differs from `{shown(traced.origin)}` in the commit"
    elif done.kind is ArtifactKind.FILE:
        what = f"`{path}` is not a file of the commit"
    else:
        what = f"`{path}` is not in the commit"
    why = f": {shown(traced.why, 200)}" if traced.why else ""
    dirty = ", and the working tree differs from the commit there" if traced.origin in bench.dirty else ""
    return what + why + dirty


def _claimed(done: Reconciled) -> Iterator[tuple[str, str]]:
    sums: dict[str, int] = {}
    for traced in done.traced:
        if traced.by is By.COMPONENT:
            sums[traced.origin] = sums.get(traced.origin, 0) + 1
    for purl, count in sorted(sums.items()):
        some = "a file is" if count == 1 else f"{count} files are"
        yield f"{done.artifact}#{subject(purl)}", f"{some} said to be of `{shown(purl)}`, and nothing proves it"


def _few(
    bench: Bench, rule: Rule, artifact: str, told: Sequence[tuple[str, str]], *, lasting: bool = False
) -> Iterator[Finding]:
    """One finding each, or the first ones and one about exactly the others: an exception for it covers no new file."""
    for about, message in told[:SHOWN]:
        yield bench.finding(rule, about, message, artifact, lasting=lasting)
    rest = told[SHOWN:]
    if rest:
        names = "\n".join(about for about, _ in rest)
        mark = hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        message = f"and {len(rest)} more, from {rest[0][1]}"
        yield bench.finding(rule, f"{artifact}#{len(rest)}-more-{mark}", message, artifact, lasting=lasting)
