"""Configuration written as TOML, YAML or JSON, whole files or the part of a manifest that is one."""

from collections.abc import Iterator, Mapping

from tidegate.errors import FormatError
from tidegate.formats import strict_json, toml
from tidegate.formats.configs.settings import LIMIT, Lines, Setting, flatten, kept

_WHAT = "the configuration"
_MANIFEST_KEYS = ("pnpm", "trustedDependencies", "allowScripts")


def toml_file(raw: bytes) -> tuple[Setting, ...]:
    """Every value. Raises FormatError."""
    document = toml.loads(raw, limit=LIMIT, what=_WHAT)
    return kept(flatten(document, _lines(raw)))


def pyproject(raw: bytes) -> tuple[Setting, ...]:
    """`[tool.uv]` as in `uv.toml`, and the sources of Poetry and PDM. Raises FormatError."""
    document = toml.loads(raw, limit=LIMIT, what=_WHAT)
    return kept(_tools(_mapping(document.get("tool")), _lines(raw)))


def _tools(tool: Mapping[str, object], lines: Lines) -> Iterator[Setting]:
    yield from flatten(_mapping(tool.get("uv")), lines)
    for name in ("poetry", "pdm"):
        table = _mapping(tool.get(name))
        yield from flatten({key: table[key] for key in ("source", "requires-plugins") if key in table}, lines, name)


def yaml_file(raw: bytes) -> tuple[Setting, ...]:
    """Every value. Raises FormatError."""
    from tidegate.formats import yaml_documents  # takes 10 ms, and few configurations are YAML

    document = yaml_documents.load(raw, limit=LIMIT, what=_WHAT)
    if document.value is not None and not isinstance(document.value, dict):
        raise FormatError("the configuration is not a mapping")
    return kept(flatten(document.value or {}, _lines(raw)))


def package_json(raw: bytes) -> tuple[Setting, ...]:
    """What a manifest of npm says to package managers about scripts and sources. Raises FormatError."""
    document = strict_json.loads(raw, limit=LIMIT, what=_WHAT)
    if not isinstance(document, dict):
        raise FormatError("the manifest is not a JSON object")
    return kept(flatten({key: document[key] for key in _MANIFEST_KEYS if key in document}, _lines(raw)))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _lines(raw: bytes) -> Lines:
    return Lines(raw.decode("utf-8", "replace"))
