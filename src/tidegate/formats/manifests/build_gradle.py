"""build.gradle is a program, and nothing examined is ever run: that it may ask for something is all that is read."""

import re
from collections.abc import Collection

from tidegate.formats import repopath
from tidegate.formats.locks import gradle
from tidegate.formats.manifests import candidates
from tidegate.formats.text import decode
from tidegate.model.package import Manifest

FORMAT = "build.gradle"
ECOSYSTEM = "Maven"
LIMIT = 2 * 1024 * 1024

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_ASKS = re.compile(r"\b(?:dependencies|plugins)\b|\bapply\s*\(?\s*from\b")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in {"build.gradle", "build.gradle.kts"}


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Says whether the script speaks of dependencies or plugins, outside of comments and texts. Raises FormatError."""
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=LIMIT, what="the manifest")
    code = _COMMENT.sub(lambda match: " " if match[0].startswith("/") else '""', text)
    older = repopath.join(repopath.folder(path), "gradle/dependency-locks/.lockfile")
    locks = [one for one in candidates.beside(path, present) if gradle.matches(one)]
    locks += [one for one in candidates.beside(older, present) if gradle.matches(one)]
    return Manifest(path, FORMAT, ECOSYSTEM, locks=tuple(locks), dynamic=_ASKS.search(code) is not None)
