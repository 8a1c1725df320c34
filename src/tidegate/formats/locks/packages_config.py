"""packages.config, NuGet's older form, pins every package exactly and hashes none of them."""

from tidegate.errors import FormatError
from tidegate.formats import xml_elements
from tidegate.formats.locks import nuget, pins
from tidegate.formats.locks.shape import bounded
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem

FORMAT = "packages.config"
ECOSYSTEM = "NuGet"


def matches(path: str) -> bool:
    """`packages.config` and `packages.PROJECT.config`."""
    name = path.rsplit("/", 1)[-1].lower()
    return name == "packages.config" or (name.startswith("packages.") and name.endswith(".config"))


def parse(path: str, raw: bytes) -> LockFile:
    """Read it (NuGet "packages.config reference"). Raises FormatError; what is wrong becomes a problem."""
    root = xml_elements.loads(raw, limit=pins.LIMIT, what="the lockfile")
    if root.name != "packages":
        raise FormatError("the lockfile has no element `packages`", line=root.line)
    entries = root.all("package")
    bounded(len(entries), pins.MAX_PACKAGES)
    locked: dict[str, Locked] = {}
    problems: list[Problem] = []
    for entry in entries:
        name = entry.attributes.get("id", "")
        if not nuget.is_name(name):
            raise FormatError("a package has a name that is no package name", line=entry.line)
        if name.lower() in locked:
            message = f"`{shown(name)}` is listed twice"
            problems.append(Problem("lock-malformed", f"{path}#{subject(name)}", message, entry.line))
            continue
        locked[name.lower()] = Locked(
            ecosystem=ECOSYSTEM,
            name=name,
            raw_name=name,
            version=entry.attributes.get("version", ""),
            source=pins.registry(ECOSYSTEM, ""),
            groups=("development",) if entry.attributes.get("developmentDependency") == "true" else (),
            line=entry.line,
        )
    packages = tuple(locked.values())
    return LockFile(path, FORMAT, ECOSYSTEM, Digest.of(raw), packages=packages, problems=tuple(problems))
