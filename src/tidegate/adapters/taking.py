"""Artifacts are taken once: opened without following links, copied into a private folder, hashed while copying."""

import fnmatch
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tidegate.errors import FormatError, NoSuchArtifact, UserError
from tidegate.formats import endings
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact

SIDECARS = (endings.SIGNATURE, endings.ATTESTATIONS, endings.VERDICT)
"""Endings of files that lie beside an artifact and speak about it; they are evidence, never artifacts."""

MAX_ARTIFACTS = 1024
MAX_SIZE = 4 << 30
_CHUNK = 1 << 20
_MAX_LISTED = 100_000


def find(root: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    """Repository paths matching the globs, sorted; folders that are links are not entered.

    `*` and `?` stay inside one path segment. Raises NoSuchArtifact when a pattern matches nothing.
    """
    paths: set[str] = set()
    for pattern in patterns:
        matched = _without_evidence(set(_expand(root, "", pattern.split("/"))))
        if not matched:
            raise NoSuchArtifact(
                f"no artifact matches `{pattern}`", hint="build first, or mend `releases` in the policy"
            )
        paths |= matched
    if len(paths) > MAX_ARTIFACTS:
        raise UserError(f"more than {MAX_ARTIFACTS} artifacts match", hint="narrow the globs in `releases`")
    return tuple(sorted(paths))


def _without_evidence(paths: set[str]) -> set[str]:
    """Other tools' endings are common words: such a file is evidence only beside the artifact it is named after."""
    artifacts = {path for path in paths if not path.endswith(SIDECARS)}
    foreign = {path + ending for path in artifacts for ending in endings.ATTESTED}
    return artifacts - foreign


def _expand(root: Path, folder: str, parts: Sequence[str]) -> Iterator[str]:
    head, rest = parts[0], parts[1:]
    here = root / folder if folder else root
    try:
        with os.scandir(here) as listing:
            entries = sorted(
                (entry for _, entry in zip(range(_MAX_LISTED), listing, strict=False)), key=lambda e: e.name
            )
    except OSError:
        return
    for entry in entries:
        if not fnmatch.fnmatchcase(entry.name, head) or (entry.name.startswith(".") and not head.startswith(".")):
            continue
        path = f"{folder}/{entry.name}" if folder else entry.name
        if rest and entry.is_dir(follow_symlinks=False):
            yield from _expand(root, path, rest)
        elif not rest and not entry.is_dir(follow_symlinks=False):
            yield path


def take(root: Path, path: str, folder: Path) -> Artifact:
    """Copy one artifact into the private folder. Raises UserError when it is a link, special, or too large."""
    name = path.rpartition("/")[2]
    target = folder / name
    hasher = hashlib.sha256()
    size = 0
    head = b""
    with open_regular(root / path) as source, open(target, "xb") as copy:
        while chunk := source.read(_CHUNK):
            head = head or chunk[:512]
            size += len(chunk)
            if size > MAX_SIZE:
                raise UserError(f"`{path}` is larger than 4 GiB", hint="split the release")
            hasher.update(chunk)
            copy.write(chunk)
    target.chmod(0o400)
    from tidegate.formats.archives import kind_of  # heavy to import, and most workers only read what was taken

    return Artifact(name, path, Digest("sha256", hasher.hexdigest()), size, kind_of(name, head))


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file whose last component is no link. Raises UserError otherwise."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NoSuchArtifact(f"`{path.name}` is not there", hint="check the path") from None
    except OSError as error:
        raise UserError(
            f"`{path.name}` cannot be opened: {error.strerror}", hint="artifacts are regular files"
        ) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UserError(f"`{path.name}` is not a regular file", hint="artifacts are regular files")
    return os.fdopen(handle, "rb")


def digest_of(path: Path) -> Digest | None:
    """The sha256 of a file as it lies there now; None when it cannot be read."""
    hasher = hashlib.sha256()
    try:
        with open_regular(path) as stream:
            while chunk := stream.read(_CHUNK):
                hasher.update(chunk)
    except (OSError, UserError):
        return None
    return Digest("sha256", hasher.hexdigest())


class TakenFolder:
    """Implements `ports.Taken` over the private folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, artifact: Artifact) -> BinaryIO:
        """The copy, hashed before it is handed out: whoever swapped it is found here. Raises FormatError."""
        try:
            stream = open_regular(self.folder / artifact.name)
        except UserError as error:
            raise FormatError(error.message) from error
        hasher = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            hasher.update(chunk)
        if not artifact.digest.matches(Digest("sha256", hasher.hexdigest())):
            stream.close()
            raise FormatError(f"`{artifact.name}` changed after it was taken", hint="run the gate again")
        stream.seek(0)
        return stream

    def layers(self, artifact: Artifact) -> Callable[[Digest], BinaryIO] | None:
        from tidegate.adapters.images import store

        return partial(store.open_blob, self.folder) if store.holds(self.folder, artifact.name) else None
