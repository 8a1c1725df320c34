"""The zizmor binary that was installed with tidegate, proven by the digest its installer recorded.

The search path is never asked: a repository under examination may have put something there.
"""

import base64
import binascii
import hashlib
import importlib.metadata
import sysconfig
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tidegate.errors import ToolMissing, UnavailableError
from tidegate.model.digest import Digest

_NAMES = ("zizmor", "zizmor.exe")
_HINT = "run `python -m pip install --force-reinstall 'zizmor~=1.32'` in tidegate's environment"


@dataclass(frozen=True, slots=True)
class Binary:
    path: Path
    version: str
    digest: Digest


def find() -> Binary:
    """The installed binary. ToolMissing when there is none, UnavailableError when it is not the one installed."""
    try:
        distribution = importlib.metadata.distribution("zizmor")
    except importlib.metadata.PackageNotFoundError:
        raise ToolMissing("zizmor is not installed", hint=_HINT) from None
    recorded = next((file for file in distribution.files or () if file.name in _NAMES), None)
    if recorded is None or recorded.hash is None or recorded.hash.mode != "sha256":
        raise ToolMissing("the zizmor package records no binary for this platform", hint=_HINT)
    expected = _hex(recorded.hash.value)
    places = [Path(str(distribution.locate_file(recorded))), *_elsewhere(distribution, recorded.name)]
    present = [place for place in places if place.is_file()]
    if not present:
        raise ToolMissing("the zizmor binary is not where its package says", hint=_HINT)
    for place in present:
        if _sha256(place) == expected:
            return Binary(place.resolve(), distribution.version, Digest("sha256", expected))
    raise UnavailableError("the zizmor binary differs from the one that was installed", hint=_HINT)


def _elsewhere(distribution: importlib.metadata.Distribution, name: str) -> list[Path]:
    """Script folders of the running interpreter, and `bin` beside a `--target` installation."""
    scripts = [sysconfig.get_path("scripts")]
    scripts += [sysconfig.get_path("scripts", scheme) for scheme in sysconfig.get_scheme_names() if "user" in scheme]
    return [Path(folder) / name for folder in scripts if folder] + [Path(str(distribution.locate_file(f"bin/{name}")))]


def _hex(urlsafe: str) -> str:
    """RECORD writes digests in unpadded urlsafe base64 (PEP 376)."""
    try:
        raw = base64.urlsafe_b64decode(urlsafe + "=" * (-len(urlsafe) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != hashlib.sha256().digest_size:
        raise ToolMissing("the zizmor package records no usable digest", hint=_HINT)
    return raw.hex()


def _sha256(path: Path) -> str:
    try:
        told = path.stat()
        return _digest(path, (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns))
    except OSError as error:
        raise UnavailableError(f"the zizmor binary cannot be read: {error.strerror}", hint=_HINT) from error


@lru_cache(maxsize=8)
def _digest(path: Path, _stat: tuple[int, ...]) -> str:
    """Of a file that has not been touched since; a fleet asks for the same one again and again."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
