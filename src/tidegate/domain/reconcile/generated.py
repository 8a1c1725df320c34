"""Files every build of a kind makes: exact names at exact places, each with the shape its tool gives it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tidegate.domain.reconcile import build_scripts, shapes, version_files
from tidegate.domain.reconcile.entry_points import undeclared
from tidegate.domain.reconcile.places import Places
from tidegate.domain.reconcile.shapes import version_is
from tidegate.formats.python_names import canonicalize_name
from tidegate.model.inventory import Content, Member
from tidegate.model.package import Manifest
from tidegate.model.release import ArtifactKind

_EGG_INFO = re.compile(r"(?:(?:src|lib|python)/)?([^/]+)\.egg-info/([^/]+)", re.ASCII)
_MODULE_ENDINGS = (".py", "/__init__.py")
_EXTENSION = re.compile(r"\.(?:[A-Za-z0-9_-]+\.)?(?:so|pyd)$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Making:
    """What is known of the build: `manifests` are clean ones of the release, `descriptions` the texts of its
    pyproject.toml, setup.cfg and setup.py, `own` all members by their own path."""

    content: Content
    places: Places
    manifests: tuple[Manifest, ...] = ()
    descriptions: tuple[bytes, ...] = ()
    own: frozenset[str] = frozenset()
    _modules: set[str] = field(default_factory=set)

    def known_module(self, name: str) -> bool:
        """Is a module among the artifact's own files?"""
        if not self._modules:
            self._modules.update(_module(path) for path in self.own)
        return name in self._modules or any(f"{at}.{name}" in self._modules for at in ("src", "lib", "python"))


def why(making: Making, member: Member, raw: bytes | None, *, committed: bool) -> str:
    """What makes a member a generated file, "" when nothing does. `raw` is its content, None when it is too large.

    `committed` says that the commit has a file there: then a build may write metadata and versions, and nothing else.
    """
    own = making.places.own(member.path)
    kind = making.content.kind
    shaped = None
    if kind is ArtifactKind.WHEEL:
        shaped = _of_wheel(making, member.path)
    elif kind is ArtifactKind.SDIST:
        shaped = None if committed and own == "setup.cfg" else _of_sdist(making, own)
    if shaped is not None:
        return shaped[0] if raw is not None and shaped[1](raw) else ""
    if version_files.is_named(own) and kind in {ArtifactKind.WHEEL, ArtifactKind.SDIST}:
        return "a version file" if raw is not None and version_files.fits(raw, making.content.version) else ""
    if member.size == 0 and not committed and not build_scripts.runs(kind, own, b""):
        return "an empty file"
    return ""


_Shaped = tuple[str, Callable[[bytes], bool]]


def _of_wheel(making: Making, path: str) -> _Shaped | None:
    name = path.partition("/")[2]
    if not is_own_info(making.content, path):
        return None
    if name.startswith("sboms/") and name.endswith((".json", ".xml")):
        return "an embedded SBOM", shapes.sbom
    shaped: dict[str, Callable[[bytes], bool]] = {
        "METADATA": lambda raw: _is_text(raw) and plausible(making),
        "RECORD": _is_text,
        "WHEEL": shapes.wheel,
        "entry_points.txt": lambda raw: _are_entry_points(making, raw),
        "top_level.txt": shapes.modules,
        "namespace_packages.txt": shapes.modules,
        "scm_version.json": shapes.scm,
        "scm_file_list.json": shapes.scm,
        "zip-safe": _is_mark,
    }
    return ("metadata of the wheel", shaped[name]) if name in shaped else None


def _of_sdist(making: Making, own: str) -> _Shaped | None:
    if own == "PKG-INFO":
        return "metadata of the sdist", lambda raw: _is_text(raw) and plausible(making)
    if own == "setup.cfg":
        return "written by setuptools", lambda raw: shapes.setup_cfg(raw, None)
    match = _EGG_INFO.fullmatch(own)
    if match is None or canonicalize_name(match[1]) != canonicalize_name(making.content.name):
        return None
    shaped: dict[str, Callable[[bytes], bool]] = {
        "PKG-INFO": lambda raw: _is_text(raw) and plausible(making),
        "SOURCES.txt": _is_text,
        "requires.txt": _is_text,
        "dependency_links.txt": lambda raw: not raw.strip(),
        "entry_points.txt": lambda raw: _are_entry_points(making, raw),
        "top_level.txt": shapes.modules,
        "namespace_packages.txt": shapes.modules,
        "scm_version.json": shapes.scm,
        "scm_file_list.json": shapes.scm,
        "zip-safe": _is_mark,
        "not-zip-safe": _is_mark,
    }
    return ("metadata of setuptools", shaped[match[2]]) if match[2] in shaped else None


def plausible(making: Making) -> bool:
    """Does a manifest of the release have the artifact's name, and its version unless that is made by the build?"""
    content = making.content
    if not content.name or not content.version:
        return False
    named = [manifest for manifest in making.manifests if manifest.ecosystem == content.ecosystem and manifest.name]
    return not named or any(
        canonicalize_name(manifest.name) == canonicalize_name(content.name)
        and (not manifest.version or version_is(manifest.version, content.version))
        for manifest in named
    )


def is_own_info(content: Content, path: str) -> bool:
    """Does a member lie in the metadata folder of the wheel itself?"""
    folder = path.partition("/")[0]
    name, _, version = folder.removesuffix(".dist-info").partition("-")
    same = canonicalize_name(name) == canonicalize_name(content.name) and version_is(version, content.version)
    return same and folder.endswith(".dist-info")


def _are_entry_points(making: Making, raw: bytes) -> bool:
    """Each points into the artifact, or is written out in the project's description, which declares it if it can."""
    found = shapes.entry_points(raw)
    return (
        found is not None
        and all(
            making.known_module(each.module) or any(each.target.encode() in text for text in making.descriptions)
            for each in found
        )
        and not undeclared(found, making.descriptions, making.content.name)
    )


def doubt(making: Making, member: Member, raw: bytes | None) -> str:
    """Why a file that looks generated is not taken for one, "" where nothing more can be said."""
    if member.path.rpartition("/")[2] != "entry_points.txt" or raw is None:
        return ""
    for each in undeclared(shapes.entry_points(raw) or (), making.descriptions, making.content.name):
        return f"the commit does not declare its entry point {each.name} = {each.target} of {each.group}"
    return ""


def _module(path: str) -> str:
    for ending in _MODULE_ENDINGS[::-1]:
        if path.endswith(ending):
            return path.removesuffix(ending).replace("/", ".")
    return _EXTENSION.sub("", path).replace("/", ".")


def _is_text(raw: bytes) -> bool:
    return shapes.lines(raw) is not None


def _is_mark(raw: bytes) -> bool:
    return raw.strip() == b"" and len(raw) <= 2
