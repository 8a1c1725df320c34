"""The tree of version 1, which npm 5 and 6 wrote, as the table by place that later versions have."""

import re
from collections.abc import Iterator, Mapping

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.locks import node, npm_tree, pins
from tidegate.formats.locks.shape import table, text

FORM = "package-lock.json v1"

_VERSION = re.compile(r"[v=]?[0-9]+\.[0-9]")
_KEPT = ("version", "resolved", "integrity", "dev", "optional", "deprecated")


def entries(document: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Every package by its place. Raises FormatError."""
    found: dict[str, dict[str, object]] = {}
    waiting: list[tuple[str, Mapping[str, object]]] = [("", document)]
    while waiting:
        base, parent = waiting.pop()
        for name, value in table(parent.get("dependencies"), "`dependencies`").items():
            entry = table(value, "a dependency")
            place = f"{base}/node_modules/{name}" if base else f"node_modules/{name}"
            found[place] = _converted(name, entry)
            if entry.get("bundled") is True and base:
                found[base]["bundleDependencies"] = True
            if len(found) > pins.MAX_PACKAGES:
                raise FormatError(f"the lockfile holds more than {pins.MAX_PACKAGES} packages")
            if "dependencies" in entry:
                waiting.append((place, entry))
    return found


def _converted(name: str, entry: Mapping[str, object]) -> dict[str, object]:
    found = {key: entry[key] for key in _KEPT if key in entry}
    found["inBundle"] = entry.get("bundled") is True
    needs = entry.get("requires")
    found["dependencies"] = needs if isinstance(needs, dict) else {}
    version = text(entry.get("version"), "`version`")
    real = node.alias(version)
    if real:
        return {**found, "name": real, "version": version.rpartition("@")[2]}
    if version and not _VERSION.match(version) and (":" in version or "/" in version):
        kind, _, place = version.partition(":")
        address = f"git+https://{node.CODE_HOSTS[kind]}/{place}" if kind in node.CODE_HOSTS else version
        return {**found, "resolved": address, "version": node.version_in(address, name)}
    return found


def lines(raw: bytes, document: Mapping[str, object]) -> dict[str, int]:
    """The line of each place, where the text has a line for each key of the document; else {}."""
    keys = [(line, key) for line, key in npm_tree.keys(raw)]
    walked = list(_walk(document))
    if [key for _, key in keys] != [key for key, _ in walked]:
        return {}
    return {place: line for (line, _), (_, place) in zip(keys, walked, strict=True) if place}


def _walk(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Every key with an object, in the order of the text, and the place of a dependency it names."""
    waiting: list[tuple[str, str, Mapping[str, object], str]] = [("", "", document, "")]
    while waiting:
        key, place, value, base = waiting.pop()
        if value is not document:
            yield key, place
        within = place or base
        inner = []
        for name, child in value.items():
            if isinstance(child, dict):
                named = key == "dependencies" and not place
                below = (f"{base}/node_modules/{name}" if base else f"node_modules/{name}") if named else ""
                inner.append((name, below, child, within))
        waiting += reversed(inner)


def wished(manifest: bytes | None) -> npm_tree.Wishes | None:
    """What the manifest beside the lock asks for, which this version does not record. Raises FormatError."""
    if manifest is None:
        return None
    document = strict_json.loads(manifest, limit=pins.LIMIT, what="the manifest beside the lockfile")
    return npm_tree.wishes(table(document, "the manifest beside the lockfile"))
