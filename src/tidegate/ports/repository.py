"""The repository: its working tree, its history, and the objects git holds of both."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from tidegate.late import dataclass
from tidegate.model.inventory import Source

if TYPE_CHECKING:  # few read a history
    from tidegate.model.listing import Listing


class Files(Protocol):
    """The repository's working tree; nothing outside it can be reached, links are never followed."""

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of one regular file. FormatError when it is a link, special, missing, or larger than `limit`."""
        ...

    def open(self, path: str) -> BinaryIO:
        """A seekable stream over one regular file, to be closed by the caller; FormatError as for `read`."""
        ...

    def link(self, path: str) -> bytes:
        """Where a symbolic link points, as it is written; FormatError when there is no link."""
        ...

    def everything(self, below: str = "") -> Iterator[tuple[str, str]]:
        """(path, "") of every regular file and link in order, and (path, why) of what cannot be read."""
        ...

    def walk(self) -> Iterator[tuple[str, int]]:
        """(path, size) of every regular file, for trees without git; `.git` is left out."""
        ...

    def size(self, path: str) -> int | None:
        """Size in bytes of a regular file or link; None when there is nothing (or a directory) there."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One path git tracks."""

    path: str
    mode: str
    oid: str


@dataclass(frozen=True, slots=True)
class Blob:
    """One blob. `data` is None when it is missing or too large, and `why` says which."""

    oid: str
    path: str
    data: bytes | None
    size: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of history: what `head` reaches and `base` does not (all of it when that is ""); with `refs` also what
    any ref reaches: branches, tags, stashes, notes, and what was fetched of other repositories."""

    head: str
    base: str = ""
    refs: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A commit or an annotated tag whole, or a note; `note` says what a note is about, "" for the others."""

    oid: str
    data: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class First:
    """The first commit that holds a blob: its place among the commits looked at, its author date and its path there."""

    commit: str
    place: int
    dated: str
    path: str


class Git(Protocol):
    """Plumbing only, hardened, bounded. Every method raises UndecidedError when git itself fails or is late."""

    def present(self) -> bool:
        """Is the working tree a git repository?"""
        ...

    def source(self) -> Source: ...

    def tracked(self) -> tuple[Entry, ...]: ...

    def untracked(self) -> tuple[str, ...]:
        """Untracked paths that are not ignored."""
        ...

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Which of these paths git ignores."""
        ...

    def read(self, ref: str, path: str, limit: int) -> bytes | None:
        """A file at a commit; None when it is not there. FormatError when it is too large or not a regular file.

        With an empty path, `ref` is the id of a blob, such as a link's.
        """
        ...

    def tree(self, commit: str) -> tuple[Entry, ...]:
        """Every path of a commit, in order of path. UndecidedError when the commit is not here."""
        ...

    def resolve(self, ref: str) -> str | None:
        """The commit a name stands for, None when there is none."""
        ...

    def merge_base(self, left: str, right: str) -> str | None: ...

    def is_ancestor(self, commit: str, of: str) -> bool: ...

    def default_branch(self) -> str | None:
        """The remote's default branch (`refs/remotes/origin/main`), None without a remote."""
        ...

    def first_commit_of(self, path: str) -> datetime | None:
        """Committer time of the first commit that holds this path."""
        ...

    def previous_tag(self, commit: str) -> str | None:
        """The commit of the newest tag below `commit`; None when there is none."""
        ...

    def contents(self, oids: Sequence[str], limit: int) -> Iterator[Blob]:
        """The blobs of these ids, each at most once and with the path ""; without data when missing or too large."""
        ...

    def listing(self, span: Span) -> "Listing":
        """Every blob of a span once, in the order of the history, at one of its paths, and the ids that are missing."""
        ...

    def pieces(self, oid: str, size: int) -> Iterator[bytes]:
        """One blob in pieces of `size` bytes, however large it is."""
        ...

    def firsts(self, span: Span, oids: Collection[str]) -> Mapping[str, First]:
        """The first commit of each of these blobs; without those no commit of the span holds."""
        ...

    def staged(self) -> tuple[Entry, ...]:
        """What the index holds of every path that differs from HEAD; deleted paths are left out."""
        ...

    def messages(self, span: Span) -> Iterator[Message]:
        """Commits and annotated tags of a span, and the notes about its commits, each whole.

        FormatError when one is too large.
        """
        ...

    def commits(self, span: Span) -> int: ...
