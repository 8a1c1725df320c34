"""Advisories fetched before, by id and date of change; an entry that is not exactly what was stored does not exist."""

import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path

from tidegate.errors import FormatError
from tidegate.formats.osv import MAX_RECORD
from tidegate.formats.strict_json import loads


class RecordCache:
    """JSON records in files named by the digest of (id, modified), each led by the digest of its content.

    (id, modified) names one content for good, so an entry never grows old. No failure here is ever an error: the
    record is fetched again. Whoever can write to the folder can change what it answers.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, identifier: str, modified: str) -> object | None:
        """The record as JSON values, None when it is not there or not whole."""
        path = self._path(identifier, modified)
        if path is None:
            return None
        try:
            digest, _, body = _read(path).partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode() != digest:
                return None
            plain = loads(body, limit=MAX_RECORD, what="the cached advisory")
        except (OSError, FormatError):
            return None
        return plain if _is(plain, identifier, modified) else None

    def put(self, identifier: str, modified: str, plain: object) -> None:
        path = self._path(identifier, modified)
        if path is None or not _is(plain, identifier, modified):
            return
        body = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(number, "wb") as stream:
                    stream.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
                os.replace(name, path)
            except OSError:
                os.unlink(name)
        except OSError:
            return

    def _path(self, identifier: str, modified: str) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / "osv" / hashlib.sha256(f"{identifier}\n{modified}".encode()).hexdigest()


def _read(path: Path) -> bytes:
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as stream:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError("not a plain file")
        return stream.read(MAX_RECORD + 100)


def _is(plain: object, identifier: str, modified: str) -> bool:
    return isinstance(plain, dict) and plain.get("id") == identifier and plain.get("modified") == modified
