"""The project's own build, in a copy of its commit; only `tidegate rebuild` asks for it."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.cli.wire.machine import GIT_TIMEOUT
from tidegate.errors import UndecidedError

if TYPE_CHECKING:  # adapters are imported where they are used: `--help` must not pay for them
    from tidegate.adapters.building.build import Built


@dataclass(frozen=True, slots=True)
class Yard:
    """Where a build happens: the copy of the commit, and the only folders its environment names."""

    source: Path
    home: Path
    scratch: Path


def token_variables() -> tuple[str, ...]:
    """See `adapters.building.tokens.dangerous`."""
    from tidegate.adapters.building import tokens

    return tokens.dangerous(os.environ)


def machine_identity() -> str:
    """The cloud this machine can ask for an identity without any variable, "" for none."""
    from tidegate.adapters.signing import ambient

    here = ambient.around({})
    return here.system if here.ready else ""


@contextmanager
def yard() -> Iterator[Yard]:
    """A folder apart from every other of ours; whatever a build made of it is gone in the end."""
    from tidegate.adapters.building import trash

    folder = Path(tempfile.mkdtemp(prefix="tidegate-rebuild-")).resolve()
    try:
        made = Yard(folder / "source", folder / "home", folder / "tmp")
        for each in (made.source, made.home, made.scratch):
            each.mkdir(mode=0o755)
        yield made
    finally:
        if not trash.remove(folder):
            shutil.rmtree(folder, ignore_errors=True)


def fresh_copy(root: Path, folder: Path, commit: str, epoch: int) -> tuple[str, ...]:
    """Check a commit out, with a repository of its own; gives what is not in it. Raises UndecidedError."""
    from tidegate.adapters.building.checkout import Copy

    copy = Copy(root, folder, GIT_TIMEOUT * 5)
    try:
        copy.make(commit, epoch)
    except OSError as error:
        raise UndecidedError(
            f"the commit cannot be copied: {error.strerror}", hint="look for room in the temporary folder"
        ) from None
    return tuple(copy.lacking)


def run_build(command: Sequence[str], place: Yard, epoch: int, timeout: float) -> "Built":
    """See `adapters.building.build.run`."""
    from tidegate.adapters.building import build

    variables = build.environment(os.environ, place.home, place.scratch, epoch)
    return build.run(command, place.source, variables, timeout)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file whole, in the place of whatever lies there; a link is replaced, never followed. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
