"""Releases to draw: of any size, with findings and files of every kind, and one written by an enemy."""

import random
from dataclasses import replace
from typing import Any

from support import runs
from tidegate.formats import reconciliation
from tidegate.formats.reconciliation import Reconciliation
from tidegate.formats.sbom_model import Aggregate, Bom, Component, Composition, Licence, Occurrence, Tool, Wording
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.finding import Level, Rule, found
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.model.tracing import By, Reconciled, Traced
from tidegate.model.verdict import Outcome, Run
from tidegate.reporters.picture.picture import Given

WORDS = ("core", "parse", "http", "util", "react", "plugin", "stream", "crypto", "date", "color", "glob", "yaml")
KINDS = ("npm", "npm", "npm", "pypi", "golang", "deb/debian")
UNLOCKED = Rule("package-unlocked", Control.SBOM, Level.WARN, "no lockfile pins it", "", "")


def component(name: str, version: str = "1", kind: str = "npm", **more: Any) -> Component:
    ref = f"pkg:{kind}/{name}@{version}"
    return replace(Component(ref, "library", name, version, purl=ref), **more)


def bom(count: int, seed: int = 9) -> Bom:
    """Most components are needed by few, a few by many; some circles; a tenth says nothing of its needs."""
    draw = random.Random(seed)
    parts = []
    for number in range(count):
        name = "-".join(draw.sample(WORDS, draw.randint(1, 3))) + str(number)
        licence = draw.choice(["MIT", "Apache-2.0", "ISC", "", "GPL-2.0-or-later WITH Classpath-exception-2.0"])
        scope = draw.choice(["required", "excluded"])
        place = Occurrence("package-lock.json", number * 9 + 1)
        version = ".".join(str(draw.randint(0, 30)) for _ in range(3))
        parts.append(component(name, version, draw.choice(KINDS), licence=licence, scope=scope, occurrences=(place,)))
    refs = [part.ref for part in parts]
    first = max(1, count // 25)
    edges: dict[str, set[str]] = {ref: set() for ref in refs}
    for number, ref in enumerate(refs[first:], first):
        for _ in range(draw.choice([1, 1, 2, 3])):
            edges[refs[int(draw.random() ** 1.6 * number)]].add(ref)
    for _ in range(count // 50):
        edges[draw.choice(refs)].add(draw.choice(refs))
    said = tuple(refs[count // 10 :])
    return Bom(
        root=Component("release:app", "application", "acme-platform", "4.12.0"),
        components=tuple(parts),
        edges=(("release:app", tuple(refs[:first])), *((ref, tuple(sorted(to))) for ref, to in edges.items())),
        compositions=(Composition(Aggregate.COMPLETE, ("release:app",), ("release:app", *said)),),
        tool_version="",
        timestamp="2026-11-24T20:58:00Z",
        tools=(Tool("tidegate", "0.1.0"),),
        format="CycloneDX 1.6",
    )


def run(of: Bom, vulnerable: int, unlocked: int = 0, release: Release = runs.DEMO) -> Run:
    """The gate is shut by that many vulnerable components; that many others are pinned by no lockfile."""
    chosen = random.Random(5).sample([part for part in of.components if part.purl], vulnerable + unlocked)
    bad = [
        found(runs.VULNERABLE, f"{part.purl}#GHSA-aaaa-bbbb-{number:04}", f"{part.name} has GHSA-aaaa-bbbb-{number:04}")
        for number, part in enumerate(chosen[:vulnerable])
    ]
    loose = [found(UNLOCKED, f"x.whl#{part.purl}", release=release.name) for part in chosen[vulnerable:]]
    return runs.run(
        runs.verdict(Control.DEPENDENCIES, Outcome.FAIL, *map(runs.judged, bad), release=release.name),
        runs.verdict(Control.SBOM, Outcome.PASS, *map(runs.judged, loose), release=release.name),
        releases=(release,),
    )


def artifact(name: str) -> Artifact:
    return Artifact(name, f"dist/{name}", Digest.of(name.encode()), 1_234_567, ArtifactKind.WHEEL)


def traced(name: str, seed: int = 1, odd: int = 2) -> Reconciled:
    draw = random.Random(seed)
    files = [Traced(f"pkg/mod{n}.py", draw.randint(10, 9000), By.SOURCE) for n in range(draw.randint(20, 200))]
    files += [Traced(f"pkg/made{n}.py", draw.randint(10, 9000), By.GENERATED) for n in range(draw.randint(2, 9))]
    files += [Traced(f"odd/x{n}.so", draw.randint(1000, 90_000), By.UNEXPLAINED, runs=not n) for n in range(odd)]
    return Reconciled(name, Digest.of(name.encode()), ArtifactKind.WHEEL, tuple(files))


def reconciled(*artifacts: Reconciled) -> Reconciliation:
    return reconciliation.parse(reconciliation.render("ab" * 20, "cd" * 20, (), artifacts).encode())


def given(count: int, *, marks: int = 6, artifacts: int = 2) -> Given:
    """A whole release of that many components."""
    names = [f"app-1.0-cp31{number}-manylinux_2_17_x86_64.whl" for number in range(artifacts)]
    release = Release("demo", ".", tuple(map(artifact, names)))
    drawn = bom(count)
    files = reconciled(*(traced(name, number, 3 * (number % 2)) for number, name in enumerate(names)))
    return Given("sbom.cdx.json", drawn, run(drawn, marks, marks // 2, release), "demo", files)


def hostile(text: str) -> Given:
    """`text` wherever somebody else may have written."""
    words = Component(
        ref=text,
        kind=text,
        name=text,
        version=text,
        group=text,
        purl=f"pkg:{text}/{text}",
        licences=(Licence(text, Wording.NAME),),
        scope=text,
        occurrences=(Occurrence(text, 1),) * 5,
    )
    plain = component("plain")
    root = replace(words, ref=f"root{text}", hashes=(Digest.of(b"root"),))
    edges = ((root.ref, (text, plain.ref)), (text, (plain.ref,)))
    drawn = Bom(root, (words, plain), edges, (), "", timestamp=text, tools=(Tool(text, text),), format=text)
    finding = replace(runs.VULNERABLE_JINJA2, about=f"{plain.purl}#x", message=text, rule=text)
    about = runs.run(runs.verdict(Control.DEPENDENCIES, Outcome.FAIL, runs.judged(finding)))
    tainted = replace(runs.tainted(text, about), verdicts=about.verdicts)
    files = reconciled()
    odd = Traced(text, 3, By.ALTERED, text, text, runs=True)
    row = reconciliation.Row(text, text, text, 1, 3, (reconciliation.Counted(By.ALTERED, 1, 3),), (odd,))
    return Given(text, drawn, tainted, text, replace(files, commit=text, artifacts=(row,)))
