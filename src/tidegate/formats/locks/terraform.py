""".terraform.lock.hcl gives every provider, the version chosen, what was asked for, and hashes of two kinds."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats.locks import pins
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Asked, File, Locked, LockFile, Problem, Source, SourceKind

FORMAT = ".terraform.lock.hcl"
ECOSYSTEM = "Terraform"
LIMIT = 4 * 1024 * 1024

_SPACE = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_BLOCK = re.compile(r'provider[ \t]+"([^"\\\n]*)"[ \t]*\{')
_ATTRIBUTE = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)[ \t]*=[ \t]*")
_STRING = re.compile(r'"([^"\\\n]*)"')
_SOURCE = re.compile(
    r"([a-z0-9.-]+(?::[0-9]{1,5})?)/([a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)/([a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)"
)
_TEXTS = frozenset({"version", "constraints"})


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == ".terraform.lock.hcl"


def parse(path: str, raw: bytes) -> LockFile:
    """Read it (Terraform "Dependency Lock File"). Raises FormatError; what is wrong becomes a problem."""
    text = decode(raw, limit=LIMIT, what="the lockfile")
    packages: dict[str, Locked] = {}
    problems: list[Problem] = []
    asked: list[str] = []
    for block in _Reader(text).blocks():
        if block.source in packages:
            raise FormatError(f"the lockfile describes {block.source[:80]!a} twice", line=block.line)
        if not _SOURCE.fullmatch(block.source):
            raise FormatError("a provider has an address that is no provider's", line=block.line)
        if len(packages) >= pins.MAX_PACKAGES:
            raise FormatError(f"the lockfile holds more than {pins.MAX_PACKAGES} providers")
        locked = packages[block.source] = _locked(block)
        if block.constraints:
            asked.append(f"{block.source}@{block.constraints}")
        for word in block.unknown:
            about = f"{path}#{locked.purl}#{subject(word)}"
            problems.append(Problem("lock-malformed", about, f"`{shown(word)}` is nothing a lock says", block.line))
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(packages.values()),
        problems=tuple(problems),
        asked=(Asked(path.rpartition("/")[0] or ".", tuple(asked)),),
    )


@dataclass(slots=True)
class _Block:
    source: str
    line: int
    version: str = ""
    constraints: str = ""
    hashes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


class _Reader:
    """The part of HCL a lock is made of: blocks with a label, attributes that are texts or lists of texts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._lines = 1
        self._counted = 0

    def blocks(self) -> list[_Block]:
        found = []
        self._space()
        while self.at < len(self.text):
            label = self._expect(_BLOCK, "a provider's block")[1]
            found.append(self._block(_Block(label, self._line())))
            self._space()
        return found

    def _block(self, block: _Block) -> _Block:
        seen: set[str] = set()
        while not self._taken("}"):
            name = self._expect(_ATTRIBUTE, "an attribute")[1]
            if name in seen:
                raise FormatError(f"the lockfile has the key {name[:80]!a} twice in one block", line=self._line())
            seen.add(name)
            if name == "hashes":
                block.hashes = self._texts()
                continue
            value = self._expect(_STRING, "a text")[1]
            if name not in _TEXTS:
                block.unknown.append(name)
            elif name == "version":
                block.version = value
            else:
                block.constraints = value
        return block

    def _texts(self) -> list[str]:
        if not self._taken("["):
            raise FormatError("the lockfile lacks a list", line=self._line())
        texts: list[str] = []
        while not self._taken("]"):
            texts.append(self._expect(_STRING, "a text")[1])
            if not self._taken(",") and not self._peek("]"):
                raise FormatError("the lockfile lacks a comma", line=self._line())
        return texts

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _peek(self, char: str) -> bool:
        self._space()
        return self.text.startswith(char, self.at)

    def _taken(self, char: str) -> bool:
        if not self._peek(char):
            return False
        self.at += 1
        return True

    def _expect(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        self._space()
        match = pattern.match(self.text, self.at)
        if match is None:
            raise FormatError(f"the lockfile lacks {what}", line=self._line())
        self.at = match.end()
        return match

    def _line(self) -> int:
        self._lines += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._lines


def _locked(block: _Block) -> Locked:
    """`zh:` is the digest of a platform's archive, `h1:` of the files in it: two kinds, never compared with each
    other."""
    archives: list[Digest] = []
    contents: list[Digest] = []
    bad: list[str] = []
    for word in block.hashes:
        scheme, _, value = word.partition(":")
        digest = pins.digest(f"sha256:{value}") if scheme == "zh" else _first_kind(value) if scheme == "h1" else None
        if digest is None:
            bad.append(word[:200])
        else:
            (archives if scheme == "zh" else contents).append(digest)
    return Locked(
        ecosystem=ECOSYSTEM,
        name=block.source,
        raw_name=block.source,
        version=block.version,
        source=Source(SourceKind.REGISTRY, host=block.source.partition("/")[0]),
        hashes=tuple(archives),
        bad_hashes=tuple(bad),
        direct=bool(block.constraints),
        files=tuple(File(hashes=(digest,)) for digest in contents),
        line=block.line,
    )


def _first_kind(value: str) -> Digest | None:
    try:
        return Digest("h1", base64.b64decode(value, validate=True).hex())
    except (ValueError, binascii.Error):
        return None
