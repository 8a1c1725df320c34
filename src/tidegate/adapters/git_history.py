"""A span of history as unique objects: never a log or a diff, whose answers the repository's attributes shape."""

import re
from collections.abc import Iterator, Sequence

from tidegate.adapters.git_process import Plumbing
from tidegate.adapters.paths import spell
from tidegate.errors import FormatError, UndecidedError
from tidegate.model.listing import Listing
from tidegate.ports import Blob, Message

MAX_MESSAGE = 64 << 20
MAX_NESTED_TAGS = 8
MAX_OBJECTS = 20_000_000

MISSING = "the object is missing from this clone"
REFS = ("--exclude=refs/notes/*", "--all")
"""Notes are read as what they are: words about a commit."""

_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_INNER_TAG = re.compile(rb"object ([0-9a-f]+)\ntype tag\n")
_BLOBS = ("--filter=object:type=blob", "--filter-provided-objects")
_OLD = "invalid filter-spec"


def listing(plumbing: Plumbing, span: Sequence[str]) -> Listing:
    """Every blob of the span at one of its paths; with an older git trees and tags, too, which have no content here."""
    try:
        return _listing(plumbing, *_BLOBS, *span)
    except UndecidedError as error:
        if _OLD not in error.message:
            raise
        return _listing(plumbing, *span)


def _listing(plumbing: Plumbing, *span: str) -> Listing:
    found = Listing()
    for line in plumbing.lines("rev-list", "--objects", "--missing=print", *span):
        oid, space, raw = line.partition(b" ")
        if oid.startswith(b"?"):
            found.missing.append(oid[1:].decode("ascii", "replace"))
        elif space and _ID.fullmatch(oid):
            found.add(oid.decode("ascii"), spell(raw))
        if len(found) > MAX_OBJECTS:
            raise UndecidedError("the history holds too many objects", hint="search a range of it")
    return found


def contents(plumbing: Plumbing, oids: Sequence[str], limit: int) -> Iterator[Blob]:
    """The blobs of these ids, each once; without data, and `why`, when missing or above `limit`."""
    for item in plumbing.contents(tuple(dict.fromkeys(oids)), limit):
        if item.kind == "missing":
            yield Blob(item.oid, "", None, why=MISSING)
        elif item.kind == "blob":
            why = "" if item.data is not None else f"the blob is larger than {limit} bytes"
            yield Blob(item.oid, "", item.data, item.size, why)


def messages(plumbing: Plumbing, span: Sequence[str], refs: bool) -> Iterator[Message]:
    """Commits of the span, annotated tags and notes on them, whole: the headers of an object may hold text, too.

    FormatError when one is larger than 64 MiB.
    """
    commits = plumbing.run("rev-list", *span)[1].decode("ascii").split()
    yield from _messages(plumbing, commits)
    level = _tags(plumbing, () if refs else span)
    for _ in range(MAX_NESTED_TAGS):
        inner: set[str] = set()
        for message in _messages(plumbing, level):
            yield message
            if match := _INNER_TAG.match(message.data):
                inner.add(match[1].decode())
        if not inner:
            break
        level = sorted(inner)
    else:
        raise FormatError(f"tags of tags are nested deeper than {MAX_NESTED_TAGS}", hint="remove the tag")
    yield from _notes(plumbing, None if refs else frozenset(commits))


def stashes(plumbing: Plumbing) -> list[str]:
    """Every commit of the list of stashes, of which the ref itself names only the last."""
    code, _ = plumbing.run("show-ref", "--verify", "--quiet", "refs/stash", ok=(0, 1))
    return [] if code else plumbing.run("rev-list", "--walk-reflogs", "refs/stash", "--")[1].decode("ascii").split()


def _notes(plumbing: Plumbing, about: frozenset[str] | None) -> Iterator[Message]:
    """Notes about these commits, or every note there ever was."""
    if not plumbing.run("for-each-ref", "--count=1", "--format=1", "refs/notes/")[1]:
        return
    if about is None:
        named = {oid: path.replace("/", "") for oid, path in listing(plumbing, ("--glob=refs/notes/*",))}
        yield from _messages(plumbing, plumbing.run("rev-list", "--glob=refs/notes/*")[1].decode("ascii").split())
    else:
        named = {oid: path for oid, path in _standing(plumbing) if path in about}
    for item in plumbing.contents(list(named), MAX_MESSAGE):
        if item.kind == "blob":
            yield Message(item.oid, _readable(item.oid, item.data), named[item.oid] or item.oid)


def _standing(plumbing: Plumbing) -> Iterator[tuple[str, str]]:
    """(blob, what it is about) of every note that was not deleted."""
    refs = plumbing.run("for-each-ref", "--format=%(objectname)", "refs/notes/")[1].decode("ascii").split()
    for ref in refs:
        for item in plumbing.lines("ls-tree", "-r", "-z", "--full-tree", ref, end=b"\0"):
            head, _, raw = item.partition(b"\t")
            yield head.decode("ascii").split(" ")[2], spell(raw).replace("/", "")


def _messages(plumbing: Plumbing, oids: Sequence[str]) -> Iterator[Message]:
    for item in plumbing.contents(oids, MAX_MESSAGE):
        if item.kind == "missing":
            raise UndecidedError(f"object `{item.oid[:12]}` is missing from this clone", hint="fetch the whole history")
        yield Message(item.oid, _readable(item.oid, item.data))


def _readable(oid: str, data: bytes | None) -> bytes:
    if data is None:
        raise FormatError(f"the message of `{oid[:12]}` is larger than {MAX_MESSAGE} bytes")
    return data


def _tags(plumbing: Plumbing, span: Sequence[str]) -> list[str]:
    limits = [f"--no-merged={oid[1:]}" if oid.startswith("^") else f"--merged={oid}" for oid in span]
    out = plumbing.run("for-each-ref", "--format=%(objecttype) %(objectname)", *limits, *(["refs/tags"] * bool(span)))[
        1
    ]
    lines = [line.split(" ") for line in out.decode("ascii").splitlines()]
    return sorted({oid for kind, oid in lines if kind == "tag"})
