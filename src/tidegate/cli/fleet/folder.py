"""A fleet's folder: `fleet.json`, and one file a repository, each written whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tidegate.cli import wire
from tidegate.errors import FormatError, UserError
from tidegate.formats import fleet_list, fleet_result
from tidegate.model.fleet import Examined, Fleet

NAME = "fleet.json"


def begin(out: Path, fleet: Fleet) -> None:
    """Make the folder, or find that it belongs to this fleet. Raises UserError."""
    if out.is_symlink():
        raise UserError(f"`{out}` is a link", hint="give the real folder with `--out`")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to `{out}`: {error.strerror}", hint="give a folder with `--out`") from None
    others = [path for path in out.iterdir() if not path.name.startswith(".")]
    if others and not (out / NAME).is_file():
        raise UserError(f"`{out}` holds other files", hint="give an empty folder, or that of an earlier run")
    write(out / NAME, fleet_result.render(fleet))


def write(path: Path, text: str) -> None:
    def fill(stream: BinaryIO) -> None:
        stream.write(text.encode())

    wire.write_whole(path, fill)


def known(out: Path, name: str) -> Examined | None:
    """The result that is there already, None when there is none that can be read."""
    path = out / fleet_list.file_name(name)
    try:
        found = fleet_result.read_result(wire.read_bounded(path, fleet_result.MAX_BYTES))
    except (FormatError, UserError, OSError):
        return None
    return found if found.name == name else None


def fleet(out: Path) -> Fleet:
    """What a folder belongs to. Raises UserError."""
    if not (out / NAME).is_file():
        raise UserError(f"`{out}` is no folder of a fleet", hint="give what `tidegate fleet run --out` named")
    try:
        return fleet_result.read_fleet(wire.read_bounded(out / NAME, fleet_result.MAX_BYTES))
    except FormatError as error:
        raise UserError(f"`{out / NAME}`: {error.message}", hint=error.hint) from None


def results(out: Path) -> Iterator[Examined]:
    """Every result in it. Raises UserError for a file that is none."""
    for path in sorted(out.glob("*.json")):
        if path.name == NAME:
            continue
        try:
            result = fleet_result.read_result(wire.read_bounded(path, fleet_result.MAX_BYTES))
        except FormatError as error:
            raise UserError(f"`{path}`: {error.message}", hint="remove it, and run again") from None
        if path.name != fleet_list.file_name(result.name):
            raise UserError(f"`{path}` speaks of another repository", hint="remove it, and run again")
        yield result
