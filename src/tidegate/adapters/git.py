"""`ports.Git` by plumbing commands alone; every name is resolved to an object id before it is used."""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tidegate.adapters import git_firsts, git_history, git_status
from tidegate.adapters.git_process import Plumbing
from tidegate.adapters.paths import spell, unspell
from tidegate.adapters.remotes import web_address
from tidegate.errors import FormatError, NotARepository, UndecidedError
from tidegate.model.inventory import Source
from tidegate.model.listing import Listing
from tidegate.ports import Blob, Entry, First, Message, Span

# A ref name, an object id, or one of these with `~1`, `^2`; never an option, a range or reflog syntax.
_NAME = re.compile(r"(?!-)[^\s~^:?*\[\\\x00-\x20\x7f]{1,1000}(?:[~^]\d{0,4}){0,20}")
_OID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")


def toplevel(start: Path) -> Path | None:
    """The nearest folder at or above `start` that has a `.git`, None when there is none."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if os.path.lexists(folder / ".git")), None)


class LocalGit:
    """The repository whose top folder is `root`.

    Paths are spelt as in `adapters.paths`. NotARepository when `root` is no top folder of one (`present` says so
    first); UndecidedError when git fails, is late or says too much; ToolMissing without git.
    """

    def __init__(self, root: Path, timeout: float, index: str = "") -> None:
        """`index` is another index file than the repository's own, such as the one of a commit under way."""
        self.root = root.resolve()
        self._plumbing = Plumbing(self.root, timeout, index)
        self._known: bool | None = None
        self._is_shallow = True
        self._commits: set[str] = set()
        """Ids known to be commits; an id never comes to stand for something else."""

    def present(self) -> bool:
        """Is the working tree a git repository? UndecidedError when there is a `.git` that git cannot read."""
        if self._known is None:
            there = os.path.lexists(self.root / ".git")
            if there:
                out = self._plumbing.run("rev-parse", "--git-dir", "--is-shallow-repository")[1]
                self._is_shallow = out.splitlines()[-1:] != [b"false"]
            self._known = there
        return self._known

    def source(self) -> Source:
        commit = self.resolve("HEAD") or ""
        if not commit:
            return Source(remote=self._remote(), dirty=git_status.dirty(self._plumbing, ""), shallow=self._shallow())
        tree, committed = self._written(commit)
        return Source(
            commit=commit,
            tree=tree,
            ref=self._ref(commit),
            remote=self._remote(),
            committed=committed,
            dirty=git_status.dirty(self._plumbing, commit),
            shallow=self._shallow(),
        )

    def tracked(self) -> tuple[Entry, ...]:
        """What the index holds, by path; of a conflict the first side."""
        self._ready()
        return git_status.index(self._plumbing)

    def tree(self, commit: str) -> tuple[Entry, ...]:
        """Every path of a commit, in order of path. UndecidedError when the commit is not here."""
        self._ready()
        if self.resolve(commit) is None:
            raise UndecidedError(f"the commit `{commit[:60]}` is not here", hint="fetch the whole history")
        return git_status.tree(self._plumbing, commit)

    def untracked(self) -> tuple[str, ...]:
        """Untracked paths that are not ignored; a repository nested in the tree is one path, the name of its folder."""
        items = self._items("ls-files", "--others", "--exclude-standard", "-z")
        return tuple(spell(item.rstrip(b"/")) for item in items)

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Which of these paths git ignores; a path git refuses to judge (beyond a link, in a submodule) is not."""
        self._ready()
        known: dict[bytes, str] = {}
        for path in paths:
            try:
                known[unspell(path)] = path
            except FormatError:
                continue
        return frozenset(known[raw] for raw in git_status.check_ignore(self._plumbing, list(known)) if raw in known)

    def read(self, ref: str, path: str, limit: int) -> bytes | None:
        """A file at a commit; None when it is not there. FormatError when it is too large or not a regular file.

        With an empty path, `ref` is the id of a blob.
        """
        self._ready()
        if not path:
            return self._blob(ref, ref, limit) if _OID.fullmatch(ref) else None
        raw = unspell(path)
        commit = self.resolve(ref)
        if commit is None:
            return None
        found = [
            head.decode("ascii").split(" ")
            for head, _, name in (
                item.partition(b"\t") for item in self._items("ls-tree", "-z", "--full-tree", commit, "--", raw)
            )
            if name == raw
        ]
        if not found:
            return None
        mode, _, oid = found[0]
        if mode not in {"100644", "100755"}:
            raise FormatError(f"`{path}` is not a regular file at `{ref}`")
        return self._blob(oid, path, limit)

    def resolve(self, ref: str) -> str | None:
        """The commit a name stands for, None when there is none or when it is no plain name."""
        self._ready()
        if ref in self._commits:
            return ref
        if not _NAME.fullmatch(ref) or ".." in ref or "@{" in ref or any(0xD800 <= ord(c) < 0xE000 for c in ref):
            return None
        full = re.split("[~^]", ref, maxsplit=1)[0]
        # Git would go on to look for a tag called `refs/heads/…` where there is no such branch.
        if full.startswith("refs/") and self._plumbing.run("show-ref", "--verify", "--quiet", full, ok=(0, 1))[0]:
            return None
        name = f"{ref}^{{commit}}"
        code, out = self._plumbing.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, ok=(0, 1))
        oid = out.decode("ascii", "replace").strip()
        if code != 0 or not _OID.fullmatch(oid):
            return None
        self._commits.add(oid)
        return oid

    def merge_base(self, left: str, right: str) -> str | None:
        ends = (self.resolve(left), self.resolve(right))
        if ends[0] is None or ends[1] is None:
            return None
        code, out = self._plumbing.run("merge-base", ends[0], ends[1], ok=(0, 1))
        return out.decode("ascii").split()[0] if code == 0 else None

    def is_ancestor(self, commit: str, of: str) -> bool:
        """False as well when one of the two is not known here."""
        ends = (self.resolve(commit), self.resolve(of))
        if ends[0] is None or ends[1] is None:
            return False
        return self._plumbing.run("merge-base", "--is-ancestor", ends[0], ends[1], ok=(0, 1))[0] == 0

    def default_branch(self) -> str | None:
        """Where `refs/remotes/origin/HEAD` points; else the one of `main` and `master` that origin has, if just one."""
        self._ready()
        _, out = self._plumbing.run("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD", ok=(0, 1))
        head = out.decode("utf-8", "replace").strip()
        if head.startswith("refs/remotes/origin/") and self.resolve(head):
            return head
        usual = [ref for ref in ("refs/remotes/origin/main", "refs/remotes/origin/master") if self.resolve(ref)]
        return usual[0] if len(usual) == 1 else None

    def first_commit_of(self, path: str) -> datetime | None:
        """Committer time of the first commit that holds this path: the earliest of all that touch it.

        None in a shallow clone as well: there the oldest commit at hand seems to have added everything.
        """
        commit, raw = self.resolve("HEAD"), unspell(path)
        if commit is None or self._shallow():
            return None
        out = self._out("--literal-pathspecs", "rev-list", "--timestamp", "--full-history", commit, "--", raw)
        times = [int(line.split(b" ")[0]) for line in out.splitlines() if line]
        return _moment(min(times)) if times else None

    def previous_tag(self, commit: str) -> str | None:
        """The commit of the newest tag below `commit`, which may itself be tagged; None when there is none."""
        named = self._text(
            "for-each-ref",
            "--sort=-creatordate",
            "--format=%(objectname) %(*objectname)",
            f"--merged={commit}",
            "refs/tags",
        )
        # A tag of a tag is peeled here: git names only what the outer one points at.
        below = (self.resolve(line.split()[-1]) for line in named.splitlines() if line.strip())
        return next((oid for oid in below if oid is not None and oid != commit), None)

    def listing(self, span: Span) -> Listing:
        """Every blob of the span once, and what of it is missing here."""
        return git_history.listing(self._plumbing, self._words(span))

    def contents(self, oids: Sequence[str], limit: int) -> Iterator[Blob]:
        """The blobs of these ids, each at most once and with the path ""; without data when missing or too large."""
        self._ready()
        yield from git_history.contents(self._plumbing, [oid for oid in oids if _OID.fullmatch(oid)], limit)

    def pieces(self, oid: str, size: int) -> Iterator[bytes]:
        """One blob in pieces of `size` bytes. FormatError when it is missing or no blob."""
        self._ready()
        if not _OID.fullmatch(oid):
            raise FormatError("an object has an id that is none")
        yield from self._plumbing.pieces(oid, size)

    def firsts(self, span: Span, oids: Collection[str]) -> Mapping[str, First]:
        return git_firsts.firsts(self._plumbing, self._words(span), oids)

    def staged(self) -> tuple[Entry, ...]:
        """What the index holds of every path that differs from HEAD, by path; of a conflict the first side."""
        return git_status.staged(self._plumbing, self.resolve("HEAD") or "")

    def messages(self, span: Span) -> Iterator[Message]:
        """Raw commits of the span, annotated tags and notes on them; FormatError when one is too large."""
        yield from git_history.messages(self._plumbing, self._words(span), span.refs)

    def commits(self, span: Span) -> int:
        return int(self._text("rev-list", "--count", *self._words(span)))

    def _ready(self) -> None:
        if not self.present():
            raise NotARepository(f"`{self.root.name}` is not the top folder of a git repository", hint="run `git init`")

    def _out(self, *args: str | bytes) -> bytes:
        self._ready()
        # Bytes of a path become text the way subprocess turns it back.
        words = [word if isinstance(word, str) else word.decode("utf-8", "surrogateescape") for word in args]
        return self._plumbing.run(*words)[1]

    def _text(self, *args: str) -> str:
        return self._out(*args).decode("utf-8", "replace").strip()

    def _items(self, *args: str | bytes) -> list[bytes]:
        return [item for item in self._out(*args).split(b"\0") if item]

    def _words(self, span: Span) -> tuple[str, ...]:
        """The span for `rev-list`: object ids alone, and `--all`."""
        head, base = self.resolve(span.head), self.resolve(span.base) if span.base else None
        if head is None or (span.base and base is None):
            lost = span.head if head is None else span.base
            raise UndecidedError(f"`{lost[:100]}` is not a commit of this clone", hint="fetch the whole history")
        more = (*git_history.REFS, *git_history.stashes(self._plumbing)) if span.refs else ()
        return (head, f"^{base}", *more) if base else (head, *more)

    def _blob(self, oid: str, path: str, limit: int) -> bytes | None:
        head = self._plumbing.content(oid, limit)
        if head.kind == "missing" and path != oid:
            raise UndecidedError(f"`{path}` is missing from this clone", hint="fetch the whole history")
        if head.kind != "blob":
            return None
        if head.size > limit:
            raise FormatError(f"`{path}` is larger than {limit} bytes")
        return head.data

    def _ref(self, commit: str) -> str:
        tags = self._text(
            "for-each-ref", "--sort=-version:refname", "--count=1", "--format=%(refname)", f"--points-at={commit}",
            "refs/tags",
        )  # fmt: skip
        if tags:
            return tags
        _, out = self._plumbing.run("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
        return out.decode("utf-8", "replace").strip()

    def _remote(self) -> str:
        self._ready()
        _, out = self._plumbing.run("config", "--local", "-z", "--get", "remote.origin.url", ok=(0, 1))
        return web_address(out.rstrip(b"\0").decode("utf-8", "replace"))

    def _written(self, commit: str) -> tuple[str, str]:
        """The tree of a commit and when it was committed."""
        tree, seconds = self._text("rev-list", "--max-count=1", "--format=%T %ct", commit).splitlines()[-1].split(" ")
        moment = _moment(int(seconds))
        return tree, moment.isoformat() if moment else ""

    def _shallow(self) -> bool:
        self._ready()
        return self._is_shallow


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
