"""A *.gemspec is a program too: the dependencies it adds plainly are read, others make it computed."""

import re
from collections.abc import Collection

from tidegate.formats import repopath
from tidegate.formats.locks.gemfile_lock import ECOSYSTEM as ECOSYSTEM
from tidegate.formats.locks.gemfile_lock import NAMES as LOCKS
from tidegate.formats.manifests import candidates
from tidegate.formats.manifests.ruby_lines import arguments, statements
from tidegate.formats.text import decode
from tidegate.model.package import Manifest

FORMAT = "gemspec"
LIMIT = 2 * 1024 * 1024
_ADDS = re.compile(r"[a-z_]+\.add_(runtime_|development_)?dependency\b\s*(.*)", re.DOTALL)
_NAME = re.compile(r"[a-z_]+\.name\s*=\s*(?:\"([A-Za-z0-9._-]+)\"|'([A-Za-z0-9._-]+)')(?:\.freeze)?")
_GEM = re.compile(r"[A-Za-z0-9._-]+")
_OPENS = re.compile(r"(?:if|unless|case|while|until|for)\b")
_DO = re.compile(r"\bdo(?:\s*\|[a-z_, ]*\|)?$")


def matches(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name.endswith(".gemspec") and name != ".gemspec"


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a gemspec; dependencies of development are `optional`. Raises FormatError."""
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=LIMIT, what="the manifest")
    requires: list[str] = []
    optional: list[str] = []
    dynamic = False
    name = ""
    blocks: list[bool] = []
    for _, statement in statements(text):
        if statement == "end":
            del blocks[-1:]
            continue
        opens = _OPENS.match(statement) is not None
        if opens or _DO.search(statement):
            blocks.append(opens)
        named = _NAME.fullmatch(statement)
        adds = _ADDS.fullmatch(statement)
        if named:
            name = named[1] or named[2]
        elif adds:
            said = arguments(re.sub(r"\.freeze\b", "", adds[2]))
            if True in blocks or said is None or not said.texts or not _GEM.fullmatch(said.texts[0]):
                dynamic = True
                continue
            wish = f"{said.texts[0]}@{', '.join(said.texts[1:])}"
            (optional if adds[1] == "development_" else requires).append(wish)
        elif "dependenc" in statement or "eval" in statement:
            dynamic = True
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=() if dynamic else tuple(requires),
        optional=(*requires, *optional) if dynamic else tuple(optional),
        locks=_locks(path, present),
        name=name,
        dynamic=dynamic,
    )


def _locks(path: str, present: Collection[str]) -> tuple[str, ...]:
    """Bundler's locks in the same folder, then those of the folders above, which serve it when they name it."""
    folders = (repopath.folder(path), *candidates.above(path))
    every = (repopath.join(folder, name) for folder in folders for name in LOCKS)
    return tuple(one for one in every if one in present)
