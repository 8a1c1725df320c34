"""pyproject.toml: what `[project]`, `[dependency-groups]`, uv's and Poetry's tables ask for."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement

from tidegate.errors import FormatError
from tidegate.formats import toml
from tidegate.formats.locks import unread
from tidegate.formats.locks.shape import array, table, text, texts
from tidegate.formats.manifests import candidates, pdm_table, poetry_table, python_indexes
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.text import shown
from tidegate.model.package import Manifest

FORMAT = "pyproject.toml"
ECOSYSTEM = "PyPI"
LIMIT = 2 * 1024 * 1024

Sources = Mapping[str, object]


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "pyproject.toml"


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a pyproject.toml (PEP 621, PEP 735, `tool.uv`, `tool.poetry`). Raises FormatError."""
    document = toml.loads(raw, limit=LIMIT, what="the manifest")
    project = table(document.get("project"), "`project`")
    tool = table(document.get("tool"), "`tool`")
    uv, poetry = table(tool.get("uv"), "`tool.uv`"), table(tool.get("poetry"), "`tool.poetry`")
    pdm = table(tool.get("pdm"), "`tool.pdm`")
    named = table(uv.get("sources"), "`sources`")
    sources: Sources = {str(canonicalize_name(name)): value for name, value in named.items()}
    requires = [*_listed(project.get("dependencies"), sources)]
    known = {canonicalize_name(Requirement(one).name) for one in requires}
    requires += [one for one in poetry_table.requires(poetry) if canonicalize_name(Requirement(one).name) not in known]
    optional = [*_extras(project, sources), *_groups(document, uv, sources), *poetry_table.optional(poetry)]
    locks = candidates.python_locks(path, present)
    if any(lock.endswith("pdm.lock") for lock in locks):
        optional += pdm_table.optional(pdm)
    problems = [*python_indexes.pyproject_problems(path, tool)]
    if requires or optional:
        problems += candidates.unread_problem(path, present, locks, unread.PYTHON_LOCKS)
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=tuple(requires),
        optional=tuple(optional),
        locks=locks,
        problems=tuple(problems),
        name=text(project.get("name") or poetry.get("name"), "`name`"),
        version=text(project.get("version") or poetry.get("version"), "`version`"),
        content_hash=poetry_hash(document),
        dynamic=_dynamic(project, poetry),
        overrides=tuple(sorted({*_names(uv.get("override-dependencies")), *pdm_table.overridden(pdm)})),
        content_hashes=tuple(("pdm.lock", one) for one in pdm_table.digests(document)),
        licence=_licence(project.get("license") or poetry.get("license")),
    )


def _licence(value: object) -> str:
    """An expression (PEP 639), or the `text` of a table as PEP 621 had it; a file's name is no licence."""
    said = value.get("text") if isinstance(value, dict) else value
    return said[:1000] if isinstance(said, str) else ""


def _names(value: object) -> Iterator[str]:
    for item in array(value, "`override-dependencies`"):
        written = item if isinstance(item, str) else text(table(item, "an override").get("name"), "`name`")
        try:
            yield canonicalize_name(Requirement(written).name)
        except (InvalidRequirement, ValueError, RecursionError):
            raise FormatError(f"`{shown(written, 80)}` is no requirement") from None


def _dynamic(project: dict[str, object], poetry: dict[str, object]) -> bool:
    """Are dependencies computed at build time? Poetry's own table is read, so its use is not."""
    dynamic = texts(project.get("dynamic"), "`dynamic`")
    return not poetry and ("dependencies" in dynamic or "optional-dependencies" in dynamic)


def _listed(value: object, sources: Sources, extra: str = "") -> Iterator[str]:
    for written in texts(value, "`dependencies`"):
        try:
            requirement = Requirement(written)
        except (InvalidRequirement, ValueError, RecursionError):
            raise FormatError(f"`{shown(written, 80)}` is no requirement") from None
        for head in _heads(requirement, sources.get(canonicalize_name(requirement.name))):
            yield _with_marker(head, requirement, extra)


def _heads(requirement: Requirement, source: object) -> Iterator[str]:
    """Name, extras and specifier or source; one for each source uv is told of."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    name = f"{requirement.name}{extras}"
    if requirement.url:
        yield f"{name} @ {requirement.url}"
        return
    entries = array(source, "`sources`") if isinstance(source, list) else [source] if source is not None else []
    kinds = [_kind(table(entry, "a source")) for entry in entries]
    for kind in sorted(set(kinds)) or [""]:
        yield f"{name} @ {kind}" if kind else f"{name}{requirement.specifier}"


def _kind(source: dict[str, object]) -> str:
    """`git:address` and so on; "" for an index, which is a registry like any other."""
    for kind in ("git", "url", "path"):
        if kind in source:
            return f"{kind}:{'_'.join(text(source[kind], kind).split())}"
    return "workspace:true" if source.get("workspace") is True else ""


def _with_marker(head: str, requirement: Requirement, extra: str) -> str:
    markers = [f"({requirement.marker})"] if requirement.marker and extra else [str(requirement.marker or "")]
    if extra:
        markers.append(f'extra == "{extra}"')
    joined = " and ".join(filter(None, markers))
    return f"{head} ; {joined}" if joined else head


def _extras(project: dict[str, object], sources: Sources) -> Iterator[str]:
    for extra, listed in table(project.get("optional-dependencies"), "`optional-dependencies`").items():
        yield from _listed(listed, sources, canonicalize_name(extra))


def _groups(document: dict[str, object], uv: dict[str, object], sources: Sources) -> Iterator[str]:
    """PEP 735 groups and uv's older list. An included group is listed under its own name already."""
    for name, listed in table(document.get("dependency-groups"), "`dependency-groups`").items():
        for item in array(listed, f"group `{shown(name, 40)}`"):
            if isinstance(item, str):
                yield from _listed([item], sources)
            elif "include-group" not in table(item, "a group's item"):
                raise FormatError("a dependency group holds something that is neither a requirement nor a group")
    yield from _listed(uv.get("dev-dependencies"), sources)


def poetry_hash(document: dict[str, object]) -> str:
    """Poetry's `content-hash` of a pyproject.toml (`poetry.packages.locker`); "" where it has none."""
    project = table(document.get("project"), "`project`")
    groups = table(document.get("dependency-groups"), "`dependency-groups`")
    poetry = table(table(document.get("tool"), "`tool`").get("poetry"), "`tool.poetry`")
    wanted = ("requires-python", "dependencies", "optional-dependencies")
    ours: dict[str, object] = {key: project[key] for key in wanted if key in project}
    theirs: dict[str, object] = {}
    for key in ("dependencies", "source", "extras", "dev-dependencies", "group"):
        if key in poetry or not (key == "group" or ours or groups):
            theirs[key] = poetry.get(key)
    whole: dict[str, object] = {"project": ours} if ours else {}
    if groups:
        whole["dependency-groups"] = groups
    whole = {**whole, "tool": {"poetry": theirs}} if whole else theirs
    try:
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    except (TypeError, ValueError, RecursionError):
        return ""
