"""`[tool.pdm]`: development dependencies, overridden names, and PDM's own digest of what a project asks for."""

import hashlib
import json
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from tidegate.errors import FormatError
from tidegate.formats.locks.shape import array, table, text
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.text import shown


def optional(pdm: dict[str, object]) -> Iterator[str]:
    """The requirements of `dev-dependencies`; local projects (`-e …`) are named by their `#egg=`."""
    for group, listed in table(pdm.get("dev-dependencies"), "`dev-dependencies`").items():
        for item in array(listed, f"group `{shown(group, 40)}`"):
            written = text(item, "a requirement")
            plain = written.removeprefix("-e ").strip()
            if plain != written or plain.startswith((".", "file:")):
                if "#egg=" in plain:
                    yield f"{plain.rpartition('#egg=')[2]} @ {'_'.join(plain.split())}"
                continue
            try:
                Requirement(plain)
            except (InvalidRequirement, ValueError, RecursionError):
                raise FormatError(f"`{shown(written, 80)}` is no requirement") from None
            yield plain


def overridden(pdm: dict[str, object]) -> Iterator[str]:
    """Normalised names whose version or presence the project sets for the whole lock."""
    resolution = table(pdm.get("resolution"), "`resolution`")
    for name in table(resolution.get("overrides"), "`overrides`"):
        yield canonicalize_name(name)
    for item in array(resolution.get("excludes"), "`excludes`"):
        yield canonicalize_name(text(item, "`excludes`"))


def digests(document: dict[str, object]) -> tuple[str, ...]:
    """What PDM writes as `content_hash` (`pdm.project.project_file.PyProject.content_hash`), one for each way its
    versions made it where these do not matter to this project; "" for a workspace, whose members count too.
    """
    project = table(document.get("project"), "`project`")
    pdm = table(table(document.get("tool"), "`tool`").get("pdm"), "`tool.pdm`")
    if "workspace" in pdm:
        return ("",)
    groups = table(document.get("dependency-groups"), "`dependency-groups`")
    older = table(pdm.get("dev-dependencies"), "`dev-dependencies`")
    resolution = table(pdm.get("resolution"), "`resolution`")
    asked: dict[str, object] = {
        "sources": pdm.get("source", []),
        "dependencies": project.get("dependencies", []),
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
    }
    ways: list[dict[str, object]] = [{"dev-dependencies": _merged(groups, older), "resolution": resolution}]
    if not groups:
        ways.append({"dev-dependencies": older, "resolution": resolution})
        if set(resolution) <= {"overrides"}:
            ways.append({"dev-dependencies": older, "overrides": resolution.get("overrides", {})})
    try:
        found = [json.dumps({**asked, **way}, sort_keys=True) for way in ways]
    except (TypeError, ValueError, RecursionError):
        return ()
    return tuple(dict.fromkeys(f"sha256:{hashlib.sha256(one.encode()).hexdigest()}" for one in found))


def _merged(groups: dict[str, object], older: dict[str, object]) -> dict[str, object]:
    """PEP 735 groups and PDM's own under their normalised names."""
    merged: dict[str, list[object]] = {}
    for listed in (groups, older):
        for name, items in listed.items():
            merged.setdefault(str(canonicalize_name(name)), []).extend(array(items, "a group"))
    return dict(merged)
