"""The inventory, read once in a worker: files, locks, manifests, workflows and what the artifacts hold."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tidegate.errors import FormatError
from tidegate.formats.locks import included
from tidegate.formats.locks import table as locktable
from tidegate.formats.manifests import table as manifests
from tidegate.formats.repopath import is_installed
from tidegate.model.control import Control
from tidegate.model.inventory import Content, Inventory, Source, TreeFile
from tidegate.model.package import LockFile, Manifest, Problem
from tidegate.model.pipeline import Pipeline
from tidegate.model.release import Release
from tidegate.model.workflow import Workflow
from tidegate.ports import Files, Git, Taken

if TYPE_CHECKING:  # only a row that looks at workflows pays for reading them
    from tidegate.formats.all_workflows import WorkflowReader

MAX_FILES = 500_000
MAX_DOCUMENTS = 5_000
PIPELINE_ENDINGS = ("gitlab-ci.yml", "gitlab-ci.yaml")
_LOCK_LIMIT = 64 << 20
_MANIFEST_LIMIT = 4 << 20


def read_inventory(
    files: Files,
    git: Git,
    taken: Taken,
    releases: Sequence[Release],
    base: str,
    extra: Sequence[Problem],
    row: Control | None = None,
) -> Inventory:
    """Everything the stages look at. Raises UndecidedError when git itself fails; foreign bytes become Problems.

    For one `row` alone, workflows and CI systems are left out unless it is row 4: no other stage looks at them.
    """
    source, tree = _tree(files, git, base)
    if len(tree) > MAX_FILES:
        raise FormatError(f"the repository holds more than {MAX_FILES} files")
    paths = [file.path for file in tree if not is_installed(file.path) and file.mode != "160000"]
    reader_for, foreign_ci = _dialects(row)
    # A committed `node_modules` is no place a workflow could not start an action from: `uses: ./node_modules/…`.
    actions = [f.path for f in tree if f.tracked and f.mode != "160000" and reader_for(f.path)]
    problems = list(extra)
    every = sorted({*paths, *actions})
    locks, workflows = documents(files, every, reader_for, problems, frozenset(every))
    return Inventory(
        source=source,
        files=tuple(tree),
        manifests=manifests_of(files, paths, frozenset(paths), problems),
        locks=locks,
        workflows=workflows,
        contents=_contents(taken, releases, problems, "sha256" if len(source.commit) == 64 else "sha1"),
        problems=tuple(problems),
        other_ci=tuple(path for path in paths if foreign_ci(path)),
        pipelines=_pipelines(files, tree, row),
    )


def _pipelines(files: Files, tree: Sequence[TreeFile], row: Control | None) -> tuple[Pipeline, ...]:
    """GitLab's pipelines; what is wrong with their files is told by themselves."""
    if row not in (None, Control.CI_TOKENS):
        return ()
    here = frozenset(file.path for file in tree if file.mode != "160000")
    if not any(path.lower().endswith(PIPELINE_ENDINGS) for path in here):
        return ()
    from tidegate.formats.gitlab import reader  # most repositories have none

    return tuple(reader.pipelines(files.read, here))


def _dialects(row: Control | None) -> "tuple[Callable[[str], WorkflowReader | None], Callable[[str], str | None]]":
    """How to find the reader of a workflow, and the name of a CI system tidegate does not read."""
    if row not in (None, Control.CI_TOKENS):
        return _nobody, _nobody
    from tidegate.formats import all_workflows
    from tidegate.formats.workflows.others import foreign_ci

    return all_workflows.reader_for, foreign_ci


def _nobody(_path: str) -> None:
    return None


def _tree(files: Files, git: Git, base: str) -> tuple[Source, list[TreeFile]]:
    if not git.present():
        return Source(), sorted(
            (TreeFile(path, size, tracked=False) for path, size in files.walk()), key=lambda f: f.path
        )
    source = git.source()
    dirty = set(source.dirty)
    tree = [
        TreeFile(entry.path, files.size(entry.path) or 0, entry.mode, tracked=True, changed=entry.path in dirty)
        for entry in git.tracked()
    ]
    tree += [TreeFile(path, files.size(path) or 0, tracked=False) for path in git.untracked()]
    source = Source(
        source.commit,
        source.tree,
        source.ref,
        source.remote,
        source.committed,
        source.dirty,
        source.shallow,
        base or source.base,
    )
    return source, sorted(tree, key=lambda f: f.path)


def documents(
    files: Files,
    paths: Sequence[str],
    find_workflow: "Callable[[str], WorkflowReader | None]",
    problems: list[Problem],
    present: frozenset[str],
) -> tuple[tuple[LockFile, ...], tuple[Workflow, ...]]:
    """The locks and workflows among `paths`; `present` are the files that may complete a lock."""
    locks: list[LockFile] = []
    workflows: list[Workflow] = []

    def beside(path: str) -> bytes | None:
        # What git tracks and the working tree has not is not there to complete a lock.
        there = path in present and files.size(path) is not None
        return files.read(path, _LOCK_LIMIT) if there else None

    for path in paths:
        lock_reader = locktable.reader_for(path)
        workflow_reader = find_workflow(path)
        if lock_reader is None and workflow_reader is None:
            continue
        if len(locks) + len(workflows) >= MAX_DOCUMENTS:
            problems.append(Problem("lock-malformed", path, f"more than {MAX_DOCUMENTS} lockfiles and workflows"))
            continue
        try:
            if lock_reader is not None:
                locks.append(locktable.read(lock_reader, path, files.read(path, _LOCK_LIMIT), beside))
            elif workflow_reader is not None:
                workflows.append(workflow_reader.parse(path, files.read(path, workflow_reader.limit)))
        except FormatError as error:
            rule = "lock-malformed" if lock_reader is not None else "ci-config-malformed"
            problems.append(Problem(rule, path, error.message, error.line))
    more, faults = included.further(locks, present, [problem.about for problem in problems], beside)
    problems += faults
    return included.settled(sorted([*locks, *more], key=lambda lock: lock.path)), tuple(workflows)


def manifests_of(
    files: Files, paths: Sequence[str], present: frozenset[str], problems: list[Problem]
) -> tuple[Manifest, ...]:
    """The manifests among `paths`, in a tree that holds `present`."""
    found: list[Manifest] = []
    for path in paths:
        if not manifests.is_manifest(path):
            continue
        if len(found) >= MAX_DOCUMENTS:
            problems.append(Problem("manifest-malformed", path, f"more than {MAX_DOCUMENTS} manifests"))
            continue
        try:
            found.append(manifests.parse(path, files.read(path, _MANIFEST_LIMIT), present))
        except FormatError as error:
            problems.append(Problem("manifest-malformed", path, error.message, error.line))
    return tuple(found)


def _contents(taken: Taken, releases: Sequence[Release], problems: list[Problem], blobs: str) -> tuple[Content, ...]:
    """`blobs` is the hash of the repository's object format, so that members can be traced to the commit."""
    contents = []
    if any(release.artifacts for release in releases):
        from tidegate.formats import archives  # heavy to import, and most single rows look at no artifact
    for artifact in sorted({a for release in releases for a in release.artifacts}, key=lambda a: a.name):
        try:
            with taken.open(artifact) as stream:
                contents.append(archives.content(artifact.name, artifact.kind, stream, blobs, taken.layers(artifact)))
        except FormatError as error:
            problems.append(Problem("archive-unreadable", artifact.name, error.message))
    return tuple(contents)
