"""The first screen: which release this is, how much is in it, how complete the document is, what explains the files."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tidegate.formats.sbom_model import Aggregate, Component
from tidegate.model.control import Control
from tidegate.model.verdict import Outcome
from tidegate.reporters import shown
from tidegate.reporters.picture import explained
from tidegate.reporters.picture.links import label
from tidegate.reporters.picture.marks import Kind, kinds
from tidegate.reporters.picture.picture import Picture, ecosystem, ecosystems
from tidegate.reporters.picture.words import plural, share, size, text

ARTIFACTS, MAX_ARTIFACTS, MAX_ECOSYSTEMS, MAX_STEPS = 4, 200, 7, 8
_VERDICTS = {"open": "gate open", "shut": "gate shut", "undecided": "undecided: gate shut"}


def header(picture: Picture) -> str:
    root = picture.nodes[0].component
    named = text(label(root) or picture.given.release or "a release without a name", 200)
    version = f' <span class="version">{text(root.version)}</span>' if root.version else ""
    return (
        f'<header><div class="title"><h1>{named}{version}</h1>{_verdict(picture)}</div>'
        f'<p class="facts">{" · ".join(_facts(picture))}</p></header>'
    )


def _verdict(picture: Picture) -> str:
    run = picture.given.run
    if run is None:
        return ""
    word = shown.verdict_of(run)
    glyph = {"open": "✓", "shut": "✕"}.get(word, "~")
    return f'<p class="verdict {word}"><b>{glyph} {_VERDICTS[word]}</b> {text(shown.tally(run), 200)}</p>'


def _facts(picture: Picture) -> Iterator[str]:
    given, bom = picture.given, picture.given.bom
    yield f"<code>{text(given.name, 200)}</code> {text(bom.format or 'SBOM')}"
    if bom.timestamp:
        yield f"of {text(bom.timestamp)}"
    tools = [f"{tool.name} {tool.version}".strip() for tool in bom.tools]
    if tools:
        yield f"made by {text(', '.join(tools[:3]), 200)}"
    if given.run is not None:
        yield f"run <code>{text(given.run.id)}</code>"
    if given.run is not None and given.run.source.commit:
        yield f"commit <code>{text(given.run.source.commit)}</code>"


def artifacts(picture: Picture) -> str:
    """Name, kind, size and whole digest of everything released."""
    rows = list(_artifacts(picture))
    if not rows:
        return '<p class="bad">? the document names no artifact by its digest</p>'
    few, more = rows[:ARTIFACTS], rows[ARTIFACTS:MAX_ARTIFACTS]
    rest = f"<details><summary>{len(rows) - ARTIFACTS:,} more artifacts</summary>{_listed(more)}" if more else ""
    if len(rows) > MAX_ARTIFACTS:
        rest += f'<p class="note">and {len(rows) - MAX_ARTIFACTS:,} that are not listed here</p>'
    return _listed(few) + rest + ("</details>" if more else "")


def _listed(rows: Sequence[str]) -> str:
    head = '<tr><th>artifact<th>kind<th class="n">size<th>digest'
    return f'<div class="wide"><table class="artifacts"><thead>{head}<tbody>{"".join(rows)}</table></div>'


def _artifacts(picture: Picture) -> Iterator[str]:
    run, release = picture.given.run, picture.given.release
    if run is not None:
        for each in (one for held in run.releases if held.name == release for one in held.artifacts):
            yield _artifact(each.path or each.name, each.kind.value, size(each.size), str(each.digest))
        return
    root = picture.nodes[0].component
    held = [picture.nodes[n].component for n in picture.nodes[0].needs + picture.nodes[0].holds]
    files = [each for each in held if each.kind in ("file", "container") and each.hashes]
    for component in sorted(files or ([root] if root.hashes else []), key=lambda each: each.name):
        told = component.property("tidegate:artifact:size")
        kind = component.property("tidegate:artifact:kind") or component.kind
        yield _artifact(component.name, kind, size(int(told)) if told.isdecimal() else "", _digest(component))


def _digest(component: Component) -> str:
    best = sorted(component.hashes, key=lambda digest: (digest.algorithm != "sha256", digest))
    return str(best[0])


def _artifact(name: str, kind: str, length: str, digest: str) -> str:
    return (
        f'<tr><td class="path">{text(name, 200)}<td>{text(kind)}<td class="n">{length}'
        f'<td class="digest"><code>{text(digest, 200)}</code>'
    )


def marked(picture: Picture) -> str:
    """How many components bear which mark; where nobody looked, that nobody did."""
    counted = Counter(kind for told in picture.marks.values() for kind in kinds(told))
    given = picture.given
    note = ""
    if given.run is None:
        note = '<p class="note">No run was given: the picture says nothing about vulnerable or unlocked components.</p>'
    asked = Kind if given.run is not None else [Kind.UNEXPLAINED] if given.reconciliation is not None else []
    cells = "".join(_count(picture, kind, counted[kind]) for kind in asked)
    other = f"<li class=none>{plural(picture.elsewhere, 'finding')} about no component" if picture.elsewhere else ""
    return note + (f'<ul class="marks">{cells}{other}</ul>' if cells else "")


def _count(picture: Picture, kind: Kind, count: int) -> str:
    """Files are counted where the reconciliation knows them; single components bear the mark for them."""
    given, words = picture.given, _WORDS[kind]
    if kind is Kind.UNEXPLAINED and given.reconciliation is not None:
        count, words = explained.unexplained(explained.totals(given.reconciliation)), "files unexplained"
    elif not count and not _decided(picture, kind):
        return f'<li class="bad"><span class="glyph">{kind.glyph}</span> not known which are {words}'
    name = f"k{list(Kind).index(kind)}" if count else "none"
    return f'<li class="{name}"><span class="glyph">{kind.glyph}</span> <b>{count:,}</b> {words}'


def _decided(picture: Picture, kind: Kind) -> bool:
    """Did the row that would have found them look?"""
    run, row = picture.given.run, _ROWS.get(kind)
    if run is None or row is None:
        return run is not None
    outcomes = {
        cell.outcome for cell in shown.cells(run) if (cell.control, cell.release) == (row, picture.given.release)
    }
    return bool(outcomes) and outcomes <= _LOOKED


_LOOKED = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.WOULD_SHUT})
_ROWS = {Kind.VULNERABLE: Control.DEPENDENCIES, Kind.UNLOCKED: Control.SBOM, Kind.UNEXPLAINED: Control.SBOM}
_WORDS = {
    Kind.VULNERABLE: "vulnerable",
    Kind.UNLOCKED: "unlocked",
    Kind.UNEXPLAINED: "with unexplained files",
    Kind.OTHER: "with other findings",
}


def components(picture: Picture) -> str:
    """By ecosystem and by steps from the root."""
    nodes = picture.nodes
    count = len(nodes) - 1 + picture.links.omitted
    direct = sum(node.depth == 1 for node in nodes)
    deepest = max(node.depth for node in nodes)
    loose = sum(node.depth < 0 for node in nodes)
    lead = f"{direct:,} direct, at most {plural(deepest, 'step')} away" if direct else "the root needs none of them"
    big = f'<p class="big"><b>{count:,}</b> {"component" if count == 1 else "components"}</p><p>{lead}</p>'
    left = f'<p class="bad">? no way from the root leads to {plural(loose, "component")}</p>' if loose else ""
    return f'<div class="card"><h2>Components</h2>{big}{_matrix(picture)}{left}{_left_out(picture)}</div>'


def _left_out(picture: Picture) -> str:
    links = picture.links
    told = [f"{plural(links.omitted, 'component')} are too many to draw"] if links.omitted else []
    told += [f"{plural(links.cut, 'dependency', 'dependencies')} are too many to draw"] if links.cut else []
    told += (
        [f"{plural(links.dangling, 'dependency', 'dependencies')} name nothing in the document"]
        if links.dangling
        else []
    )
    return "".join(f'<p class="bad">? {each}</p>' for each in told)


def _matrix(picture: Picture) -> str:
    listed = ecosystems(picture)
    names = [name for name, _ in listed[: MAX_ECOSYSTEMS if len(listed) <= MAX_ECOSYSTEMS else MAX_ECOSYSTEMS - 1]]
    steps = [min(node.depth, MAX_STEPS) for node in picture.nodes[1:]]
    columns = sorted({step for step in steps if step > 0}) + ([-1] if -1 in steps else [])
    cells = Counter(
        (name if (name := ecosystem(node.component)) in names else "", step)
        for node, step in zip(picture.nodes[1:], steps, strict=True)
    )
    most = max(cells.values(), default=1)
    named = {-1: "no way", MAX_STEPS: f"{MAX_STEPS}+"}
    head = "".join(f'<th class="n">{named.get(step, step)}' for step in columns)
    rows = ""
    for name in names + [""] * (len(listed) > len(names)):
        told = "".join(_heat(cells[name, step], most) for step in columns)
        whole = sum(cells[name, step] for step in columns)
        rows += f'<tr><th scope="row">{text(name, 24) if name else "others"}<td class="n"><b>{whole:,}</b>{told}'
    if not rows:
        return ""
    return (
        f'<div class="wide"><table class="matrix"><caption>steps from the root</caption>'
        f'<thead><tr><th><th class="n">all{head}<tbody>{rows}</table></div>'
    )


def _heat(count: int, most: int) -> str:
    """Five tints; zero is a dot."""
    tint = 0 if not count else 1 + min(int(4 * (count / most) ** 0.5), 4)
    return f'<td class="n t{tint}">{f"{count:,}" if count else "·"}'


def completeness(picture: Picture) -> str:
    """What the document itself says of its completeness, and what can be counted."""
    count = len(picture.nodes) - 1
    said = Counter(picture.needs_known[1:])
    rows = ""
    for word in (*(each.value for each in Aggregate if each is not Aggregate.COMPLETE), "", "complete"):
        if said[word]:
            good = " class=bad" if word not in ("complete", "") else ""
            rows += f'<tr{good}><td>{_AGGREGATES.get(word, word.replace("_", " "))}<td class="n">{said[word]:,}'
            rows += f'<td class="n">{share(said[word], count)}'
    table = f"<table><caption>what each component needs is</caption><tbody>{rows}</table>" if rows else ""
    return f'<div class="card"><h2>Completeness</h2>{_root_said(picture)}{table}{_fields(picture)}</div>'


_AGGREGATES = {"complete": "known", "": "not said", "unknown": "not known", "incomplete": "known in part"}


def _root_said(picture: Picture) -> str:
    root = picture.nodes[0].component.ref
    parts = [each.aggregate for each in picture.given.bom.compositions if root in each.assemblies]
    needs = picture.needs_known[0]
    lines = [
        f"its parts: <b>{text(', '.join(each.value for each in parts) or 'not said').replace('_', ' ')}</b>",
        f"its dependencies: <b>{text(needs or 'not said').replace('_', ' ')}</b>",
    ]
    return f"<p>The document calls {'; '.join(lines)}.</p>"


def _fields(picture: Picture) -> str:
    every = [node.component for node in picture.nodes[1:]]
    counted = {
        "a version": sum(bool(each.version) for each in every if each.kind != "file"),
        "a package URL": sum(bool(each.purl) for each in every if each.kind != "file"),
        "a licence": sum(bool(each.licence or each.licences) for each in every if each.kind != "file"),
        "a digest": sum(bool(each.hashes or any(d.hashes for d in each.downloads)) for each in every),
    }
    packages = sum(each.kind != "file" for each in every)
    rows = ""
    for what, there in counted.items():
        whole = len(every) if what == "a digest" else packages
        rows += f'<tr{" class=bad" if there < whole else ""}><td>{what}<td class="n">{there:,} of {whole:,}'
        rows += f'<td class="n">{share(there, whole)}'
    return f"<table><caption>components that have</caption><tbody>{rows}</table>" if every else ""


def reconciled(picture: Picture) -> str:
    """The bars over all artifacts."""
    given = picture.given.reconciliation
    head = '<div class="card first"><h2>Reconciliation</h2>'
    if given is None or not given.artifacts:
        told = "No reconciliation was given" if given is None else "No artifact was reconciled"
        return f'{head}<p class="note">{told}: which files the source commit explains is not known here.</p></div>'
    counted = explained.totals(given)
    bad = explained.unexplained(counted)
    files = sum(each.files for each in counted)
    big = f'<p class="big{" bad" if bad else ""}"><b>{bad:,}</b> of {plural(files, "file")} not explained</p>'
    link = '<p><a href="#files">file by file</a></p>'
    return f"{head}{big}{explained.bars(counted, 'all artifacts')}{explained.legend(counted)}{link}</div>"
