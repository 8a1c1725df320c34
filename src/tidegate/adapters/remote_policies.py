"""Policies of other repositories, each at one commit: fetched once, kept by commit, and hashed again at every use."""

import contextlib
import hashlib
import tempfile
from pathlib import Path
from typing import BinaryIO

from tidegate.adapters import replacing
from tidegate.adapters.fetching import Fetcher
from tidegate.adapters.git_process import Plumbing
from tidegate.errors import FormatError, TidegateError, UnavailableError
from tidegate.formats import git_objects

MOST = 256 << 20
SECONDS = 60.0


class RemotePolicies:
    """Implements `policy.load.Fetch`; `kept` is a folder of the user's own, None where nothing is kept."""

    def __init__(self, kept: Path | None, seconds: float = SECONDS) -> None:
        self._kept, self._seconds = kept, seconds

    def __call__(self, url: str, commit: str, path: str) -> bytes:
        """The file at `path`. FormatError when it is not there; UnavailableError when nobody can be asked."""
        place = self._kept / f"{commit}-{hashlib.sha256(path.encode()).hexdigest()[:16]}.json" if self._kept else None
        if place is not None and (known := _known(place, commit, path)) is not None:
            return known
        with tempfile.TemporaryDirectory(prefix="tidegate-policy-") as name:
            folder = Path(name)
            data, objects = git_objects.follow(commit, path, self._fetched(url, commit, folder))
        if place is not None:
            _keep(place, git_objects.pack(objects))
        return data

    def _fetched(self, url: str, commit: str, folder: Path) -> git_objects.Get:
        try:
            found = Fetcher(url, folder, self._seconds, MOST).fetch(commit, small=True)
        except UnavailableError as error:
            hint = "go online once, and it is kept; or copy the file into the repository"
            raise UnavailableError(f"the policy at `{url}` cannot be fetched: {error.message}", hint=hint) from error
        if found != commit:
            raise FormatError(f"`{commit[:12]}` is no commit there")
        plumbing = Plumbing(folder, self._seconds)

        def get(oid: str, kind: str) -> bytes:
            _, size = plumbing.run("cat-file", "-s", oid)
            if int(size) > git_objects.MAX_OBJECT:
                raise FormatError(f"a {kind} there is larger than {git_objects.MAX_OBJECT >> 20} MiB")
            return plumbing.run("cat-file", kind, oid)[1]

        return get


def _known(place: Path, commit: str, path: str) -> bytes | None:
    """What is kept, None when there is nothing, or something else than it should be."""
    try:
        raw = place.read_bytes() if place.is_file() and place.stat().st_size <= git_objects.MAX_KEPT else b""
        objects = git_objects.unpack(raw)
        return git_objects.follow(commit, path, lambda oid, _kind: objects[oid])[0]
    except (OSError, FormatError, KeyError):
        return None


def _keep(place: Path, text: str) -> None:
    def fill(stream: BinaryIO) -> None:
        stream.write(text.encode())

    with contextlib.suppress(OSError, TidegateError):  # it is fetched again then
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replacing.write(place, fill, mode=0o600)
