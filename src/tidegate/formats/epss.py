"""FIRST's exploit prediction scores: of a whole file the CVEs at or above a threshold, or no answer at all."""

import re
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.text import utf8

LIMIT = 64 * 2**20
MAX_ROWS = 2_000_000
_HEADER = "cve,epss,percentile"
_NUMBER = r"[0-9](?:\.[0-9]{1,18})?(?:[eE]-[0-9]{1,3})?"
_ROW = re.compile(rf"(CVE-[0-9]{{4}}-[0-9]{{4,19}}),({_NUMBER}),{_NUMBER}\r?(?:\n|\Z)")
_ABOUT = re.compile(r"#[!-~]{0,200}\r?")


@dataclass(frozen=True, slots=True)
class Scores:
    """`likely` maps a CVE to its probability, from the threshold on; `rows` is how many the file has in all.

    `about` is the comment in its first line (model version and date), "" without one.
    """

    likely: dict[str, float]
    rows: int
    about: str = ""


def parse(raw: bytes, threshold: float) -> Scores:
    """Read the CSV (`cve,epss,percentile`, a comment may stand before it). Raises FormatError with the line."""
    text = utf8(raw, limit=LIMIT, what="the scores")
    first, _, rest = text.partition("\n")
    about = ""
    start = 0
    if first.startswith("#"):
        if not _ABOUT.fullmatch(first):
            raise FormatError("the comment of the scores is no plain line", line=1)
        about, start = first.strip("#\r"), len(first) + 1
        first = rest.partition("\n")[0]
    if first.rstrip("\r") != _HEADER:
        raise FormatError(f"the scores have no line `{_HEADER}`", line=2 if about else 1)
    likely, rows = _rows(text, start + len(first) + 1, threshold)
    if not rows:
        raise FormatError("the scores have no row")
    return Scores(likely, rows, about)


def _rows(text: str, place: int, threshold: float) -> tuple[dict[str, float], int]:
    likely: dict[str, float] = {}
    rows = 0
    for match in _ROW.finditer(text, place):
        if match.start() != place:
            break
        place = match.end()
        rows += 1
        if rows > MAX_ROWS:
            raise FormatError(f"the scores have more than {MAX_ROWS} rows")
        score = float(match[2])
        if score > 1:
            raise FormatError("a score is above 1", line=text.count("\n", 0, match.start()) + 1)
        if score >= threshold:
            likely[match[1]] = max(score, likely.get(match[1], 0.0))
    if place != len(text):
        raise FormatError("a row of the scores is not `CVE,score,percentile`", line=text.count("\n", 0, place) + 1)
    return likely, rows
