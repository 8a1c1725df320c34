"""`tidegate sbom --score FILE`: how complete is any SBOM, whoever made it?"""

import sys
from collections.abc import Sequence
from pathlib import Path

from tidegate.errors import FormatError, UserError
from tidegate.model.verdict import ExitCode


def score(path: Path, wanted: Sequence[str], format_: str) -> int:
    """Print the scores. SHUT when a standard in `wanted` is not met, OPEN otherwise."""
    from tidegate.domain.sbom.scoring.score import scores
    from tidegate.domain.sbom.scoring.table import document, table
    from tidegate.formats.sbom.reading import read

    if format_ not in ("text", "json"):
        raise UserError(f"scores have no form `{format_}`", hint="leave `--format` out, or say `--format json`")
    try:
        results = scores(read(_bytes(path)))
    except FormatError as error:
        raise UserError(f"`{path}` cannot be scored: {error.message}", hint=error.hint) from error
    text = document(results) if format_ == "json" else "".join(f"{line}\n" for line in table(results))
    sys.stdout.write(text)
    met = {each.standard.name for each in results if each.met}
    return ExitCode.OPEN if met.issuperset(wanted) else ExitCode.SHUT


def _bytes(path: Path) -> bytes:
    """One byte more than is read, so that a larger file is told as such and not half read."""
    from tidegate.formats.sbom.validation import LIMIT

    try:
        with path.open("rb") as stream:
            return stream.read(LIMIT + 1)
    except OSError as error:
        raise UserError(f"cannot read `{path}`: {error.strerror}", hint="name a file that is there") from error
