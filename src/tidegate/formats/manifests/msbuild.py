"""Project files of .NET: the packages they reference, and the versions a folder above keeps for all of them."""

import re
from collections.abc import Collection, Iterator

from tidegate.formats import repopath, xml_elements
from tidegate.formats.locks import nuget
from tidegate.formats.manifests import candidates
from tidegate.formats.xml_elements import Element
from tidegate.model.package import Manifest

FORMAT = "csproj"
CENTRAL = "Directory.Packages.props"
ECOSYSTEM = "NuGet"
LIMIT = 4 * 1024 * 1024
ENDINGS = (".csproj", ".fsproj", ".vbproj")

_COMPUTED = re.compile(r"[$@%]\(|[*?]")


def matches(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name == CENTRAL or (name.endswith(ENDINGS) and name not in ENDINGS)


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read `PackageReference`s, or the central `PackageVersion`s (NuGet "PackageReference", "Central Package
    Management"). Raises FormatError.

    A reference is `name@version`, `name@` where the version is kept elsewhere or computed. One under a condition is
    optional. Central versions are `overrides`.
    """
    root = xml_elements.loads(raw, limit=LIMIT, what="the manifest")
    requires: list[str] = []
    optional: list[str] = []
    central: list[str] = []
    dynamic = False
    for element, conditional in _items(root):
        names = [name.strip() for name in element.attributes.get("Include", "").split(";") if name.strip()]
        dynamic |= any(map(_COMPUTED.search, names))
        plain = [name for name in names if nuget.is_name(name)]
        version = _version(element)
        if element.name == "PackageVersion":
            central += [f"{name.lower()}@{version}" for name in plain]
        elif element.name in {"PackageReference", "GlobalPackageReference"}:
            (optional if conditional else requires).extend(f"{name}@{version}" for name in plain)
    if path.endswith(CENTRAL):
        return Manifest(path, CENTRAL, ECOSYSTEM, overrides=tuple(central))
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=tuple(dict.fromkeys(requires)),
        optional=tuple(dict.fromkeys(optional)),
        locks=tuple(_locks(path, present)),
        dynamic=dynamic,
    )


def _items(root: Element) -> Iterator[tuple[Element, bool]]:
    """The items of every group, and whether a condition stands over them."""
    waiting = [(root, False)]
    while waiting:
        parent, conditional = waiting.pop()
        for child in parent.children:
            under = conditional or "Condition" in child.attributes or child.name in {"When", "Otherwise"}
            if parent.name == "ItemGroup":
                yield child, under
            elif child.name in {"ItemGroup", "Choose", "When", "Otherwise"}:
                waiting.append((child, under))


def _version(element: Element) -> str:
    """The version as written, "" where it is computed or not here."""
    for key in ("VersionOverride", "Version"):
        child = element.first(key)
        written = element.attributes.get(key) or (child.text if child is not None else "")
        if written.strip():
            return "" if "$(" in written or "@(" in written else " ".join(written.split())
    return ""


def _locks(path: str, present: Collection[str]) -> Iterator[str]:
    """A project's own lock wins over the folder's."""
    folder, name = repopath.folder(path), path.rsplit("/", 1)[-1]
    project = name.rsplit(".", 1)[0].replace(" ", "_")
    near = candidates.beside(path, present)
    for lock in (f"packages.{project}.lock.json", "packages.lock.json"):
        if repopath.join(folder, lock) in near:
            yield repopath.join(folder, lock)
            return
