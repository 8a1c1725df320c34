"""Cargo.toml: what a crate asks for, what its workspace gives its members, and what is patched for the whole lock."""

from collections.abc import Collection, Iterator

from tidegate.errors import FormatError
from tidegate.formats import repopath, toml
from tidegate.formats.locks.cargo_lock import ECOSYSTEM as ECOSYSTEM
from tidegate.formats.locks.cargo_lock import NAMES as LOCKS
from tidegate.formats.locks.cargo_lock import crate_name
from tidegate.formats.locks.shape import table, text
from tidegate.formats.manifests import candidates
from tidegate.model.package import Manifest

FORMAT = "Cargo.toml"
LIMIT = 2 * 1024 * 1024
_VENDORED = ".cargo-checksum.json"
"""Beside a crate that `cargo vendor` has put below a lock: it is in that lock, and Cargo checks it against it."""
_ALWAYS = ("dependencies", "build-dependencies", "build_dependencies")
_DEVELOPMENT = ("dev-dependencies", "dev_dependencies")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "Cargo.toml"


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a Cargo.toml (The Cargo Book, "The Manifest Format"). Raises FormatError.

    A wish is `crate@range`, `crate@git:address`, `crate@path:folder` or, taken over from the workspace under a key of
    its own, `key@workspace:key`. An inherited version is "".
    """
    document = toml.loads(raw, limit=LIMIT, what="the manifest")
    locks = _locks(path, present)
    if locks and _vendored(repopath.folder(path), present):
        return Manifest(path, FORMAT, ECOSYSTEM)
    package = table(document.get("package") or document.get("project"), "`package`")
    workspace = table(document.get("workspace"), "`workspace`")
    version = package.get("version")
    requires: list[str] = []
    optional: list[str] = []
    for place in _places(document):
        for key in _ALWAYS:
            for wish, dispensable in _wishes(place.get(key)):
                (optional if dispensable else requires).append(wish)
        for key in _DEVELOPMENT:
            optional += (wish for wish, _ in _wishes(place.get(key)))
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=tuple(dict.fromkeys(requires)),
        optional=tuple(dict.fromkeys(optional)),
        locks=locks,
        name=text(package.get("name"), "`name`"),
        version=version if isinstance(version, str) else "",
        settings=(*_shared(workspace), *(f"patch {name}" for name in sorted(set(_patched(document))))),
    )


def _vendored(folder: str, present: Collection[str]) -> bool:
    """A crate that brings a lock of its own is held against that one instead."""
    beside = {repopath.join(folder, name) for name in (_VENDORED, *LOCKS)} & set(present)
    return beside == {repopath.join(folder, _VENDORED)}


def _places(document: dict[str, object]) -> Iterator[dict[str, object]]:
    """The manifest itself and what it says of single targets."""
    yield document
    for name, target in table(document.get("target"), "`target`").items():
        yield table(target, f"`target.{name[:40]}`")


def _wishes(value: object) -> Iterator[tuple[str, bool]]:
    """Each wish of one table, and whether only a feature asks for it."""
    for key, one in table(value, "`dependencies`").items():
        spec = _spec(one)
        if spec.get("workspace") is True:
            yield f"{crate_name(key)}@workspace:{key}", spec.get("optional") is True
        else:
            yield _wish(key, spec), spec.get("optional") is True


def _spec(value: object) -> dict[str, object]:
    return {"version": value} if isinstance(value, str) else table(value, "a dependency")


def _wish(key: str, spec: dict[str, object]) -> str:
    name = crate_name(text(spec.get("package"), "`package`") or key)
    for kind in ("path", "git"):
        if kind in spec:
            return f"{name}@{kind}:{text(spec[kind], f'`{kind}`')}"
    return f"{name}@{text(spec.get('version'), '`version`') or '*'}"


def _shared(workspace: dict[str, object]) -> Iterator[str]:
    """What members may take over: `key=wish`, and `=version`."""
    version = table(workspace.get("package"), "`workspace.package`").get("version")
    if isinstance(version, str):
        yield f"={version}"
    for key, one in table(workspace.get("dependencies"), "`workspace.dependencies`").items():
        yield f"{crate_name(key)}={_wish(key, _spec(one))}"


def _patched(document: dict[str, object]) -> Iterator[str]:
    for patches in table(document.get("patch"), "`patch`").values():
        for key, spec in table(patches, "`patch`").items():
            yield crate_name(text(table(spec, "a patch").get("package"), "`package`") or key)
    for key in table(document.get("replace"), "`replace`"):
        name = key.rsplit("#", 1)[-1].partition(":")[0]
        try:
            yield crate_name(name)
        except FormatError:
            continue


def _locks(path: str, present: Collection[str]) -> tuple[str, ...]:
    """The lock beside, and those above, nearest first, of workspaces it may be a member of."""
    near = repopath.folder(path)
    folders = (near, *candidates.above(path))
    return tuple(one for folder in folders if (one := repopath.join(folder, LOCKS[0])) in present)
