"""A pipeline file read with all it includes, in GitLab's order: inputs, includes, `extends`, `!reference`, defaults."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.gitlab import jobs
from tidegate.formats.gitlab.including import Fetch, Files, Here, yaml_files
from tidegate.formats.gitlab.inheriting import GLOBALS, Family, defaults, with_defaults
from tidegate.formats.gitlab.merging import Merger
from tidegate.formats.gitlab.tree import RULE, Node, Problems
from tidegate.formats.text import shown
from tidegate.model.package import Problem
from tidegate.model.pipeline import At, Pipeline, PipelineJob

ROOT = ".gitlab-ci.yml"
MAX_JOBS = 20_000
MAX_PIPELINES = 300
_UNUSUAL = re.compile(r"(?:\.gitlab/|\.gitlab-ci/|\.ci/|ci/)?[^/]{0,200}\.?gitlab-ci\.ya?ml", re.IGNORECASE)
_RUNS = frozenset({"script", "trigger", "run"})


@dataclass(frozen=True, slots=True)
class Means:
    """What all pipelines of a repository share: its files, and how much may be done with them in all."""

    fetch: Fetch
    here: Here
    merger: Merger

    @classmethod
    def of(cls, fetch: Fetch, paths: Collection[str]) -> "Means":
        return cls(fetch, Here(yaml_files(paths)), Merger())


@dataclass(frozen=True, slots=True)
class Joined:
    """A pipeline's files joined: `jobs` are complete nodes by name, hidden ones left out."""

    files: Files
    family: Family
    jobs: Mapping[str, Node]


def roots(here: Collection[str]) -> list[str]:
    """The files GitLab starts from: `.gitlab-ci.yml`, or without it whatever is named like one at the usual places."""
    if ROOT in here:
        return [ROOT]
    return sorted(path for path in here if _UNUSUAL.fullmatch(path))


def pipelines(fetch: Fetch, paths: Collection[str]) -> Iterator[Pipeline]:
    """Every pipeline of a repository, and the child pipelines that their jobs start from its files."""
    means = Means.of(fetch, paths)
    waiting = roots(means.here.paths)
    main = set(waiting)
    known = set(waiting)
    while waiting:
        path = waiting.pop(0)
        pipeline = read(path, means, child=path not in main)
        yield pipeline
        for each in pipeline.jobs:
            for path in each.trigger.files if each.trigger is not None else ():
                if path not in known:
                    known.add(path)
                    waiting.append(path)
        if len(known) > MAX_PIPELINES:
            message = f"there are more than {MAX_PIPELINES} child pipelines"
            yield Pipeline(waiting[-1], unread=tuple(waiting), problems=_faults(waiting, message))
            return


def _faults(paths: Iterable[str], message: str) -> tuple[Problem, ...]:
    return tuple(Problem(RULE, path, message, 1) for path in paths)


def read(path: str, means: Means, *, child: bool = False) -> Pipeline:
    """One pipeline. Never raises: what cannot be read is among its problems."""
    problems = Problems()
    try:
        joined = join(path, means, problems)
        return _pipeline(path, joined, problems, child)
    except (FormatError, RecursionError) as error:
        message = error.message if isinstance(error, FormatError) else "the file is nested too deep"
        line = error.line if isinstance(error, FormatError) else None
        problems.tell(At(path, line or 1), message)
        return Pipeline(path, unread=(path,), problems=tuple(problems.told), child=child)


def join(path: str, means: Means, problems: Problems) -> Joined:
    """The files of a pipeline as one, jobs with all they inherit. Raises FormatError."""
    merger = means.merger
    files = Files(means.fetch, means.here, problems, merger)
    root = files.join(path).keys or {}
    if len(root) > MAX_JOBS:
        raise FormatError(f"the pipeline has more than {MAX_JOBS} jobs")
    partial = any(each.why for each in files.includes) or bool(files.refused)
    family = Family(root, merger, problems, partial)
    family.grow()
    given = defaults(family.root)
    found: dict[str, Node] = {}
    for name, node in family.root.items():
        if name in GLOBALS or name.startswith(".") or node.empty:
            continue
        if node.keys is None:
            problems.tell(node.at, f"`{shown(name, 80)}` is neither a job nor a word that GitLab knows")
            continue
        merger.spend(len(given), node.at)
        found[name] = with_defaults(node, given)
        if not _RUNS & node.keys.keys() and name not in family.lost:
            if partial:
                family.lost[name] = "it has no script here; an include that cannot be read may bring it"
            else:
                problems.tell(node.at, f"the job `{shown(name, 80)}` has neither `script` nor `trigger`")
    if not found and not partial:
        problems.tell(At(path, 1), "the pipeline has no jobs")
    return Joined(files, family, found)


def _pipeline(path: str, joined: Joined, problems: Problems, child: bool) -> Pipeline:
    root, family = joined.family.root, joined.family
    made: list[PipelineJob] = [
        jobs.job(name, node, family.parents.get(name, ()), family.lost.get(name, ""), joined.files.here)
        for name, node in joined.jobs.items()
    ]
    workflow, default = root.get("workflow"), root.get("default")
    given = Node(At(path, 1), keys=defaults(root))
    return Pipeline(
        path=path,
        files=tuple(name for name, file in joined.files.read.items() if file is not None),
        unread=tuple(sorted(set(joined.files.refused))),
        jobs=tuple(made),
        variables=tuple(jobs.variables(root.get("variables"), "pipeline")),
        containers=tuple(jobs.containers(given)),
        includes=tuple(joined.files.includes),
        rules=jobs.conditions(workflow.get("rules")) if workflow is not None else None,
        default_tokens=tuple(jobs.id_tokens(default.get("id_tokens"))) if default is not None else (),
        splices=tuple(joined.files.splices),
        problems=tuple(problems.told),
        child=child,
    )
