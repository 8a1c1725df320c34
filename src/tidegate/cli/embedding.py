"""`tidegate sbom --embed`: a wheel's SBOM put inside it (PEP 770), before anything is signed."""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tidegate import __version__
from tidegate.cli import wire
from tidegate.errors import FormatError, UserError
from tidegate.formats import endings
from tidegate.model.inventory import Content
from tidegate.model.release import ArtifactKind

_SIDECARS = (endings.SIGNATURE, *endings.ATTESTED, endings.VERDICT, endings.RESULT, ".asc", ".sig")
_BEARABLE = frozenset({"package-unread", "licence-file-missing"})
_UNSEALED = ("RECORD.jws", "RECORD.p7s")
_LIMIT = 64 << 20


def embed(wheel: Path, output: Path) -> None:
    """Write the wheel with its SBOM to `output`, a folder or a file of the same name. Raises UserError."""
    target = _target(wheel, output)
    for path in (wheel, target):
        _unsigned(path)
    private = Path(tempfile.mkdtemp(prefix="tidegate-"))
    try:
        artifact = wire.take(wheel.absolute().parent, wheel.name, private)
        if artifact.kind is not ArtifactKind.WHEEL:
            raise UserError(f"`{wheel.name}` is no wheel", hint="name a `.whl` file")
        with open(private / wheel.name, "rb") as stream:
            wire.write_whole(target, lambda out: _write(wheel.name, stream, out))
    except FormatError as error:
        raise UserError(f"`{wheel.name}`: {error.message}", hint=error.hint) from None
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _target(wheel: Path, output: Path) -> Path:
    target = output / wheel.name if output.is_dir() else output
    if target.name != wheel.name:
        raise UserError(f"`{target.name}` is not `{wheel.name}`", hint="a wheel is known by its name: name a folder")
    if not target.absolute().parent.is_dir():
        raise UserError(f"cannot write `{target}`", hint="name a folder that is there")
    return target


def _unsigned(path: Path) -> None:
    for ending in _SIDECARS:
        if os.path.lexists(f"{path}{ending}"):
            raise UserError(
                f"`{path.name}{ending}` speaks of the wheel as it is, and its digest would change",
                hint="embed first, then sign; remove what was signed before",
            )


def _write(name: str, stream: BinaryIO, out: BinaryIO) -> None:
    """The new wheel, read again as a stranger would before it is kept."""
    from tidegate.domain.sbom import embedded
    from tidegate.formats import archives, wheel_writing

    content = _sound(archives.content(name, ArtifactKind.WHEEL, stream))
    path = embedded.place(content)
    if not path:
        raise FormatError("the wheel has no metadata folder, or several", hint="build it with a standard build tool")
    when, timestamp = _time(stream)
    document = _document(embedded.without(content, path), timestamp)
    there = _member(stream, path)
    if there is not None:
        if there != document:
            raise FormatError(f"it holds another `{path}` already", hint="build the wheel again, then embed")
        stream.seek(0)
        shutil.copyfileobj(stream, out)
        return
    record = path.partition("/")[0] + "/RECORD"
    rows = wheel_writing.record_with(_member(stream, record) or b"", record, path, document)
    wheel_writing.add(stream, out, (path, document), (record, rows), when)
    after = _sound(archives.content(name, ArtifactKind.WHEEL, out))
    kept = {(m.path, m.sha256, m.mode) for m in after.members if m.path not in (path, record)}
    if kept != {(m.path, m.sha256, m.mode) for m in content.members if m.path != record}:
        raise FormatError("the new wheel does not hold what the old one held", hint="report this")


def _sound(content: Content) -> Content:
    """Nothing is built on a wheel that is wrong already. Raises FormatError."""
    faults = [problem for problem in content.problems if problem.rule not in _BEARABLE]
    if faults:
        raise FormatError(f"{faults[0].rule}: {faults[0].message}", hint="build the wheel again in a clean place")
    if any(member.path.endswith(tuple(f".dist-info/{each}" for each in _UNSEALED)) for member in content.members):
        raise FormatError("its `RECORD` is signed, and would change", hint="embed first, then sign")
    return content


def _document(content: Content, timestamp: str) -> bytes:
    from tidegate.domain.sbom import embedded
    from tidegate.formats import cyclonedx

    text = cyclonedx.render(embedded.bom(content, __version__, timestamp))
    cyclonedx.validate(text)
    return text.encode()


def _member(stream: BinaryIO, path: str) -> bytes | None:
    from tidegate.formats import archives

    for member in archives.members(stream, ArtifactKind.WHEEL):
        if member.path == path and member.stream is not None:
            data = member.stream.read(_LIMIT + 1)
            if len(data) > _LIMIT:
                raise FormatError(f"`{path}` is larger than {_LIMIT >> 20} MiB", hint="build the wheel again")
            return data
    return None


def _time(stream: BinaryIO) -> tuple[datetime, str]:
    """When the wheel was made: SOURCE_DATE_EPOCH, else the commit's time, else that of its youngest member.

    The second is what the SBOM says: nothing where only the wheel says so.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch:
        if not epoch.isdecimal() or not epoch.isascii() or int(epoch) > 253_402_300_799:
            raise UserError("SOURCE_DATE_EPOCH is no count of seconds", hint="unset it, or set it to a commit's time")
        when = datetime.fromtimestamp(int(epoch), UTC)
        return when, f"{when:%Y-%m-%dT%H:%M:%SZ}"
    git = wire.git(wire.repository_root(Path.cwd()))
    committed = git.source().committed if git.present() and git.resolve("HEAD") else ""
    if committed:
        when = datetime.fromisoformat(committed).astimezone(UTC)
        return when, f"{when:%Y-%m-%dT%H:%M:%SZ}"
    import zipfile

    with zipfile.ZipFile(stream) as archive:
        times = [entry.date_time for entry in archive.infolist()]
    try:
        return datetime(*max(times), tzinfo=UTC), ""
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=UTC), ""
