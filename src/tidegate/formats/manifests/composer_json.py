"""composer.json: what Composer's manifest asks for, its digest in the lock, and repositories that weaken it."""

import hashlib
from collections.abc import Collection, Iterator

from tidegate.errors import FormatError
from tidegate.formats import php_json, repopath, strict_json
from tidegate.formats.locks import pins
from tidegate.formats.locks.composer_lock import ECOSYSTEM as ECOSYSTEM
from tidegate.formats.locks.composer_lock import package_name
from tidegate.formats.locks.shape import table, text
from tidegate.formats.manifests import candidates
from tidegate.formats.text import decode, shown, subject
from tidegate.model.package import Manifest, Problem

FORMAT = "composer.json"
LIMIT = 2 * 1024 * 1024
_RELEVANT = (
    "name",
    "version",
    "require",
    "require-dev",
    "conflict",
    "replace",
    "provide",
    "minimum-stability",
    "prefer-stable",
    "repositories",
    "extra",
)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "composer.json"


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a composer.json. What the platform gives (`php`, `ext-*`) is no package. Raises FormatError."""
    decode(raw, limit=LIMIT, what="the manifest")
    document = strict_json.loads(raw, limit=LIMIT, what="the manifest")
    if not isinstance(document, dict):
        raise FormatError("the manifest is not a JSON object")
    if _vendored(path, present):
        return Manifest(path, FORMAT, ECOSYSTEM)
    lock = repopath.join(repopath.folder(path), "composer.lock")
    stands_for = {name for key in ("replace", "provide") for name in table(document.get(key), f"`{key}`")}
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=tuple(_requires(document, "require")),
        optional=tuple(_requires(document, "require-dev")),
        locks=(lock,) if lock in candidates.beside(path, present) else (),
        problems=tuple(_problems(path, document)),
        name=text(document.get("name"), "`name`"),
        version=text(document.get("version"), "`version`"),
        content_hashes=(("composer.lock", content_hash(document)),),
        overrides=tuple(sorted(name.lower() for name in stands_for)),
    )


def _vendored(path: str, present: Collection[str]) -> bool:
    """Is it the manifest of a package Composer has installed for a project with a lock?"""
    project, vendor, inside = f"/{path}".rpartition("/vendor/")
    top = project.lstrip("/") or "."
    installed, lock = (repopath.join(top, name) for name in ("vendor/composer/installed.json", "composer.lock"))
    return bool(vendor) and inside.count("/") == 2 and installed in present and lock in present


def _requires(document: dict[str, object], key: str) -> Iterator[str]:
    for name, wish in table(document.get(key), f"`{key}`").items():
        if "/" in name:
            yield f"{package_name(name)}@{text(wish, f'`{key}`')}"


def content_hash(document: dict[str, object]) -> str:
    """What Composer writes as `content-hash` (`Composer\\Package\\Locker::getContentHash`), "" where it has none."""
    relevant = {key: document[key] for key in _RELEVANT if key in document}
    config = document.get("config")
    platform = config.get("platform") if isinstance(config, dict) else None
    if platform is not None:
        relevant["config"] = {"platform": platform}
    try:
        written = php_json.encode(dict(sorted(relevant.items())))
    except FormatError:
        return ""
    return hashlib.md5(written.encode(), usedforsecurity=False).hexdigest()


def _problems(path: str, document: dict[str, object]) -> Iterator[Problem]:
    """Settings that let something else be installed than is locked or meant."""
    config = table(document.get("config"), "`config`")
    for key, weak in (("secure-http", False), ("disable-tls", True)):
        if config.get(key) is weak:
            message = f"`{key}` lets packages come over connections anybody can change"
            yield Problem("source-not-allowed", f"{path}#{key}", message)
    listed = document.get("repositories")
    for one in listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("type") != "composer":
            continue
        if one.get("canonical") is False and not (one.get("only") or one.get("exclude")):
            url = pins.without_secrets(text(one.get("url"), "`url`"))
            message = f"`{shown(url, 80)}` and other repositories can serve the same name (`canonical` is false)"
            yield Problem("index-mixed", f"{path}#{subject(url)}", message)
