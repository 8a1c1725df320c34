"""What a GitLab pipeline runs, after its includes, parents, references and defaults are joined."""

from tidegate.late import dataclass
from tidegate.model.package import Problem


@dataclass(frozen=True, slots=True)
class At:
    """The file and 1-based line where something is written, which need not be the job's own file."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of a script. `section` is `before_script`, `script`, `after_script` or a hook's name."""

    text: str
    section: str
    at: At


@dataclass(frozen=True, slots=True)
class IdToken:
    """A signed token the job asks for. `listed` says that the audience is written as a list."""

    name: str
    audiences: tuple[str, ...]
    listed: bool
    at: At


@dataclass(frozen=True, slots=True)
class Variable:
    """`value` is the text as written; `where` says what it belongs to (`job`, `service`, `rule`, `pipeline`)."""

    name: str
    value: str
    where: str
    at: At


@dataclass(frozen=True, slots=True)
class Container:
    """The image of a job or of one of its services."""

    name: str
    service: bool
    at: At
    command: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of `rules`. `narrowed` says that `changes` or `exists` must hold too; `when` is "" when absent."""

    at: At
    if_: str = ""
    when: str = ""
    narrowed: bool = False
    allow_failure: str = ""


@dataclass(frozen=True, slots=True)
class Refs:
    """`only` or `except`. `names` are refs, keywords and patterns, `expressions` those of `variables`."""

    names: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Included:
    """One `include`. `kind` is local, remote, project, template, component or artifact; `why` says what kept it out.

    `reference` is the address as written, `ref` its version. An entry with `why` "" was read.
    """

    kind: str
    reference: str
    at: At
    ref: str = ""
    integrity: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A pipeline that a job starts. `files` are children of this repository, `project` another project's path."""

    at: At
    project: str = ""
    branch: str = ""
    files: tuple[str, ...] = ()
    includes: tuple[Included, ...] = ()
    strategy: str = ""
    forwards_variables: bool = False


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What a job hands over; `dotenv` are files whose lines become variables of later jobs."""

    at: At
    paths: tuple[str, ...] = ()
    dotenv: tuple[str, ...] = ()
    untracked: bool = False


@dataclass(frozen=True, slots=True)
class PipelineJob:
    """One job that can run. `lost` says why it is not known whole, "" when it is.

    `rules`, `only` and `except_` are None when absent. Words that are booleans are spelled `true` and `false`.
    """

    name: str
    at: At
    stage: str = "test"
    parents: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    id_tokens: tuple[IdToken, ...] = ()
    secrets: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    containers: tuple[Container, ...] = ()
    rules: tuple[Condition, ...] | None = None
    only: Refs | None = None
    except_: Refs | None = None
    when: str = ""
    allow_failure: str = ""
    environment: str = ""
    environment_action: str = ""
    resource_group: str = ""
    artifacts: Artifacts | None = None
    trigger: Trigger | None = None
    tags: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Splice:
    """A pipeline input, or an expanded variable, that becomes part of a script's text."""

    text: str
    why: str
    at: At


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One pipeline file with everything it includes. `files` are those that were read, itself first."""

    path: str
    files: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Files of this repository that belong to it and cannot be read; each has its problem."""
    jobs: tuple[PipelineJob, ...] = ()
    variables: tuple[Variable, ...] = ()
    containers: tuple[Container, ...] = ()
    """Images of `default`, or of the whole pipeline."""
    includes: tuple[Included, ...] = ()
    rules: tuple[Condition, ...] | None = None
    """Of `workflow`."""
    default_tokens: tuple[IdToken, ...] = ()
    splices: tuple[Splice, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What is wrong with the files; `about` is a path."""
    child: bool = False
    """Started by another pipeline of this repository."""
