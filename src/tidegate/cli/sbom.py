"""`tidegate sbom`: row 6 alone, an SBOM in a file, its score and its picture, and that of a wheel put inside it."""

from pathlib import Path

import click

from tidegate.cli.options import policy_option, shown
from tidegate.errors import UserError
from tidegate.model.control import Control
from tidegate.model.verdict import ExitCode


@click.command("sbom")
@policy_option
@click.option(
    "--embed",
    "wheel",
    metavar="WHEEL",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Put the wheel's SBOM inside it (PEP 770); the new wheel is written to `--output`.",
)
@click.option(
    "--score",
    "scored",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Say how complete an SBOM is, whoever made it: CycloneDX (JSON, XML) or SPDX 2.3 (JSON).",
)
@click.option(
    "--standard",
    "standards",
    multiple=True,
    type=click.Choice(["ntia-2021", "cisa-2025", "bsi-tr-03183-2"]),
    help="With `--score`: end with 1 unless this standard is met. Repeatable.",
)
@click.option(
    "--picture",
    "pictured",
    metavar="FILE|RUN",
    type=click.Path(path_type=Path, exists=True),
    help="Draw an SBOM, or a run with its findings and reconciliation, as one HTML page, written to `--output`.",
)
@click.option(
    "--write",
    "target",
    metavar="FILE",
    help="Write the SBOM to a file (`-`: standard output) and judge nothing. The name tells the format: .cdx.json, "
    ".cdx.xml, .spdx.json.",
)
@click.option(
    "--as",
    "as_",
    type=click.Choice(["cyclonedx-json", "cyclonedx-xml", "spdx-json"]),
    help="With `--write`: the format, where the name does not tell it.",
)
@click.option("--spec", type=click.Choice(["1.6", "1.7"]), help="With `--write`: the version of CycloneDX.")
@click.option(
    "--release", metavar="NAME", default="", help="With `--write` or `--picture`: whose SBOM, where there are several."
)
@click.option("--pre-build", is_flag=True, help="With `--write`: of the source alone, before anything is built.")
@shown
def sbom_command(
    policy_path: str,
    wheel: Path | None,
    scored: Path | None,
    standards: tuple[str, ...],
    pictured: Path | None,
    target: str | None,
    as_: str | None,
    spec: str | None,
    release: str,
    pre_build: bool,
    format_: str,
    outputs: tuple[str, ...],
    color: str,
) -> int:
    """Row 6: what is inside the release, and does it match lockfile and artifacts?

    \b
    tidegate sbom                                                  examine the row
    tidegate sbom --embed dist/app-1.0-py3-none-any.whl --output out/
    tidegate sbom --write sbom.cdx.json --pre-build                what the lockfiles pin
    tidegate sbom --score sbom.cdx.json --standard ntia-2021
    tidegate sbom --picture .tidegate/runs/RUN --output page.html  the graph and the reconciliation, to look at
    """
    if sum(each is not None for each in (wheel, scored, pictured, target)) > 1:
        raise UserError("`--embed`, `--score`, `--picture` and `--write` are four commands", hint="give one of them")
    if scored is not None:
        from tidegate.cli.scoring import score

        return score(scored, standards, format_)
    if standards:
        raise UserError(
            "`--standard` goes with `--score`", hint="name standards for the gate in `controls.sbom.standards`"
        )
    if pictured is not None and not (as_ or spec or pre_build):
        return _picture(pictured, outputs, release)
    if target is not None:
        from tidegate.cli.writing import write

        write(policy_path, target, as_, spec, release, pre_build)
        return ExitCode.OPEN
    if as_ or spec or release or pre_build:
        raise UserError(
            "`--as`, `--spec`, `--release` and `--pre-build` go with `--write`",
            hint="tidegate sbom --write sbom.cdx.json",
        )
    if wheel is not None:
        return _embed(wheel, outputs)
    from tidegate.cli.rows import run_row

    return run_row(Control.SBOM, policy_path, None, format_, outputs, color, artifacts=True)


def _embed(wheel: Path, outputs: tuple[str, ...]) -> int:
    """`--output` is then a wheel of the same name, or the folder to put it into."""
    from tidegate.cli.embedding import embed

    if len(outputs) != 1:
        raise UserError("`--embed` needs one `--output`", hint=f"tidegate sbom --embed {wheel} --output FOLDER")
    embed(wheel, Path(outputs[0]))
    return ExitCode.OPEN


def _picture(pictured: Path, outputs: tuple[str, ...], release: str) -> int:
    """`--output` is then the page."""
    from tidegate.cli.picturing import picture

    if len(outputs) != 1:
        raise UserError(
            "`--picture` needs one `--output`", hint=f"tidegate sbom --picture {pictured} --output page.html"
        )
    picture(pictured, Path(outputs[0]), release)
    return ExitCode.OPEN
