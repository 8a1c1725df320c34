"""A range of history as unique objects: never a log or a diff, whose answers the repository's attributes shape."""

import re
from collections.abc import Iterator, Sequence

from tidegate.adapters.git_process import Object, Plumbing
from tidegate.adapters.paths import spell
from tidegate.errors import FormatError, UndecidedError
from tidegate.ports import Blob, Message

MAX_MESSAGE = 64 << 20
MAX_NESTED_TAGS = 8

_MISSING = "the object is missing from this clone"
_INNER_TAG = re.compile(rb"object ([0-9a-f]+)\ntype tag\n")


def blobs(plumbing: Plumbing, span: Sequence[str], limit: int) -> Iterator[Blob]:
    """Every blob of the span once, at one of its paths; without data, and `why`, when missing or above `limit`."""
    paths, missing = _objects(plumbing, span)
    for oid in missing:
        yield Blob(oid, "", None, why=_MISSING)
    yield from _read(plumbing, paths, limit)


def contents(plumbing: Plumbing, oids: Sequence[str], limit: int) -> Iterator[Blob]:
    """The blobs of these ids, each once; without data, and `why`, when missing or above `limit`."""
    yield from _read(plumbing, dict.fromkeys(oids, ""), limit)


def _read(plumbing: Plumbing, paths: dict[str, str], limit: int) -> Iterator[Blob]:
    wanted: list[str] = []
    for item in plumbing.check(paths):
        if item.kind == "missing":
            yield Blob(item.oid, paths.get(item.oid, ""), None, why=_MISSING)
        elif item.kind == "blob" and item.size > limit:
            yield Blob(item.oid, paths[item.oid], None, item.size, f"the blob is larger than {limit} bytes")
        elif item.kind == "blob":
            wanted.append(item.oid)
    for item in plumbing.contents(wanted):
        yield Blob(item.oid, paths[item.oid], item.data, item.size, "" if item.data is not None else _MISSING)


def messages(plumbing: Plumbing, span: Sequence[str]) -> Iterator[Message]:
    """Commits of the span and annotated tags on them, as whole raw objects: headers may hold text too.

    FormatError when one is larger than 64 MiB.
    """
    commits = plumbing.run("rev-list", *span)[1].decode("ascii").split()
    yield from _messages(plumbing, commits)
    level = _tags(plumbing, span)
    for _ in range(MAX_NESTED_TAGS):
        inner: set[str] = set()
        for message in _messages(plumbing, level):
            yield message
            if match := _INNER_TAG.match(message.data):
                inner.add(match[1].decode())
        if not inner:
            return
        level = sorted(inner)
    raise FormatError(f"tags of tags are nested deeper than {MAX_NESTED_TAGS}", hint="remove the tag")


def _messages(plumbing: Plumbing, oids: Sequence[str]) -> Iterator[Message]:
    for item in plumbing.check(oids):
        _readable(item)
    for item in plumbing.contents(oids):
        yield Message(item.oid, item.data or b"")


def _readable(item: Object) -> None:
    if item.kind == "missing":
        raise UndecidedError(f"object `{item.oid[:12]}` is missing from this clone", hint="fetch the whole history")
    if item.size > MAX_MESSAGE:
        raise FormatError(f"the message of `{item.oid[:12]}` is larger than {MAX_MESSAGE} bytes")


def _tags(plumbing: Plumbing, span: Sequence[str]) -> list[str]:
    limits = [f"--no-merged={oid[1:]}" if oid.startswith("^") else f"--merged={oid}" for oid in span]
    _, out = plumbing.run("for-each-ref", "--format=%(objecttype) %(objectname)", *limits, "refs/tags")
    lines = [line.split(" ") for line in out.decode("ascii").splitlines()]
    return sorted({oid for kind, oid in lines if kind == "tag"})


def _objects(plumbing: Plumbing, span: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    paths: dict[str, str] = {}
    missing: list[str] = []
    for line in plumbing.run("rev-list", "--objects", "--missing=print", *span)[1].split(b"\n"):
        oid, _, raw = line.partition(b" ")
        if oid.startswith(b"?"):
            missing.append(oid[1:].decode("ascii"))
        elif raw:
            paths.setdefault(oid.decode("ascii"), spell(raw))
    return paths, missing
