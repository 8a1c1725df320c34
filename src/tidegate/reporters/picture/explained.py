"""The files of each artifact as bars of what explains them: what nothing explains comes first."""

from collections.abc import Iterable, Iterator, Sequence

from tidegate.formats.reconciliation import Counted, Reconciliation, Row
from tidegate.model.tracing import By, Traced
from tidegate.reporters.picture.words import attribute, plural, share, size, text

MAX_FILES, MAX_ALL, MAX_ARTIFACTS = 200, 2_000, 100
"""Files of one artifact that are listed, of all artifacts, and artifacts that have bars of their own."""

ORDER = tuple(reversed(By))
MEANS = {
    By.UNEXPLAINED: ("not explained", "neither the source commit nor a rule knows it"),
    By.ALTERED: ("altered", "the source commit has this file with another content"),
    By.COMPONENT: ("locked package", "it lies in a package that a lockfile pins; its bytes are not proven"),
    By.DECLARED: ("declared", "the policy names it, with a reason"),
    By.GENERATED: ("generated", "the build made it, and it looks as such a file does"),
    By.CONVERTED: ("converted", "the commit's file after a change known to be harmless"),
    By.MOVED: ("moved", "the commit's content at another path"),
    By.SOURCE: ("source", "the commit holds the same content at the same path"),
}


def counted(row: Row) -> tuple[Counted, ...]:
    """What explains the files of an artifact; files the row counts and says nothing of are not explained."""
    told = [Counted(each.by, max(each.files, 0), max(each.bytes, 0)) for each in row.explained]
    files, whole = row.files - sum(each.files for each in told), row.bytes - sum(each.bytes for each in told)
    if files > 0 or whole > 0:
        told.append(Counted(By.UNEXPLAINED, max(files, 0), max(whole, 0)))
    return _summed(told)


def totals(reconciliation: Reconciliation) -> tuple[Counted, ...]:
    """Over all artifacts, in the order shown."""
    return _summed(each for row in reconciliation.artifacts for each in counted(row))


def unexplained(told: Iterable[Counted]) -> int:
    """How many files nothing explains."""
    return sum(each.files for each in told if not each.by.explains)


def _summed(told: Iterable[Counted]) -> tuple[Counted, ...]:
    sums: dict[By, tuple[int, int]] = {}
    for each in told:
        files, whole = sums.get(each.by, (0, 0))
        sums[each.by] = files + each.files, whole + each.bytes
    return tuple(Counted(by, *sums[by]) for by in ORDER if by in sums)


def bars(explained: Sequence[Counted], name: str) -> str:
    """Two bars, files and bytes."""
    files = _bar([(each.by, each.files) for each in explained], "files", f"files of {name}")
    return files + _bar([(each.by, each.bytes) for each in explained], "bytes", f"bytes of {name}")


def _bar(parts: Sequence[tuple[By, int]], what: str, about: str) -> str:
    whole = sum(count for _, count in parts)
    told = ", ".join(f"{MEANS[by][0]} {share(count, whole)}" for by, count in parts)
    cells, left = [], 0.0
    for by, count in parts:
        width = count * 100 / whole if whole else 0.0
        # What is not explained stays visible however little it is.
        drawn = max(width, 0.6) if count and not by.explains else width
        cells.append(
            f'<rect class="b-{by}" x="{left:.3f}%" y="0" width="{min(drawn, 100 - left):.3f}%" height="100%"/>'
        )
        left = min(left + drawn, 100.0)
    figure = f'<svg class="bar" role="img" aria-label="{attribute(f"{about}: {told}", 400)}">{"".join(cells)}</svg>'
    return f'<div class="barline"><span>{what}</span>{figure}</div>'


def legend(explained: Sequence[Counted]) -> str:
    """The same in numbers."""
    files, whole = sum(each.files for each in explained), sum(each.bytes for each in explained)
    rows = "".join(
        f'<tr{"" if each.by.explains else " class=bad"}><td><svg class="swab" aria-hidden="true">'
        f'<rect class="b-{each.by}" width="100%" height="100%"/></svg>{MEANS[each.by][0]}'
        f'<td class="n">{each.files:,}<td class="n">{share(each.files, files)}<td class="n">{size(each.bytes)}'
        f'<td class="n">{share(each.bytes, whole)}<td class="means">{MEANS[each.by][1]}'
        for each in explained
    )
    head = '<tr><th>explained by<th class="n">files<th><th class="n">bytes<th><th class="means">that is'
    return f'<div class="wide"><table class="legend"><thead>{head}<tbody>{rows}</table></div>'


def section(reconciliation: Reconciliation | None) -> str:
    """Artifact by artifact, those with something unexplained first."""
    head = '<section id="files"><h2>Files of the artifacts</h2>'
    if reconciliation is None:
        return (
            f'{head}<p class="note">No reconciliation was given, so nothing is said about single files.</p></section>'
        )
    rows = sorted(reconciliation.artifacts, key=lambda row: (not unexplained(counted(row)), row.artifact))
    commit = reconciliation.commit
    source = f"commit <code>{text(commit)}</code>" if commit else "a commit git does not name"
    dirty = len(reconciliation.dirty)
    told = f"<p>Compared with {source}{f'; {dirty:,} paths of the working tree differ from it' if dirty else ''}.</p>"
    return f"{head}{told}{''.join(_artifacts(rows))}</section>"


def _artifacts(rows: Sequence[Row]) -> Iterator[str]:
    room = MAX_ALL
    for row in rows[:MAX_ARTIFACTS]:
        listed = sorted(
            (each for each in row.members if not each.by.explains),
            key=lambda each: (not each.runs, ORDER.index(each.by), each.path),
        )[: min(MAX_FILES, room)]
        room -= len(listed)
        yield _artifact(row, listed)
    if len(rows) > MAX_ARTIFACTS:
        yield f'<p class="note">and {plural(len(rows) - MAX_ARTIFACTS, "artifact")} more</p>'


def _artifact(row: Row, listed: Sequence[Traced]) -> str:
    told = counted(row)
    bad = unexplained(told)
    word = f'<b class="bad">? {bad:,} not explained</b>' if bad else "every file is explained"
    if not told:
        word = "nothing inside"
    head = f"<h3>{text(row.artifact, 200)} <small>{plural(row.files, 'file')}, {size(row.bytes)}: {word}</small></h3>"
    return f"<article>{head}{bars(told, row.artifact)}{legend(told)}{_files(listed, bad)}</article>"


def _files(listed: Sequence[Traced], bad: int) -> str:
    if not bad:
        return ""
    rows = "".join(map(_file, listed))
    more = bad - len(listed)
    rest = f'<p class="note">and {more:,} more: see <code>reconciliation.json</code></p>' if more > 0 else ""
    head = '<tr><th>file<th class="n">size<th>what<th>why'
    return (
        f"<details{' open' if bad <= 40 else ''}><summary>{plural(bad, 'file')} that nothing explains</summary>"
        f'<div class="wide"><table class="files"><thead>{head}<tbody>{rows}</table></div>{rest}</details>'
    )


def _file(each: Traced) -> str:
    runs = '<b class="bad">runs by itself</b>, ' if each.runs else ""
    why = "; ".join(part for part in (f"differs from `{each.origin}`" if each.origin else "", each.why) if part)
    return (
        f'<tr><td class="path">{text(each.path, 400)}<td class="n">{size(each.size)}<td>{runs}{MEANS[each.by][0]}'
        f"<td>{text(why, 400)}"
    )
