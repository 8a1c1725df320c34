"""Settings of Python package managers that let two indexes serve one name, or accept an index without its certificate.

uv takes a name from the first index that has it and PDM's indexes are judged with its lock, so only what goes beyond
that is told here. Poetry asks every source that is not `explicit`.
"""

from collections.abc import Iterator

from tidegate.formats.locks.shape import table, tables, text, texts
from tidegate.formats.text import shown, subject
from tidegate.model.package import Problem

_UNSAFE = frozenset({"unsafe-first-match", "unsafe-best-match"})
_FIRST = frozenset({"", "primary", "default"})


def pyproject_problems(path: str, tool: dict[str, object]) -> Iterator[Problem]:
    """What `[tool.uv]` and `[tool.poetry]` allow. Raises FormatError for values of the wrong kind."""
    uv = table(tool.get("uv"), "`tool.uv`")
    for where, settings in (("tool.uv", uv), ("tool.uv.pip", table(uv.get("pip"), "`tool.uv.pip`"))):
        strategy = text(settings.get("index-strategy"), "`index-strategy`")
        if strategy in _UNSAFE:
            message = f"`index-strategy = {shown(strategy, 40)}` lets every index serve every name"
            yield Problem("index-mixed", f"{path}#{where}.index-strategy", message)
        for host in texts(settings.get("allow-insecure-host"), "`allow-insecure-host`"):
            message = "`allow-insecure-host` accepts any certificate from that host"
            yield Problem("source-not-allowed", f"{path}#{where}:{subject(host)}", message)
    yield from _poetry(path, table(tool.get("poetry"), "`tool.poetry`"))


def _poetry(path: str, poetry: dict[str, object]) -> Iterator[Problem]:
    searched: list[str] = []
    replaced = False
    for source in tables(poetry.get("source"), "`source`"):
        priority = text(source.get("priority"), "`priority`").lower()
        if priority == "explicit":
            continue
        searched.append(text(source.get("name"), "`name`"))
        replaced = replaced or (priority in _FIRST and source.get("secondary") is not True)
    if len(searched) > 1 or (searched and not replaced):
        names = ", ".join(f"`{shown(name, 40)}`" for name in searched[:3])
        others = "" if replaced else " besides the public index"
        message = f'Poetry takes a name from any of {names}{others}; give them `priority = "explicit"`'
        yield Problem("index-mixed", f"{path}#tool.poetry.source", message)


def pipfile_problems(path: str, document: dict[str, object]) -> Iterator[Problem]:
    """What `[pipenv]` allows. Raises FormatError for values of the wrong kind."""
    settings = table(document.get("pipenv"), "`pipenv`")
    if settings.get("install_search_all_sources") is True and len(tables(document.get("source"), "`source`")) > 1:
        message = "`install_search_all_sources` lets every index serve every name"
        yield Problem("index-mixed", f"{path}#pipenv", message)
