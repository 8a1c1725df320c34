"""`tidegate sbom --write`: the SBOM of the working tree, and of the artifacts where they are built, in a file."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tidegate.cli import wire
from tidegate.cli.epoch import source_date_epoch
from tidegate.cli.ordering import Author, Delivery, Order
from tidegate.errors import FormatError, NoSuchArtifact, UnavailableError, UserError
from tidegate.formats.records import dump, from_plain
from tidegate.model.release import Release
from tidegate.policy.durations import duration
from tidegate.ports import Done, Job, Workers

if TYPE_CHECKING:
    from tidegate.cli.gate import Gate

FORMATS = ("cyclonedx-json", "cyclonedx-xml", "spdx-json")
SPECS = ("1.6", "1.7")
LIMIT = 64 << 20
_ENDINGS = ((".spdx.json", "spdx-json"), (".xml", "cyclonedx-xml"), (".json", "cyclonedx-json"))


def write(policy_path: str, target: str, as_: str | None, spec: str | None, release: str, pre_build: bool) -> None:
    """Write one release's SBOM; `-` is standard output. Raises UserError, UnavailableError.

    With `pre_build` nothing but the source is looked at, so that no artifact has to be there.
    """
    name = as_ or _by_name(target)
    if target != "-" and (Path(target).is_dir() or not Path(target).absolute().parent.is_dir()):
        raise UserError(f"cannot write `{target}`", hint="name a file in a folder that is there")
    from tidegate.cli.gate import bare_releases, gate

    with gate(policy_path, facts=False) as made:
        releases = bare_releases(made) if pre_build else _taken(made)
        chosen = _chosen(releases, release)
        made.progress("reading lockfiles and artifacts")
        document = _document(made, wire.workers(say=made.progress), chosen, name, spec)
        made.progress.clear()
    if target == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(document)
        return

    def fill(out: BinaryIO) -> None:
        out.write(document)

    wire.write_whole(Path(target), fill)


def _taken(made: "Gate") -> tuple[Release, ...]:
    from tidegate.cli.gate import take_releases

    try:
        return take_releases(made)
    except NoSuchArtifact as error:
        raise UserError(error.message, hint="build first, or say `--pre-build` for the source alone") from None


def _by_name(target: str) -> str:
    return next((name for ending, name in _ENDINGS if target.lower().endswith(ending)), FORMATS[0])


def _chosen(releases: tuple[Release, ...], name: str) -> Release:
    named = [release for release in releases if not name or release.name == name]
    if len(named) != 1:
        names = ", ".join(release.name for release in releases)
        what = f"no release is called `{name}`" if name else "the policy has several releases"
        raise UserError(what, hint=f"name one of them with `--release`: {names}")
    return named[0]


def _document(made: "Gate", workers: Workers, release: Release, name: str, spec: str | None) -> bytes:
    """Read, made and checked in a worker, as always. Raises UserError when it would not be valid."""
    means = made.means()
    out = made.private / "sbom"
    order = dump(_order(made, release, name, spec, out))
    deadline = duration(made.policy.model.limits.deadline).total_seconds()
    jobs = [Job("document", "document", f'{{"means":{means},"order":{order}}}')]
    done = next(iter(workers.run(jobs, deadline)), Done("document"))
    try:
        if done.failed or not done.text:
            raise UnavailableError(
                f"the SBOM was not made: {done.failed or 'no answer'}", hint=done.hint or "run again"
            )
        delivery = from_plain(Delivery, json.loads(done.text))
    except (FormatError, ValueError, RecursionError):
        raise UnavailableError("the SBOM was not made: the worker gave no answer", hint="run again") from None
    if delivery.fault:
        raise UserError(
            f"the SBOM would not be valid: {delivery.fault}", hint="run `tidegate sbom` to see what is wrong"
        )
    try:
        return wire.read_bounded(out, LIMIT)
    except UserError:
        raise UnavailableError("the SBOM was not made: the worker wrote nothing", hint="run again") from None


def _order(made: "Gate", release: Release, name: str, spec: str | None, out: Path) -> Order:
    rules = made.policy.controls.sbom
    author = rules.author
    return Order(
        release=release,
        format=name,
        spec=spec or rules.spec,
        out=str(out),
        author=Author(author.name, author.email, author.url) if author is not None else None,
        epoch=source_date_epoch(),
    )
