"""The half of `tidegate rebuild` that runs the project's code: it holds no token, and believes nothing it is told."""

import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate import __version__
from tidegate.cli import wire
from tidegate.cli.gate import DEFAULT_ARTIFACTS, Gate
from tidegate.cli.rebuild.targets import Target
from tidegate.errors import FormatError, NoSuchArtifact, UserError
from tidegate.formats import rebuild as format_of
from tidegate.formats.rebuild import Cause, Difference, Rebuild, Rebuilt, Result
from tidegate.model.inventory import Source
from tidegate.model.release import Artifact
from tidegate.model.verdict import ExitCode
from tidegate.reporters.escape import terminal

if TYPE_CHECKING:  # pydantic is imported where it is used
    from tidegate.policy.controls import BuildRules

_LINES = 20
_SHOWN = 8
_HINT = "write into the policy `controls: {sbom: {build: {command: [python, -m, build]}}}`"


@dataclass(frozen=True, slots=True)
class _Made:
    """What a build left: its outputs by name, those that cannot be taken with their reasons."""

    outputs: Mapping[str, Artifact]
    refused: tuple[str, ...]


def refuse_tokens() -> None:
    """Raises UserError when something in the environment could speak in the project's name."""
    names = wire.token_variables()
    if names:
        listed = ", ".join(f"`{name}`" for name in names[:5]) + (
            f" and {len(names) - 5} more" if len(names) > 5 else ""
        )
        raise UserError(
            f"this job holds what could sign, publish or ask for an identity: {listed}",
            hint="rebuild in a job of its own without tokens, and sign there with `tidegate rebuild --sign STATEMENT`",
        )
    cloud = wire.machine_identity()
    if cloud:
        _note(f"this machine can ask {cloud} for an identity, and so can the build; a machine without one is better")


def writable(path: Path) -> Path:
    """The statement's place, with nothing of an older rebuild in it. Raises UserError."""
    target = path.absolute()
    try:
        if not target.parent.is_dir() or target.is_dir():
            raise UserError(f"cannot write `{path}`", hint="name a file in a folder that is there")
        target.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"cannot write `{path}`: {error.strerror}", hint="name a writable file") from None
    return target


def rebuild(made: Gate, targets: Sequence[Target], output: Path) -> int:
    """Build, compare, tell and write the statement."""
    rules = made.policy.controls.sbom.build
    if rules is None:
        raise UserError("the policy does not say how the project is built", hint=_HINT)
    source = made.git.source()
    if not source.committed:
        raise UserError("the commit has no time a build could be given", hint="commit again")
    for note in made.notes:
        _note(note)
    if source.dirty:
        _note("the working tree differs from the commit; what is built is the commit")
    made.progress("copying the commit")
    rebuilt = _built(made, rules, source, targets)
    made.progress.clear()
    if rebuilt is None:
        return ExitCode.SHUT
    _tell(rebuilt)
    _write(output, rebuilt)
    sys.stdout.write(f"wrote `{terminal(str(output))}`, unsigned; `tidegate rebuild --sign` signs it in another job\n")
    return ExitCode.OPEN if rebuilt.reproduced else ExitCode.SHUT


def _write(output: Path, rebuilt: Rebuild) -> None:
    try:
        wire.replace_file(output, format_of.build(rebuilt))
    except FormatError as error:
        raise UserError(f"the statement cannot be written: {error.message}", hint="give it plain names") from None
    except OSError as error:
        raise UserError(f"cannot write `{output}`: {error.strerror}", hint="name a writable file") from None


def _built(made: Gate, rules: "BuildRules", source: Source, targets: Sequence[Target]) -> Rebuild | None:
    """What came of the build; None, and said why, when it came to nothing."""
    from tidegate.policy.values import duration

    epoch = int(datetime.fromisoformat(source.committed).timestamp())
    patterns = rules.outputs or _patterns(made)
    with wire.yard() as place:
        for lack in wire.fresh_copy(made.root, place.source, source.commit, epoch):
            _note(lack)
        there = _matching(place.source, patterns)
        if there:
            raise UserError(
                f"the commit itself holds `{there[0]}`: a build that finds it there proves nothing",
                hint="take it out of the commit, or name what is built in `controls.sbom.build.outputs`",
            )
        made.progress("building")
        ended = wire.run_build(rules.command, place, epoch, duration(rules.timeout).total_seconds())
        made.progress.clear()
        if ended.failed:
            _failed(ended.failed, ended.tail)
            return None
        reached = tuple(_reached(made, source, targets))
        if reached:
            _failed(f"it reached out of its copy: {reached[0]}", b"")
            return None
        made.progress("comparing")
        outputs = _take(made, place.source, patterns)
        for why in outputs.refused:
            _note(why)
        results = tuple(_compared(made, target.artifact, outputs, str(place.source)) for target in targets)
    names = {target.artifact.name for target in targets}
    return Rebuild(
        commit=source.commit,
        tree=source.tree,
        command=tuple(rules.command),
        epoch=epoch,
        artifacts=results,
        time=wire.clock().now(),
        tool=f"tidegate {__version__}",
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}".lower().strip() or "unknown",
        extra=tuple(format_of.spelt(name) for name in sorted(set(outputs.outputs) - names)[:_LINES]),
    )


def _patterns(made: Gate) -> list[str]:
    named = [pattern for release in made.policy.model.releases for pattern in release.artifacts]
    return named or list(DEFAULT_ARTIFACTS)


def _matching(folder: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    """Like `wire.find_artifacts`, but a pattern may match nothing. Raises UserError for too many files."""
    found: set[str] = set()
    for pattern in patterns:
        try:
            found.update(wire.find_artifacts(folder, [pattern]))
        except NoSuchArtifact:
            continue
    return tuple(sorted(found))


def _reached(made: Gate, source: Source, targets: Sequence[Target]) -> Iterator[str]:
    """Traces of a build that did not keep to its copy; what it was compared with was taken before."""
    for target in targets:
        now = wire.digest_of(target.path)
        if now is None or not now.matches(target.artifact.digest):
            yield f"`{target.artifact.path}` is no longer the file that was taken"
    if made.git.resolve("HEAD") != source.commit:
        yield "HEAD is at another commit now"


def _take(made: Gate, folder: Path, patterns: Sequence[str]) -> _Made:
    private = made.private / "rebuilt"
    private.mkdir(mode=0o700)
    outputs: dict[str, Artifact] = {}
    refused: list[str] = []
    try:
        paths = _matching(folder, patterns)
    except UserError as error:
        return _Made({}, (f"of what the build made nothing is taken: {error.message}",))
    for path in paths:
        name = path.rpartition("/")[2]
        if name in outputs:
            refused.append(f"the build made `{name}` in two places, and the first is taken")
            continue
        try:
            outputs[name] = wire.take(folder, path, private)
        except UserError as error:
            refused.append(f"what the build made is not taken: {error.message}")
    return _Made(outputs, tuple(refused))


def _compared(made: Gate, artifact: Artifact, outputs: _Made, folder: str) -> Rebuilt:
    """The digests decide; members are only looked at to say why."""
    other = outputs.outputs.get(artifact.name)
    if other is None:
        return Rebuilt(artifact.name, artifact.digest, Result.MISSING)
    if other.digest.matches(artifact.digest):
        return Rebuilt(artifact.name, artifact.digest, Result.REPRODUCED, other.digest)
    from tidegate.domain.builds.compare import compare

    try:
        with (
            wire.taken(made.taken).open(artifact) as released,
            wire.taken(made.private / "rebuilt").open(other) as built,
        ):
            differences, more = compare(released, built, artifact.kind, folder)
    except FormatError:
        differences, more = (Difference("", (Cause.UNREADABLE,)),), 0
    return Rebuilt(artifact.name, artifact.digest, Result.DIFFERENT, other.digest, differences, more)


def _failed(why: str, tail: bytes) -> None:
    """The end of what a build said, a line at a time and harmless."""
    sys.stderr.write(f"error: the build came to nothing: {terminal(why)}\n")
    for line in tail.decode("utf-8", "replace").splitlines()[-_LINES:]:
        sys.stderr.write(f"  | {terminal(line, 300)}\n")
    sys.stderr.write("hint: run the command of `controls.sbom.build` in a fresh clone; no statement was written\n")


def _tell(rebuilt: Rebuild) -> None:
    for each in rebuilt.artifacts:
        sys.stdout.write(f"{each.result.value:<10}  {terminal(each.name)}  {each.digest}\n")
        for difference in each.differences[:_SHOWN]:
            member = terminal(difference.member, 200) or "the archive itself"
            sys.stdout.write(f"            {member}: {', '.join(difference.causes)}\n")
        more = max(0, len(each.differences) - _SHOWN) + each.more
        if more:
            sys.stdout.write(f"            and {more} more\n")
    for name in rebuilt.extra:
        sys.stdout.write(f"extra       {terminal(name)}: the build made it, and it is none of the artifacts\n")


def _note(text: str) -> None:
    sys.stderr.write(f"note: {terminal(text)}\n")
