"""What was visibly copied into an artifact and says of itself neither name nor version: counted, and never guessed."""

import re
from collections.abc import Iterator

from tidegate.formats.python_names import canonicalize_name
from tidegate.model.inventory import Content

MAX_NAMED = 100
_BUNDLE = re.compile(r"(?:[.-]min|[.-]bundle|[.-]chunk)\.js$", re.ASCII)
_VENDORED = re.compile(r"((?:.*/)?_vendor(?:ed)?/)([A-Za-z_][A-Za-z0-9_]*)(?:/|\.py$)", re.ASCII)


def properties(content: Content | None) -> Iterator[tuple[str, str]]:
    """`tidegate:unknown-bundles`, a number, and one `tidegate:unknown-vendored`, a path, each."""
    if content is None:
        return
    known = {packed.path for packed in content.packages}
    bundles = sum(_BUNDLE.search(member.path) is not None and member.path not in known for member in content.members)
    if bundles:
        yield "tidegate:unknown-bundles", str(bundles)
    vendored = sorted(_vendored(content))
    for path in vendored[:MAX_NAMED]:
        yield "tidegate:unknown-vendored", path
    if len(vendored) > MAX_NAMED:
        yield "tidegate:omitted-vendored", str(len(vendored) - MAX_NAMED)


def _vendored(content: Content) -> set[str]:
    """Modules in a vendor folder that none of the packages found in that folder is called like."""
    found = {match[1] + match[2] for member in content.members if (match := _VENDORED.match(member.path))}
    named = {
        (packed.path[: match.end()], canonicalize_name(packed.package.name))
        for packed in content.packages
        if (match := re.match(r"(?:.*/)?_vendor(?:ed)?/", packed.path))
    }
    return {
        path
        for path in found
        if (path.rpartition("/")[0] + "/", canonicalize_name(path.rpartition("/")[2])) not in named
        and not path.endswith("/__init__")
    }
