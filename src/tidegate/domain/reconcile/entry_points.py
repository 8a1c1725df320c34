"""What a wheel installs as commands and plugins, held against what the commit's `pyproject.toml` declares."""

import re
from collections.abc import Iterator, Sequence

from tidegate.domain.reconcile.shapes import MAX_SHAPED, Entry
from tidegate.errors import FormatError
from tidegate.formats import toml
from tidegate.formats.python_names import canonicalize_name

_GROUPS = {"scripts": "console_scripts", "gui-scripts": "gui_scripts"}
_EXTRAS = re.compile(r"\[[^\][]*\]$")


def undeclared(entries: Sequence[Entry], descriptions: Sequence[bytes], name: str) -> tuple[Entry, ...]:
    """Entry points of the package `name` that a static description of it does not declare; () where none is static.

    What another description spells out with its group counts as declared: tools read them together.
    """
    for text in descriptions:
        told = _declared(text, name)
        if told is not None:
            others = [each for each in descriptions if each is not text]
            return tuple(each for each in entries if _said(each) not in told and not _spelt_out(each, others))
    return ()


def _said(entry: Entry) -> tuple[str, str, str]:
    return entry.group, entry.name, entry.target


def _spelt_out(entry: Entry, texts: Sequence[bytes]) -> bool:
    return any(entry.group.encode() in text and entry.target.encode() in text for text in texts)


def _declared(raw: bytes, name: str) -> frozenset[tuple[str, str, str]] | None:
    """(group, name, target) of each; None for a text that is no description of this package, or leaves them open."""
    try:
        document = toml.loads(raw, limit=MAX_SHAPED, what="pyproject.toml")
    except FormatError:
        return None
    project, tool = _table(document, "project"), _table(document, "tool")
    poetry = _table(tool, "poetry")
    titles = {canonicalize_name(each) for each in (project.get("name"), poetry.get("name")) if isinstance(each, str)}
    dynamic = project.get("dynamic")
    open_ = {*dynamic} if isinstance(dynamic, list) and all(isinstance(each, str) for each in dynamic) else set()
    if canonicalize_name(name) not in titles or open_ & {*_GROUPS, "entry-points"}:
        return None
    return frozenset((*_standard(project), *_of_poetry(poetry)))


def _standard(project: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """`[project.scripts]`, `[project.gui-scripts]`, `[project.entry-points]` (PEP 621)."""
    for key, group in _GROUPS.items():
        yield from _group(group, _table(project, key))
    points = _table(project, "entry-points")
    for group in points:
        yield from _group(group, _table(points, group))


def _of_poetry(poetry: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    yield from _group("console_scripts", _table(poetry, "scripts"))
    plugins = _table(poetry, "plugins")
    for group in plugins:
        yield from _group(group, _table(plugins, group))


def _group(group: str, listed: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    for name, value in listed.items():
        # Poetry's longer form: `{callable = "module:object", extras = [...]}`, and `reference` since 1.2.
        target = (value.get("reference") or value.get("callable")) if isinstance(value, dict) else value
        if isinstance(target, str):
            yield group, name, "".join(_EXTRAS.sub("", target.strip()).split())


def _table(document: dict[str, object], key: str) -> dict[str, object]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}
