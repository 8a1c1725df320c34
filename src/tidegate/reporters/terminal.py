"""A run for a person at a terminal: findings, the table, what is proven, and the verdict as the last line."""

from collections.abc import Iterator

from tidegate.model.verdict import Run
from tidegate.reporters.excerpts import Excerpt
from tidegate.reporters.ink import BOLD, GREEN, RED, Ink
from tidegate.reporters.shown import gate_of, next_step, seconds, tally
from tidegate.reporters.snippets import snippets
from tidegate.reporters.tables import doubts, exceptions, notes, sentences, tables

ARTIFACTS = 50


def render(run: Run, *, width: int, colour: bool, ascii_only: bool, excerpt: Excerpt | None = None) -> str:
    """The whole report; `width` is in columns, `excerpt` gives source lines for findings without one of their own."""
    ink = Ink(max(width, 40), colour, ascii_only)
    return ink.page(_lines(run, ink, excerpt))


def _lines(run: Run, ink: Ink, excerpt: Excerpt | None) -> Iterator[str]:
    yield from _header(run, ink)
    yield ""
    yield from snippets(run, ink, excerpt)
    for part in (tables, doubts, exceptions, notes, sentences):
        yield from part(run, ink)
    yield verdict_line(run, ink)


def _header(run: Run, ink: Ink) -> Iterator[str]:
    policy = ink.say(run.policy.path or "built-in")
    presets = f" on {', '.join(ink.say(preset, 80) for preset in run.policy.presets)}" if run.policy.presets else ""
    commit = f"  commit {ink.say(run.source.commit, 13)}" if run.source.commit else ""
    ref = f" ({ink.say(run.source.ref, 80)})" if run.source.ref else ""
    head = ink.paint(f"{ink.say(run.tool, 80)} {run.scope}", BOLD)
    yield f"{head}  policy {policy}{presets} ({ink.say(run.policy.digest, 20)}){commit}{ref}"
    artifacts = [(release, artifact) for release in run.releases for artifact in release.artifacts]
    for release, artifact in artifacts[:ARTIFACTS]:
        yield f"  {ink.say(release.name)}: {ink.say(artifact.path)}  {ink.say(str(artifact.digest), 20)}"
    if len(artifacts) > ARTIFACTS:
        yield f"  and {len(artifacts) - ARTIFACTS} more artifacts: see the JSON report"


def verdict_line(run: Run, ink: Ink) -> str:
    """Verdict, counts, time, evidence and the next step on one line."""
    word, gate = gate_of(run)
    took = seconds(run)
    parts = [f"{word}  {gate}: {tally(run)}" + (f" in {took}" if took else "")]
    if run.evidence:
        parts.append(f"evidence: {ink.say(run.evidence)}")
    step = next_step(run)
    if step:
        parts.append(f"next: {ink.say(step)}")
    return ink.paint("  ".join(parts), GREEN if word == "pass" else RED)
