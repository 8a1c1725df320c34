"""`tidegate sbom --picture`: a release as one page, from an SBOM or from a run that holds one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tidegate.cli import wire
from tidegate.errors import FormatError, UserError

if TYPE_CHECKING:
    from tidegate.model.verdict import Run
    from tidegate.reporters.picture.picture import Given

_RUN = "run.json"
_ENDINGS = ("sbom.cdx.json", "sbom.cdx.xml", "sbom.spdx.json")
_PACKED = b"PK"


def picture(source: Path, target: Path, release: str) -> None:
    """Draw an SBOM file, a run folder or a packed run. Raises UserError."""
    from tidegate.reporters.picture.page import render

    if target.is_dir() or not target.absolute().parent.is_dir():
        raise UserError(f"cannot write `{target}`", hint="name a file in a folder that is there")
    if target.absolute() == source.absolute():
        raise UserError(f"`{target}` is what the page is made from", hint="name another file")
    try:
        given = _run(source, release) if _is_run(source) else _document(source, release)
        page = render(given).encode()
    except FormatError as error:
        raise UserError(f"`{source}` cannot be drawn: {error.message}", hint=error.hint) from error

    def fill(out: BinaryIO) -> None:
        out.write(page)

    wire.write_whole(target, fill)


def _is_run(source: Path) -> bool:
    if source.is_dir():
        return True
    try:
        with source.open("rb") as stream:
            return stream.read(len(_PACKED)) == _PACKED
    except OSError as error:
        raise UserError(f"cannot read `{source}`: {error.strerror}", hint="name a file that is there") from error


def _document(source: Path, release: str) -> "Given":
    from tidegate.formats.sbom.reading import read
    from tidegate.formats.sbom.validation import LIMIT
    from tidegate.reporters.picture.picture import Given

    if release:
        raise UserError("`--release` names a release of a run", hint=f"`{source}` is one SBOM: leave `--release` out")
    return Given(source.name, read(wire.read_bounded(source, LIMIT)))


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A release of a run, and what the names of its files begin with."""

    release: str
    prefix: str


def _run(source: Path, release: str) -> "Given":
    """Everything the run holds about one release; what is there and cannot be read is told, not left out."""
    from tidegate.formats import reconciliation
    from tidegate.formats.sbom.reading import read
    from tidegate.reporters.picture.picture import Given

    files = _files(source)
    run = _stored(files)
    chosen = _chosen(files, run, release)
    name = next((chosen.prefix + ending for ending in _ENDINGS if chosen.prefix + ending in files), "")
    if not name:
        raise UserError(f"`{source}` holds no SBOM", hint="name a run of `tidegate check`, or an SBOM itself")
    traced = files.get(chosen.prefix + reconciliation.NAME)
    return Given(
        name=name,
        bom=read(files[name]),
        run=run,
        release=chosen.release,
        reconciliation=None if traced is None else reconciliation.parse(traced),
    )


def _files(source: Path) -> Mapping[str, bytes]:
    runs = wire.runs_in(source)
    if len(runs) != 1:
        raise UserError(f"there are {len(runs)} runs in `{source}`", hint="name one of them")
    try:
        return wire.read_evidence(runs[0])
    except FormatError as error:
        raise UserError(
            f"`{source}` is no run: {error.message}", hint="name a folder under `.tidegate/runs`, or an SBOM"
        ) from None
    except OSError as error:
        raise UserError(f"cannot read `{source}`: {error.strerror}", hint="check the path") from error


def _stored(files: Mapping[str, bytes]) -> "Run | None":
    """The run as it was shown; evidence that was fetched has none."""
    from tidegate.reporters import json_report

    if _RUN not in files:
        return None
    try:
        return json_report.read(files[_RUN].decode("utf-8"))
    except UnicodeDecodeError:
        raise FormatError(f"`{_RUN}` is not UTF-8", hint="do not trust this file; run again") from None


def _chosen(files: Mapping[str, bytes], run: "Run | None", release: str) -> _Chosen:
    """By the run's own list of releases, else by the names of its SBOMs."""
    if run is not None:
        names = [each.name for each in run.releases]
        several = {name: f"{name}." for name in names} if len(names) > 1 else dict.fromkeys(names, "")
    else:
        prefixes = {name[: -len(end)] for name in files for end in _ENDINGS if name.endswith(end)}
        several = {prefix.removesuffix("."): prefix for prefix in sorted(prefixes) if not prefix or prefix[-1] == "."}
    found = [_Chosen(name, prefix) for name, prefix in several.items() if not release or name == release]
    if len(found) != 1:
        what = f"no release is called `{release}`" if release else f"the run has {len(several)} releases"
        raise UserError(what, hint=f"name one of them with `--release`: {', '.join(several) or 'there is none'}")
    return found[0]
