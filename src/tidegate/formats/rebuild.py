"""A rebuild says that artifacts were built again from a commit, and which of them came out the same, byte for byte."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from tidegate.errors import FormatError
from tidegate.formats import claimed, intoto
from tidegate.formats.intoto import Statement, moment, text
from tidegate.formats.text import subject
from tidegate.model.digest import Digest

REBUILD_V1 = "https://tidegate.dev/rebuild/v1"
LIMIT = 4 << 20
MAX_LISTED = 100
"""Differing members that are named an artifact; of more there is only a count."""
MAX_WORDS = 200
_MAX_NAME = 300

W = TypeVar("W", bound=StrEnum)

_OBJECT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAX_EPOCH = 253_402_300_799  # the end of the year 9999


class Result(StrEnum):
    """What came of one artifact: the same bytes, other bytes, or nothing at all."""

    REPRODUCED = "reproduced"
    DIFFERENT = "different"
    MISSING = "missing"


class Cause(StrEnum):
    """Why two builds of one member (or of the archive around them) most likely differ."""

    TIMESTAMP = "timestamp"
    ORDER = "order"
    BUILD_PATH = "build-path"
    PERMISSIONS = "permissions"
    OWNER = "owner"
    COMPRESSION = "compression"
    BYTECODE = "bytecode"
    LINE_ENDS = "line-ends"
    CONSEQUENCE = "consequence"
    CONTENT = "content"
    ADDED = "added"
    REMOVED = "removed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Difference:
    """One member that differs, and why; `member` is "" for the archive itself and for a file that is none."""

    member: str
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One artifact: `digest` of what was released, `rebuilt` of what the build made, None when it made nothing.

    `more` counts differences beyond the first `MAX_LISTED`.
    """

    name: str
    digest: Digest
    result: Result
    rebuilt: Digest | None = None
    differences: tuple[Difference, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A rebuild's predicate. `epoch` is SOURCE_DATE_EPOCH, `extra` are outputs that are none of the artifacts."""

    commit: str
    tree: str
    command: tuple[str, ...]
    epoch: int
    artifacts: tuple[Rebuilt, ...]
    time: datetime
    tool: str
    python: str
    platform: str
    extra: tuple[str, ...] = ()

    @property
    def reproduced(self) -> bool:
        return bool(self.artifacts) and all(each.result is Result.REPRODUCED for each in self.artifacts)

    def about(self, name: str, digest: Digest) -> Rebuilt | None:
        """What is said of this very file."""
        return next((each for each in self.artifacts if each.name == name and each.digest.matches(digest)), None)


def build(made: Rebuild) -> bytes:
    """The statement as canonical bytes; its subjects are the released artifacts. Raises FormatError."""
    predicate: dict[str, object] = {
        "source": {"digest": {"gitCommit": made.commit, "gitTree": made.tree}},
        "build": {"command": list(made.command), "sourceDateEpoch": made.epoch},
        "artifacts": [_plain(each) for each in made.artifacts],
        "extra": list(made.extra),
        "environment": {"python": made.python, "platform": made.platform},
        "tool": made.tool,
        "rebuiltAt": made.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    raw = intoto.build([(each.name, each.digest) for each in made.artifacts], REBUILD_V1, predicate)
    read(intoto.parse(raw))
    return raw


def read(statement: Statement) -> Rebuild:
    """Read a statement strictly. Raises FormatError for anything `build` does not write; unknown fields are refused."""
    if statement.predicate_type != REBUILD_V1:
        raise FormatError(f"the predicate type is not `{REBUILD_V1}`")
    predicate = _object(
        statement.predicate,
        {"source", "build", "artifacts", "extra", "environment", "tool", "rebuiltAt"},
        "the rebuild",
    )
    source = _object(predicate["source"], {"digest"}, "`source`")
    ids = _object(source["digest"], {"gitCommit", "gitTree"}, "the source's digest")
    built = _object(predicate["build"], {"command", "sourceDateEpoch"}, "`build`")
    around = _object(predicate["environment"], {"python", "platform"}, "`environment`")
    artifacts = tuple(_artifact(each) for each in _list(predicate["artifacts"], "`artifacts`", intoto.MAX_SUBJECTS))
    named = [(each.name, each.digest) for each in artifacts]
    if len({name for name, _ in named}) != len(named):
        raise FormatError("the rebuild names an artifact twice")
    if sorted(named) != sorted((subject.name, subject.digest) for subject in statement.subjects):
        raise FormatError("the rebuild's subjects are not its artifacts")
    return Rebuild(
        commit=_git(ids["gitCommit"], "`gitCommit`"),
        tree=_git(ids["gitTree"], "`gitTree`"),
        command=_command(built["command"]),
        epoch=_count(built["sourceDateEpoch"], "`sourceDateEpoch`", _MAX_EPOCH),
        artifacts=artifacts,
        time=moment(predicate["rebuiltAt"], "`rebuiltAt`"),
        tool=text(predicate["tool"], "`tool`"),
        python=text(around["python"], "`python`"),
        platform=text(around["platform"], "`platform`"),
        extra=tuple(
            text(each, "an extra output") for each in _list(predicate["extra"], "`extra`", intoto.MAX_SUBJECTS)
        ),
    )


def spelt(name: str) -> str:
    """A foreign name as a statement can hold it; two different names never become one."""
    return subject(name, _MAX_NAME)


def is_rebuild(raw: bytes) -> bool:
    """Does a bundle claim to be a rebuild? Nothing is verified here."""
    return claimed.predicate_type(raw) == REBUILD_V1


def _plain(each: Rebuilt) -> dict[str, object]:
    plain: dict[str, object] = {
        "name": each.name,
        "digest": {each.digest.algorithm: each.digest.value},
        "result": each.result.value,
    }
    if each.rebuilt is not None:
        plain["rebuilt"] = {each.rebuilt.algorithm: each.rebuilt.value}
    if each.result is Result.DIFFERENT:
        plain["differences"] = [
            {"member": d.member, "causes": [cause.value for cause in d.causes]} for d in each.differences
        ]
        plain["more"] = each.more
    return plain


def _artifact(plain: object) -> Rebuilt:
    """The result must follow from the digests: nobody can write `reproduced` beside two different ones."""
    fields = _mapping(plain, "an artifact")
    result = _word(Result, fields.get("result"), "a result")
    expected = {"name", "digest", "result"}
    if result is not Result.MISSING:
        expected |= {"rebuilt"}
    if result is Result.DIFFERENT:
        expected |= {"differences", "more"}
    fields = _object(fields, expected, "an artifact")
    digest = _sha256(fields["digest"])
    rebuilt = _sha256(fields["rebuilt"]) if "rebuilt" in fields else None
    if rebuilt is not None and rebuilt.matches(digest) != (result is Result.REPRODUCED):
        raise FormatError(f"an artifact's digests do not make it `{result}`")
    return Rebuilt(
        name=text(fields["name"], "an artifact's name"),
        digest=digest,
        result=result,
        rebuilt=rebuilt,
        differences=tuple(
            _difference(each) for each in _list(fields.get("differences", []), "`differences`", MAX_LISTED)
        ),
        more=_count(fields.get("more", 0), "`more`", 1 << 31),
    )


def _difference(plain: object) -> Difference:
    fields = _object(plain, {"member", "causes"}, "a difference")
    member = fields["member"]
    causes = [_word(Cause, each, "a cause") for each in _list(fields["causes"], "`causes`", len(Cause))]
    if not causes or len(set(causes)) != len(causes):
        raise FormatError("a difference has no cause, or one twice")
    return Difference("" if member == "" else text(member, "a member"), tuple(causes))


def _command(plain: object) -> tuple[str, ...]:
    words = _list(plain, "`command`", MAX_WORDS)
    if not words or not all(isinstance(word, str) and len(word) <= intoto.MAX_TEXT for word in words):
        raise FormatError("`command` is not a list of texts")
    return tuple(map(str, words))


def _sha256(plain: object) -> Digest:
    value = _object(plain, {"sha256"}, "an artifact's digest")["sha256"]
    try:
        return Digest("sha256", value if isinstance(value, str) else "")
    except ValueError:
        raise FormatError("an artifact has no sha256") from None


def _git(plain: object, what: str) -> str:
    if not isinstance(plain, str) or not _OBJECT.fullmatch(plain):
        raise FormatError(f"{what} is no id of a git object")
    return plain


def _count(plain: object, what: str, limit: int) -> int:
    if not isinstance(plain, int) or isinstance(plain, bool) or not 0 <= plain <= limit:
        raise FormatError(f"{what} is not a number of bearable size")
    return plain


def _word(words: type[W], plain: object, what: str) -> W:
    try:
        return words(plain if isinstance(plain, str) else "")
    except ValueError:
        raise FormatError(f"{what} is none of {', '.join(words)}") from None


def _mapping(plain: object, what: str) -> Mapping[str, object]:
    if not isinstance(plain, dict):
        raise FormatError(f"{what} is not an object")
    return plain


def _object(plain: object, fields: set[str], what: str) -> Mapping[str, object]:
    found = _mapping(plain, what)
    if set(found) != fields:
        odd = sorted(set(found) ^ fields)[0]
        raise FormatError(f"{what} has fields that are unknown or missing: {odd[:80]!a}")
    return found


def _list(plain: object, what: str, limit: int) -> Sequence[object]:
    if not isinstance(plain, list) or len(plain) > limit:
        raise FormatError(f"{what} is not a list of bearable length")
    return plain
