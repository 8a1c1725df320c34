"""Evidence is written file by file into a hidden folder and renamed into place last: a crash leaves no run."""

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from tidegate.domain.claims.listing import EXAMINED
from tidegate.domain.claims.vsa import MANIFEST
from tidegate.errors import FormatError, UserError
from tidegate.formats import evidence_pack
from tidegate.model.digest import Digest

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+!=@-]{0,200}")
_FILE_LIMIT = 64 << 20
_FOLDER_LIMIT = 512 << 20
_PACK_LIMIT = 520 << 20
_MAX_FILES = 5_000


class RunFolder:
    """One run's evidence: `write` any number of files, then `keep`; without `keep` nothing remains."""

    def __init__(self, root: Path, run_id: str) -> None:
        _refuse_links(root)
        self.root = root
        self.path = root / "runs" / run_id
        self._hidden = root / "runs" / f".{run_id}.part"
        try:
            self._hidden.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            raise UserError(f"the run `{run_id}` is being written already", hint="run again") from None
        except OSError as error:
            raise UserError(
                f"cannot write evidence to `{root}`: {error.strerror}", hint="give a writable folder with `--evidence`"
            ) from None
        # Exclusive creation follows no link that lies there.
        with contextlib.suppress(FileExistsError), open(root / ".gitignore", "x") as ignore:
            ignore.write("*\n")

    def write(self, name: str, text: str, *, replace: bool = False) -> None:
        if not _NAME.fullmatch(name):
            raise UserError(f"an evidence file cannot be called {name!r}", hint="rename the artifact")
        if not replace and (self._hidden / name).exists():
            raise UserError(f"`{name}` is in the evidence already", hint="two artifacts cannot share a name")
        part = self._hidden / f".{name}.part"
        with open(part, "xb") as stream:
            stream.write(text.encode("utf-8", "backslashreplace"))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self._hidden / name)

    def read(self, name: str) -> str | None:
        path = self._hidden / name
        return _read(path).decode("utf-8") if path.is_file() else None

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(path.name for path in self._hidden.iterdir() if not path.name.startswith(".")))

    @property
    def folder(self) -> Path:
        """Where the files lie before `keep`."""
        return self._hidden

    def keep(self) -> Path:
        self._hidden.replace(self.path)
        return self.path

    def drop(self) -> None:
        shutil.rmtree(self._hidden, ignore_errors=True)


def _refuse_links(root: Path) -> None:
    """An evidence folder reached through a link could put one run's files where another is believed to be."""
    for path in (root, root / "runs"):
        if path.is_symlink():
            raise UserError(f"`{path}` is a link", hint="give the real folder with `--evidence`")
        if path.exists() and not path.is_dir():
            raise UserError(f"`{path}` is not a folder", hint="give a folder with `--evidence`")


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every regular file of a run folder by name, bounded; FormatError when it holds anything else."""
    if folder.is_symlink():
        raise FormatError(f"`{folder.name}` is a link", hint="give the real folder")
    found: dict[str, bytes] = {}
    total = 0
    with os.scandir(folder) as listing:
        for entry in listing:
            if len(found) >= _MAX_FILES:
                raise FormatError(f"the evidence holds more than {_MAX_FILES} files")
            if not entry.is_file(follow_symlinks=False):
                raise FormatError(f"`{entry.name}` in the evidence is not a regular file", hint="remove it")
            found[entry.name] = _read(folder / entry.name)
            total += len(found[entry.name])
            if total > _FOLDER_LIMIT:
                raise FormatError("the evidence is larger than 512 MiB")
    return found


def read_pack(path: Path) -> dict[str, bytes]:
    """The files of a packed run by name, bounded; FormatError when it is none."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _PACK_LIMIT:
            raise FormatError(f"`{path.name}` is no evidence pack of bearable size")
        return evidence_pack.unpack(stream)


def _read(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise FormatError(f"`{path.name}` in the evidence is not a regular file", hint="remove it")
        data = stream.read(_FILE_LIMIT + 1)
    if len(data) > _FILE_LIMIT:
        raise FormatError(f"`{path.name}` in the evidence is larger than 64 MiB")
    return data


def keep_run(evidence: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Lay the files of a run into an evidence folder. Raises UserError when a run of that name is there."""
    if not _NAME.fullmatch(name):
        raise UserError(f"a run cannot be called {name[:100]!r}", hint="rename the folder")
    if (evidence / "runs" / name).exists():
        raise UserError(f"the run `{name}` is in `{evidence}` already", hint="nothing is replaced there")
    folder = RunFolder(evidence, name)
    try:
        for file, data in files.items():
            folder.write(file, data.decode("utf-8"))
        return folder.keep()
    except UnicodeDecodeError:
        raise UserError("evidence that is no UTF-8 text is not kept", hint="name a run tidegate wrote") from None
    except OSError as error:
        raise UserError(f"cannot write to `{evidence}`: {error.strerror}", hint="choose a writable folder") from None
    finally:
        folder.drop()


def runs_in(evidence: Path) -> tuple[Path, ...]:
    """Every run of an evidence folder; `evidence` itself when it is a run folder or a packed one."""
    if evidence.is_file() or not (evidence / "runs").is_dir() or (evidence / MANIFEST).exists():
        return (evidence,)
    return tuple(sorted(run for run in (evidence / "runs").iterdir() if not run.name.startswith(".")))


def find_run(evidence: Path, digest: Digest) -> Path | None:
    """The one run that names this digest: `evidence` itself when it is a run folder or a packed one, else one of its
    `runs/*`.

    None when no run names it. Raises UserError when several do, with the choices.
    """
    if evidence.is_file() and not evidence.is_symlink():
        return evidence
    if not evidence.is_dir():
        raise UserError(f"`{evidence}` is not an evidence folder", hint="give the folder with `--evidence`")
    if (evidence / MANIFEST).exists() or (evidence / EXAMINED).exists() or not (evidence / "runs").is_dir():
        return evidence
    named = sorted(run for run in (evidence / "runs").iterdir() if not run.name.startswith(".") and _names(run, digest))
    if len(named) > 1:
        choices = ", ".join(run.name for run in named[-5:])
        raise UserError(
            f"{len(named)} runs name this artifact: {choices}",
            hint=f"choose one: `--evidence {evidence / 'runs' / named[-1].name}`",
        )
    return named[0] if named else None


def _names(run: Path, digest: Digest) -> bool:
    path = run / EXAMINED
    if run.is_symlink() or not run.is_dir() or path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as stream:
        return digest.value.encode() in stream.read(_FILE_LIMIT)
