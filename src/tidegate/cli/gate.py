"""What `review`, `check` and the single rows share: repository, policy, private folder, evidence, reports."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.cli import wire
from tidegate.cli.epoch import source_date_epoch
from tidegate.cli.options import Progress
from tidegate.errors import FormatError, NoSuchArtifact, PolicyError, UserError
from tidegate.formats.records import dump
from tidegate.model.control import Control
from tidegate.model.finding import Finding, Place, found
from tidegate.model.inventory import Source
from tidegate.model.package import Problem
from tidegate.model.release import ArtifactKind, Release
from tidegate.ports import CIFacts, Git

if TYPE_CHECKING:  # pydantic and images are imported where they are used: `--help` must not pay for them
    from tidegate.cli import images
    from tidegate.policy.named_files import Read
    from tidegate.policy.schema import Policy, ReleaseRules

DEFAULT_ARTIFACTS = ("dist/*",)
_BRANCHES = ("remotes", "remotes/origin", "heads")
_NO_BRANCH = re.compile(r"HEAD(?:[~^].*)?|[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(slots=True)
class Gate:
    """One command's surroundings, made by `gate()` and gone with it."""

    root: Path
    git: Git
    head: str
    policy: "Policy"
    private: Path
    progress: Progress
    facts: CIFacts
    remote: str = ""
    notes: list[str] = field(default_factory=list)
    hanging: dict[str, bytes] = field(default_factory=dict)
    """Evidence the registry keeps for the release's images, by file name."""
    local: set[str] = field(default_factory=set)
    """Names of images that were given as files: no registry is asked about them."""

    @property
    def taken(self) -> Path:
        return self.private / "taken"

    def means(
        self,
        *,
        evidence: Path | None = None,
        base: str = "",
        database: Path | None = None,
        problems: tuple[Problem, ...] = (),
        index: str = "",
    ) -> str:
        """The JSON a worker builds its world from."""
        return dump(
            wire.Means(
                root=str(self.root),
                taken=str(self.taken),
                evidence=str(evidence) if evidence else "",
                facts=self.facts,
                base=base,
                database=str(database.resolve()) if database else "",
                cache=cache_folder(),
                problems=problems,
                epoch=source_date_epoch(),
                index=index,
            )
        )


def cache_folder() -> str:
    """The advisory cache, only outside CI: a restored CI cache is something an attacker can write."""
    if os.environ.get("CI"):
        return ""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "tidegate", "osv") if os.path.isabs(home) else ""


def at_head(_git: Git) -> str:
    """The policy of the commit that is checked out."""
    return "HEAD"


@contextmanager
def gate(
    policy_path: str,
    policy_ref: Callable[[Git], str] = at_head,
    *,
    facts: bool = True,
    root: Path | None = None,
    built_in: bool = False,
    unwritten: str = "",
) -> Iterator[Gate]:
    """Open the repository, load the policy from `policy_ref(git)`, make the private folder; remove it at the end.

    Without `facts` nothing is read that only signing, sealing and proving ask for: what CI says, and the remote.
    `root` is the repository of the working folder unless it is said; with `built_in` no policy file is read.
    `unwritten` is a baseline of secret scanning that need not be there yet.
    """
    root = root or wire.repository_root(Path.cwd())
    git = wire.git(root)
    head = (git.resolve("HEAD") or "") if git.present() else ""
    ref = policy_ref(git) if head else ""
    # A name is looked up once; what it stands for could change while we read.
    reader = _nothing if built_in else wire.policy_reader(root, head if ref == "HEAD" else ref, git)
    policy = load_policy(root, policy_path, ref=ref, known_rules=True, reader=reader, git=git, unwritten=unwritten)
    source = git.source() if head and facts else Source()
    private = Path(tempfile.mkdtemp(prefix="tidegate-"))
    (private / "taken").mkdir(mode=0o700)
    progress = Progress()
    try:
        made = Gate(root, git, head, policy, private, progress, wire.ci_facts(source), source.remote)
        made.notes += [] if built_in else _policy_notes(made, policy_path, ref, reader)
        yield made
    finally:
        progress.clear()
        shutil.rmtree(private, ignore_errors=True)


def _nothing(_path: str, _limit: int) -> None:
    return None


def load_policy(
    root: Path,
    path: str,
    *,
    ref: str,
    known_rules: bool,
    reader: "Read | None" = None,
    git: Git | None = None,
    unwritten: str = "",
) -> "Policy":
    """The policy at a path of the repository: of a commit, or of the working tree when `ref` is empty.

    `reader` and `git` are those that are there already.
    """
    from tidegate.all_rules import RULES
    from tidegate.policy.load import load

    if path.startswith("/") or ".." in path.split("/"):
        raise UserError(
            f"`--policy {path}` is not a path in the repository", hint="the policy is part of the commit it judges"
        )
    reader = reader or wire.policy_reader(root, ref, git)
    policy = load(
        path, reader, ref=ref, known_rules=RULES if known_rules else (), unwritten=unwritten, fetch=wire.fetch_policy
    )
    if not ref or not _counts_days(policy):
        return policy
    # When it was adopted takes a walk through the whole history, which only a policy that counts from there is worth.
    first = (git or wire.git(root)).first_commit_of(path)
    return policy.model_copy(update={"adopted": first.date() if first else None})


def policy_at(path: Path) -> "Policy":
    """A policy file the command line names, with what it names beside it. Raises PolicyError and UserError."""
    from tidegate.all_rules import RULES
    from tidegate.policy.load import load

    if not path.is_file():
        raise UserError(f"there is no policy at `{path}`", hint="check the path")
    here = path.resolve()
    return load(here.name, wire.FolderReader(wire.files(here.parent)), known_rules=RULES, fetch=wire.fetch_policy)


def required(policy: "Policy", path: Path | None) -> None:
    """Is the policy in force at least as tight as the one at `path`? Raises PolicyError with each field that is not."""
    if path is None:
        return
    from tidegate.all_rules import RULES
    from tidegate.policy.tightness import weaker

    faults = weaker(policy, policy_at(path), {name: rule.level.value for name, rule in RULES.items()})
    if faults:
        raise PolicyError(faults, hint=f"make them at least as tight as `{path}`")


def _counts_days(policy: "Policy") -> bool:
    rules = (policy.controls.of(control) for control in Control)
    return any(each.report_days and each.until is None for each in rules)


def _policy_notes(made: Gate, path: str, ref: str, policy_of: "Read") -> list[str]:
    notes = []
    if not ref:
        notes.append("no commit to read the policy from: it was read from the folder")
        return notes
    if made.policy.adopted is None and _counts_days(made.policy):
        notes.append("when this policy was adopted is not known here (a shallow clone?): `report_days` do not count")
    reader = wire.policy_reader(made.root, "")
    committed = policy_of(path, 1 << 20)
    try:
        present = reader(path, 1 << 20)
    except FormatError:
        present = None
    if present is not None and present != committed:
        notes.append(f"`{path}` in the working tree differs from the commit's and was not used; commit it first")
    return notes


def take_releases(
    made: Gate, given: "Mapping[str, images.Given] | None" = None, *, whole: bool = True
) -> tuple[Release, ...]:
    """Take every artifact of every release into the private folder. Raises NoSuchArtifact, UserError.

    `given` are its images; without them images are left out, and that is noted. Without `whole` only what their
    digests are of is taken, and none of their layers.
    """
    from tidegate.cli import images

    named = {name for rules in _releases(made) for name in rules.images}
    for name in sorted(set(given or ()) - named):
        raise UserError(f"no release of the policy names the image `{name}`", hint="write it under `images`")
    releases = []
    names: dict[str, str] = {wire.BLOBS: "the folder of what images hold"}
    for rules in _releases(made):
        artifacts = []
        for path in wire.find_artifacts(made.root, rules.artifacts):
            name = path.rpartition("/")[2]
            if name in names:
                raise UserError(
                    f"two artifacts are called `{name}`: `{names[name]}` and `{path}`", hint="rename one of them"
                )
            names[name] = path
            artifacts.append(wire.take(made.root, path, made.taken))
        for each in _images(made, rules, given):
            short = each.reference.short
            if short in names:
                raise UserError(f"two artifacts are called `{short}`", hint="rename one of them")
            names[short] = str(each.reference)
            artifact = wire.take_image(each.reference, each.kind, each.place, made.taken, whole=whole)
            made.notes += images.notes(each, artifact)
            if each.kind != images.REGISTRY:
                made.local.add(artifact.name)
            artifacts.append(artifact)
        releases.append(Release(rules.name, rules.root, tuple(artifacts)))
    return tuple(releases)


def _images(made: Gate, rules: "ReleaseRules", given: "Mapping[str, images.Given] | None") -> "list[images.Given]":
    if rules.images and given is None:
        made.notes.append(f"{rules.name}: its images are not looked at here")
        return []
    from tidegate.cli import images

    return images.wanted(rules.images, given or {})


def bare_releases(made: Gate) -> tuple[Release, ...]:
    """The policy's releases without their artifacts, for commands that look at the source alone."""
    return tuple(Release(rules.name, rules.root) for rules in _releases(made))


def _releases(made: Gate) -> "list[ReleaseRules]":
    from tidegate.policy.schema import ReleaseRules

    if made.policy.model.releases:
        return list(made.policy.model.releases)
    name = "".join(c if c.isalnum() or c in "._-" else "-" for c in made.root.name.lower()).strip("._-")[:64]
    return [ReleaseRules(name=name or "release", artifacts=list(DEFAULT_ARTIFACTS))]


def unchanged(made: Gate, releases: tuple[Release, ...]) -> Callable[[], tuple[Finding, ...]]:
    """A function that hashes every artifact where it lies, and gives a finding for each that moved."""
    from tidegate.domain.claims.rules import ARTIFACT_CHANGED

    def findings() -> tuple[Finding, ...]:
        moved = []
        for release in releases:
            for artifact in release.artifacts:
                if artifact.kind is ArtifactKind.IMAGE:
                    continue  # its name is its digest
                now = wire.digest_of(made.root / artifact.path)
                if now is None or not now.matches(artifact.digest):
                    message = f"`{artifact.path}` is no longer the file that was taken"
                    place = Place(artifact.path)
                    moved.append(found(ARTIFACT_CHANGED, artifact.path, message, place=place, release=release.name))
        return tuple(moved)

    return findings


def reviewed(made: Gate, path: str) -> tuple[tuple[Problem, ...], list[str]]:
    """Is the released commit part of a protected ref? A Problem when not; a note when nothing can say so."""
    if not made.head:
        return (Problem("policy-unreviewed", path, "there is no commit, so nobody reviewed this policy"),), []
    refs = list(made.policy.model.policy.protected)
    if not refs:
        default = made.git.default_branch()
        if default is None and made.remote:
            told = "the remote's default branch is not here: fetch it, or name a branch in `policy.protected`"
            return (Problem("policy-unreviewed", path, told),), []
        if default is None:
            return (), ["no remote and no `policy.protected`: whether this commit was reviewed is not proven"]
        refs = [default]
    commits = [commit for ref in refs if (commit := branch(made.git, ref))]
    if any(made.git.is_ancestor(made.head, commit) for commit in commits):
        return (), []
    told = f"the released commit is not part of {', '.join(refs)}"
    return (Problem("policy-unreviewed", path, told),), []


def branch(git: Git, name: str) -> str | None:
    """The commit of a branch, the remote's before ours. Never a tag of the same name, which git itself would prefer."""
    if _NO_BRANCH.fullmatch(name):
        return None
    names = [name] if name.startswith("refs/") else [f"refs/{kind}/{name}" for kind in _BRANCHES]
    return next((commit for full in names if (commit := git.resolve(full))), None)


def no_artifact(releases: tuple[Release, ...]) -> None:
    if not any(release.artifacts for release in releases):
        raise NoSuchArtifact("there is no artifact to check", hint="build first, for example with `python -m build`")
