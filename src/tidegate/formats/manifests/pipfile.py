"""Pipfile: what each category asks for, written as PEP 508 requirements, and Pipenv's own digest of it."""

import hashlib
import json
from collections.abc import Collection, Iterator

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tidegate.errors import FormatError
from tidegate.formats import registries, repopath, toml
from tidegate.formats.locks import pipfile_lock
from tidegate.formats.locks.shape import table, text, texts
from tidegate.formats.manifests import python_indexes
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.text import shown
from tidegate.model.package import Manifest

FORMAT = "Pipfile"
ECOSYSTEM = "PyPI"
LIMIT = 2 * 1024 * 1024
_SECTIONS = frozenset({"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv"})
_MARKERS = ("os_name", "sys_platform", "platform_machine", "platform_system", "python_version", "python_full_version")
_SOMEWHERE = "python_version > '0'"


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "Pipfile"


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a Pipfile. Raises FormatError."""
    document = toml.loads(raw, limit=LIMIT, what="the manifest")
    sections = {key: table(one, f"`{shown(key, 40)}`") for key, one in document.items() if key not in _SECTIONS}
    requires = tuple(_listed(document.get("packages")))
    optional = [*_listed(document.get("dev-packages"))]
    for section in sections.values():
        optional += _listed(section)
    lock = repopath.join(repopath.folder(path), pipfile_lock.NAMES[0])
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires,
        tuple(optional),
        locks=(lock,) if lock in present else (),
        problems=tuple(python_indexes.pipfile_problems(path, document)),
        content_hashes=tuple((pipfile_lock.FORMAT, one) for one in digests(document)),
    )


def _listed(section: object) -> Iterator[str]:
    for name, value in table(section, "a category").items():
        yield _requirement(name, {"version": value} if isinstance(value, str) else table(value, "a package"))


def _requirement(name: str, entry: dict[str, object]) -> str:
    extras = texts(entry.get("extras"), "`extras`")
    head = name + (f"[{','.join(extras)}]" if extras else "")
    where = next((kind for kind in ("git", "hg", "svn", "bzr", "file", "path") if kind in entry), "")
    if where:
        head += f" @ {where}:{'_'.join(text(entry[where], where).split())}"
    else:
        head += _specifier(text(entry.get("version"), "`version`"))
    marker = " and ".join(_markers(entry))
    whole = f"{head} ; {marker}" if marker else head
    try:
        Requirement(whole)
    except (InvalidRequirement, ValueError, RecursionError):
        raise FormatError(f"`{shown(name, 80)}` is no dependency") from None
    return whole


def _specifier(version: str) -> str:
    plain = version.strip()
    if plain in {"", "*"}:
        return ""
    joined = f"=={plain}" if plain[0].isdigit() else plain
    try:
        return str(SpecifierSet(joined))
    except InvalidSpecifier:
        raise FormatError(f"`{shown(version, 60)}` is no version") from None


def _markers(entry: dict[str, object]) -> Iterator[str]:
    """What ties a wish to a platform; a marker that cannot be read ties it to some."""
    written = [text(entry.get("markers"), "`markers`")]
    written += [f"{key} {text(entry[key], key)}" for key in _MARKERS if key in entry]
    for one in filter(None, written):
        try:
            Marker(one)
        except (InvalidMarker, ValueError, RecursionError):
            yield _SOMEWHERE
        else:
            yield f"({one})"


def digests(document: dict[str, object]) -> tuple[str, ...]:
    """What Pipenv writes as `_meta.hash.sha256` (`plette.Pipfile.get_hash`): of names in their normal form since 2026,
    before that of names as they are written. Empty where the Pipfile holds what JSON cannot."""
    source = document.get("source", registries.python_sources())
    asked: dict[str, object] = {
        "default": document.get("packages", {}),
        "develop": document.get("dev-packages", {}),
        **{key: one for key, one in document.items() if key not in _SECTIONS | {"default", "develop"}},
    }
    meta: dict[str, object] = {"sources": source, "requires": document.get("requires", {})}
    normal = {key: _normal(one) for key, one in asked.items()}
    try:
        found = [json.dumps({"_meta": meta, **one}, sort_keys=True, separators=(",", ":")) for one in (normal, asked)]
    except (TypeError, ValueError, RecursionError):
        return ()
    return tuple(dict.fromkeys(hashlib.sha256(one.encode()).hexdigest() for one in found))


def _normal(section: object) -> object:
    return {canonicalize_name(key): one for key, one in section.items()} if isinstance(section, dict) else section
