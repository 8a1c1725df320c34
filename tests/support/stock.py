"""A release with something inside: artifacts, what they hold, and the lockfiles that pin what they need."""

from dataclasses import replace

from tidegate.model.digest import Digest
from tidegate.model.inventory import Content, Inventory, Member, Source
from tidegate.model.package import File, Locked, LockFile, Problem, SourceKind
from tidegate.model.package import Source as Origin
from tidegate.model.release import Artifact, ArtifactKind, Release

PUBLIC = Origin(SourceKind.REGISTRY, host="packages.example", public=True)
LOCAL = Origin(SourceKind.WORKSPACE)
WHEEL = "demo-1.0-py3-none-any.whl"


def digest(word: str) -> Digest:
    return Digest.of(word.encode())


def locked(name: str, version: str = "1.0", **more: object) -> Locked:
    """A hashed package of the public registry; `more` changes any field."""
    base = Locked("PyPI", name, name, version, PUBLIC, hashes=(digest(name + version),), line=7)
    return replace(base, **more)  # type: ignore[arg-type]


def lock(*packages: Locked, path: str = "uv.lock", problems: tuple[Problem, ...] = ()) -> LockFile:
    return LockFile(path, "uv", "PyPI", digest(path), packages=packages, problems=problems)


def artifact(name: str = WHEEL, kind: ArtifactKind = ArtifactKind.WHEEL) -> Artifact:
    return Artifact(name, f"dist/{name}", digest(name), 1000, kind)


def content(of: str = WHEEL, **more: object) -> Content:
    base = Content(
        of,
        ArtifactKind.WHEEL,
        members=(Member("demo/__init__.py", 10, digest("init")),),
        ecosystem="PyPI",
        name="Demo",
        version="1.0",
        licence="MIT",
        requires=("alpha>=1", "tool; extra == 'dev'"),
    )
    return replace(base, **more)  # type: ignore[arg-type]


def release(*artifacts: Artifact, name: str = "demo", root: str = ".") -> Release:
    return Release(name, root, artifacts or (artifact(),))


def packages() -> tuple[Locked, ...]:
    """The project itself, a small graph, and a development tool."""
    return (
        locked("demo", source=LOCAL, hashes=(), requires=("alpha", "tool")),
        locked(
            "alpha", "1.2", requires=("beta",), direct=True, files=(File(url="https://packages.example/alpha-1.2.whl"),)
        ),
        locked("beta", "2.0", hashes=(digest("b1"), digest("b2"))),
        locked("tool", "3.0", groups=("dev",), direct=True),
    )


def inventory(*locks: LockFile, contents: tuple[Content, ...] | None = None, **more: object) -> Inventory:
    base = Inventory(
        Source(commit="c" * 40, committed="2026-01-02T03:04:05Z"),
        locks=locks or (lock(*packages()),),
        contents=(content(),) if contents is None else contents,
    )
    return replace(base, **more)  # type: ignore[arg-type]
