"""What Python locks share: the checks of a package's files, and the names its project asks for by itself."""

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from tidegate.errors import FormatError
from tidegate.formats import toml
from tidegate.formats.filenames import names_python_package
from tidegate.formats.locks import pins
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.text import shown, subject
from tidegate.model.package import File, Locked, Problem, SourceKind


def size(value: object) -> int | None:
    """The bytes a lock gives a file, None where it gives none or nonsense."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def file_problems(path: str, package: Locked) -> Iterator[Problem]:
    """Files without hash beside hashed ones, and files known by name alone that are another package's."""
    for file in package.files:
        about = f"{path}#{package.purl}#{subject(file.called)}"
        if not file.hashes and package.hashes and not package.bad_hashes:
            yield Problem("package-unhashed", about, "one of its files has no hash", package.line)
        if file.name and not file.url and package.source.kind is SourceKind.REGISTRY:
            yield from _named(about, package, file)


def _named(about: str, package: Locked, file: File) -> Iterator[Problem]:
    if not names_python_package(file.name, package.name, package.version):
        message = f"its file `{shown(file.name)}` names another package or version"
        yield Problem("url-mismatch", about, message, package.line)


def direct_names(manifest: bytes | None) -> frozenset[str]:
    """Normalised names a pyproject.toml asks for; none where it cannot be read, which is a finding of its own."""
    if manifest is None:
        return frozenset()
    try:
        document = toml.loads(manifest, limit=pins.LIMIT, what="the manifest")
    except FormatError:
        return frozenset()
    project, tool = document.get("project"), document.get("tool")
    wanted = [
        _at(project, "dependencies"),
        _at(project, "optional-dependencies"),
        document.get("dependency-groups"),
        _at(tool, "poetry", "dependencies"),
        _at(tool, "poetry", "dev-dependencies"),
        _at(tool, "pdm", "dev-dependencies"),
    ]
    groups = _at(tool, "poetry", "group")
    wanted += [_at(group, "dependencies") for group in groups.values()] if isinstance(groups, dict) else []
    return frozenset(name for one in wanted for name in _names(one))


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _names(value: object) -> Iterator[str]:
    """Of a list of requirements, lists by group, or a table by name."""
    if isinstance(value, list):
        for one in value:
            if isinstance(one, str):
                yield from _required(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, list) and all(isinstance(item, str) or "include-group" in item for item in one):
                yield from _names(one)
            else:
                yield canonicalize_name(key)


def _required(written: str) -> Iterator[str]:
    try:
        yield canonicalize_name(Requirement(written.removeprefix("-e ").strip()).name)
    except (InvalidRequirement, ValueError, RecursionError):
        return
