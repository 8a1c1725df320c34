"""GitHub Actions workflows and action definitions: triggers, jobs, steps, and the permissions each job holds.

Follows "Workflow syntax for GitHub Actions" and "Metadata syntax for GitHub Actions". Unknown keys are tolerated, since
they grow every year; what this reader does look at must have its documented shape.
"""

import re

from tidegate.errors import FormatError
from tidegate.formats.text import shown
from tidegate.formats.yaml_documents import Document, Path, Plain, load
from tidegate.model.workflow import Job, Pairs, Step, Trigger, Workflow

LIMIT = 1_000_000
MAX_STEPS = 20_000
WORKFLOW = "github-workflow"
ACTION = "github-action"

_WORKFLOW_PATH = re.compile(r"\.github/workflows/[^/]+\.ya?ml", re.IGNORECASE)
_ACTION_PATH = re.compile(r"(?:.*/)?action\.ya?ml", re.DOTALL)
_LEVELS = frozenset({"read", "write", "none"})
_SHORTHANDS = {"read-all": "read", "write-all": "write"}
_JOB_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,199}")
_SCOPE = re.compile(r"[a-z][a-z0-9-]{0,63}")
_FILTERS = frozenset(
    {"branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore", "types", "workflows"}
)


def matches(path: str) -> bool:
    """Workflows directly in the root's `.github/workflows`, action definitions anywhere."""
    return dialect(path) != ""


def dialect(path: str) -> str:
    """`github-workflow`, `github-action` or "" for a path relative to the repository."""
    if _WORKFLOW_PATH.fullmatch(path):
        return WORKFLOW
    return ACTION if _ACTION_PATH.fullmatch(path) else ""


def parse(path: str, raw: bytes) -> Workflow:
    """Read a workflow or action definition. Raises FormatError with the line when it is malformed."""
    document = load(raw, limit=LIMIT, what="the file")
    return _Reader(path, document).action() if dialect(path) == ACTION else _Reader(path, document).workflow()


class _Reader:
    def __init__(self, path: str, document: Document) -> None:
        self.path = path
        self.document = document
        self.steps_seen = 0
        self.defaults: dict[str, str] = {}

    def workflow(self) -> Workflow:
        root = self._mapping(self.document.value, ())
        if "on" not in root:
            raise FormatError("a workflow needs `on`", line=1)
        jobs = self._mapping(root.get("jobs"), ("jobs",))
        if not jobs:
            raise self._fault("a workflow needs at least one job", ("jobs",))
        whole = self._defaults(root, ())
        return Workflow(
            path=self.path,
            dialect=WORKFLOW,
            permissions=self._permissions(root, ()),
            jobs=tuple(self._job(id_, job, whole) for id_, job in jobs.items()),
            triggers=self._triggers(root["on"]),
            permissions_line=self.document.line("permissions"),
            scope_lines=self._scope_lines(root, ()),
            events=self._events(root["on"]),
            env=self._pairs(root, "env", ()),
            env_line=self.document.line("env"),
            inputs=self._called_with(root["on"], "inputs"),
            secrets=self._called_with(root["on"], "secrets"),
        )

    def action(self) -> Workflow:
        """An action has one pseudo job, `runs`; it holds no permissions of its own."""
        root = self._mapping(self.document.value, ())
        runs = self._mapping(root.get("runs"), ("runs",))
        using = runs.get("using")
        if not isinstance(using, str):
            raise self._fault("`runs` needs `using`", ("runs",))
        steps = self._steps(runs.get("steps"), ("runs", "steps")) if "steps" in runs else ()
        job = Job(id="runs", steps=steps, line=self.document.line("runs"))
        inputs = tuple(sorted(self._mapping(root["inputs"], ("inputs",)))) if root.get("inputs") is not None else ()
        return Workflow(path=self.path, dialect=ACTION, jobs=(job,), inputs=inputs, using=using)

    def _triggers(self, plain: Plain) -> tuple[str, ...]:
        if isinstance(plain, str):
            return (plain,)
        names = list(plain) if isinstance(plain, list | dict) else []
        events = [name for name in names if isinstance(name, str)]
        if not events or len(events) != len(names):
            raise self._fault("`on` is an event, a list of events or a mapping of events", ("on",))
        return tuple(sorted(set(events)))

    def _events(self, plain: Plain) -> tuple[Trigger, ...]:
        """The events with those filters that are plain names; other settings of an event are no filters."""
        if not isinstance(plain, dict):
            return tuple(Trigger(event) for event in self._triggers(plain))
        events = []
        for event, settings in sorted(plain.items()):
            named = sorted(settings.items()) if isinstance(settings, dict) else []
            filters = ((key, _names(value)) for key, value in named if key in _FILTERS)
            events.append(Trigger(event, tuple(filters)))
        return tuple(events)

    def _called_with(self, plain: Plain, what: str) -> tuple[str, ...]:
        call = plain.get("workflow_call") if isinstance(plain, dict) else None
        named = call.get(what) if isinstance(call, dict) else None
        return tuple(sorted(named)) if isinstance(named, dict) else ()

    def _defaults(self, owner: dict[str, Plain], path: Path) -> dict[str, str]:
        """`defaults.run`: the shell and the folder of steps that name none."""
        defaults = owner.get("defaults")
        run = defaults.get("run") if isinstance(defaults, dict) else None
        if not isinstance(run, dict):
            return {}
        place = (*path, "defaults", "run")
        return {key: self._scalar(run, key, place) for key in ("shell", "working-directory") if key in run}

    def _job(self, id_: str, plain: Plain, whole: dict[str, str]) -> Job:
        path: Path = ("jobs", id_)
        if not _JOB_ID.fullmatch(id_):
            raise self._fault("a job id has letters, digits, `-` and `_` and starts with a letter or `_`", path)
        job = self._mapping(plain, path)
        if ("steps" in job) == ("uses" in job):
            raise self._fault(f"the job `{id_}` needs either `steps` or `uses`", path)
        self.defaults = whole | self._defaults(job, path)
        return Job(
            id=id_,
            permissions=self._permissions(job, path),
            steps=self._steps(job["steps"], (*path, "steps")) if "steps" in job else (),
            calls=self._string(job, "uses", path),
            environment=self._environment(job.get("environment"), (*path, "environment")),
            line=self.document.line(*path),
            permissions_line=self.document.line(*path, "permissions"),
            scope_lines=self._scope_lines(job, path),
            name=self._scalar(job, "name", path),
            needs=_names(job.get("needs")),
            runs_on=self._runs_on(job.get("runs-on")),
            images=self._images(job, path),
            env=self._pairs(job, "env", path),
            with_=self._pairs(job, "with", path),
            outputs=self._pairs(job, "outputs", path),
            secrets=() if job.get("secrets") == "inherit" else self._pairs(job, "secrets", path),
            inherits=job.get("secrets") == "inherit",
            if_=self._scalar(job, "if", path),
            continue_on_error=self._scalar(job, "continue-on-error", path),
        )

    def _runs_on(self, plain: Plain) -> tuple[str, ...]:
        if isinstance(plain, dict):
            return (*_names(plain.get("group")), *_names(plain.get("labels")))
        return _names(plain)

    def _images(self, job: dict[str, Plain], path: Path) -> tuple[str, ...]:
        """Images of the job's container and services; "" where an image is left out on purpose."""
        services = job.get("services")
        if services is not None and not isinstance(services, dict | str):
            raise self._fault("`services` is a mapping", (*path, "services"))
        named = [job.get("container"), *(services.values() if isinstance(services, dict) else ())]
        images = [each.get("image") if isinstance(each, dict) else each for each in named]
        return tuple(image for image in images if isinstance(image, str) and image)

    def _pairs(self, owner: dict[str, Plain], key: str, path: Path) -> Pairs:
        """A mapping of names to text; an expression in its place stays one."""
        plain = owner.get(key)
        if plain is None:
            return ()
        if isinstance(plain, str) and "${{" in plain:
            return (("*", plain),)
        if not isinstance(plain, dict):
            raise self._fault(f"`{key}` is a mapping", (*path, key))
        odd = next((name for name, value in plain.items() if isinstance(value, list | dict)), None)
        if odd is not None:
            raise self._fault(f"`{shown(odd, 80)}` in `{key}` is not a string", (*path, key, odd))
        return tuple(sorted((name, _text(value)) for name, value in plain.items()))

    def _scope_lines(self, owner: dict[str, Plain], path: Path) -> tuple[tuple[str, int], ...]:
        block = owner.get("permissions")
        scopes = sorted(block) if isinstance(block, dict) else []
        lines = ((scope, self.document.line(*path, "permissions", scope)) for scope in scopes)
        return tuple((scope, line) for scope, line in lines if line is not None)

    def _permissions(self, owner: dict[str, Plain], path: Path) -> tuple[tuple[str, str], ...] | None:
        if "permissions" not in owner:
            return None
        plain, path = owner["permissions"], (*path, "permissions")
        if isinstance(plain, str) and plain in _SHORTHANDS:
            return (("*", _SHORTHANDS[plain]),)
        if not isinstance(plain, dict):
            raise self._fault("`permissions` is `read-all`, `write-all` or a mapping of scopes", path)
        for scope, level in plain.items():
            if not _SCOPE.fullmatch(scope) or not isinstance(level, str) or level not in _LEVELS:
                raise self._fault("a permission is a scope with `read`, `write` or `none`", (*path, scope))
        return tuple(sorted((scope, str(level)) for scope, level in plain.items()))

    def _environment(self, plain: Plain, path: Path) -> str:
        if isinstance(plain, dict):
            plain = plain.get("name")
        if isinstance(plain, list | dict):
            raise self._fault("`environment` is a name or a mapping with `name`", path)
        return _text(plain)

    def _steps(self, plain: Plain, path: Path) -> tuple[Step, ...]:
        """Steps in order; those inside `parallel` stand where their group stands."""
        if not isinstance(plain, list):
            raise self._fault("`steps` is a list", path)
        steps: list[Step] = []
        for index, item in enumerate(plain):
            place = (*path, index)
            step = self._mapping(item, place)
            self.steps_seen += 1
            if self.steps_seen > MAX_STEPS:
                raise self._fault(f"there are more than {MAX_STEPS} steps", place)
            if "parallel" in step:
                steps.extend(self._steps(step["parallel"], (*place, "parallel")))
            else:
                steps.append(self._step(step, place))
        return tuple(steps)

    def _step(self, step: dict[str, Plain], path: Path) -> Step:
        if "uses" in step and "run" in step:
            raise self._fault("a step has either `uses` or `run`", path)
        return Step(
            name=self._scalar(step, "name", path),
            uses=self._string(step, "uses", path),
            run=self._scalar(step, "run", path),
            line=self.document.line(*path),
            id=self._scalar(step, "id", path),
            with_=self._pairs(step, "with", path),
            env=self._pairs(step, "env", path),
            if_=self._scalar(step, "if", path),
            continue_on_error=self._scalar(step, "continue-on-error", path),
            shell=self._scalar(step, "shell", path) or self.defaults.get("shell", ""),
            folder=self._scalar(step, "working-directory", path) or self.defaults.get("working-directory", ""),
        )

    def _mapping(self, plain: Plain, path: Path) -> dict[str, Plain]:
        if not isinstance(plain, dict):
            name = f"`{shown('.'.join(map(str, path)))}`" if path else "the file"
            raise self._fault(f"{name} is not a mapping", path)
        return plain

    def _string(self, owner: dict[str, Plain], key: str, path: Path) -> str:
        value = owner.get(key, "")
        if not isinstance(value, str) or (key in owner and not value.strip()):
            raise self._fault(f"`{key}` is not a string", (*path, key))
        return value

    def _scalar(self, owner: dict[str, Plain], key: str, path: Path) -> str:
        value = owner.get(key)
        if isinstance(value, list | dict):
            raise self._fault(f"`{key}` is not a string", (*path, key))
        return _text(value)

    def _fault(self, message: str, path: Path) -> FormatError:
        """At the path's line, or its nearest ancestor's when the path is missing."""
        while path and path not in self.document.marks:
            path = path[:-1]
        return FormatError(message, line=self.document.line(*path))


def _names(plain: Plain) -> tuple[str, ...]:
    """One name or a list of them; what is no plain value has no name."""
    items = plain if isinstance(plain, list) else [] if plain is None else [plain]
    return tuple(_text(item) for item in items if not isinstance(item, list | dict))


def _text(plain: Plain) -> str:
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return "" if plain is None else str(plain)
