"""SBOMs of whole locks: our command and our library against cyclonedx-npm, cdxgen, syft, uv and cyclonedx-py.

Each peer runs on the locks it reads, with the flags that make it look at the lock alone. All output is read and scored
by one scorer. Wall and CPU seconds are the least of a few runs in turn, memory is that of the largest process. The
library's time is that of parsing, building, writing and validating, once its modules are loaded.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from benchmarks import _peers, _sbom_locks
from benchmarks._measure import not_run, tidegate
from benchmarks._peers import Peer

RUNS, PEER_RUNS = 5, 3
TARGETS = {
    ("npm", "cyclonedx-npm"): 0.1,
    ("npm", "cdxgen"): 0.1,
    ("npm", "syft"): 0.3,
    ("uv", "cdxgen"): 0.3,
    ("uv", "syft"): 0.3,
}
"""Our wall seconds as a part of the peer's; peers without a target are printed for information."""
MEMORY = 0.5
PATIENCE = 300
ROOT = Path(__file__).parents[1]

_LIBRARY = """
import gc, sys, time
from pathlib import Path
import jsonschema_rs
import tidegate.formats.all_locks, tidegate.formats.all_sboms, tidegate.formats.sbom.reading, tidegate.domain.sbom.build
from benchmarks.sbom import library
gc.set_threshold(1_000_000, 20, 20)  # as in our workers
text = Path(sys.argv[1]).read_bytes()
begun = time.process_time()
library(Path(sys.argv[1]).name, text)
print(time.process_time() - begun)
"""


@dataclass(frozen=True)
class Measured:
    """`document` is what it wrote; `size` the largest process in KiB."""

    wall: float
    cpu: float
    size: int
    document: bytes


@dataclass(frozen=True)
class Judged:
    components: int
    edges: int
    points: Mapping[str, Fraction]
    line: str


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for given in _sbom_locks.every(scratch):
            if given.files is None:
                yield from not_run(f"sbom {given.name}", "TIDEGATE_BENCH_LOCKS does not name it")
            else:
                yield from _lock(scratch / given.name, given.name, given.kind, given.files)


def library(name: str, raw: bytes) -> str:
    """What the command does with one lock, without the processes round it."""
    from tidegate.domain.sbom.about import About
    from tidegate.domain.sbom.build import build, parts
    from tidegate.formats.all_locks import READERS
    from tidegate.formats.all_sboms import FORMATS
    from tidegate.formats.sbom.own import check_own
    from tidegate.model.inventory import Inventory, Source
    from tidegate.model.release import Release

    reader = next(each for each in READERS if each.matches(name))
    inventory = Inventory(Source(), locks=(reader.parse(name, raw),))
    bom = build(parts(Release("bench", "."), inventory), inventory, "0", About())
    text = FORMATS["cyclonedx-json"].render(bom, "1.6")
    check_own(text)
    return text


def _lock(scratch: Path, name: str, kind: str, files: dict[str, str]) -> Iterator[str]:
    ours = _sbom_locks.committed(scratch / "ours", files)
    theirs = _sbom_locks.plain(scratch / "theirs", files)
    us = Peer("tidegate", tidegate(), lambda it, out: [it, "sbom", "--pre-build", "--write", str(out)])
    mine = _measure(us, ours, scratch / "tidegate.cdx.json", RUNS)
    if mine is None:
        yield f"sbom {name}: tidegate wrote nothing short"
        return
    lock = next(path for path in ours.iterdir() if path.name in ("package-lock.json", "uv.lock"))
    alone = min(float(_python(_LIBRARY, str(lock))) for _ in range(RUNS))
    scored = {"tidegate": _judge(mine.document)}
    yield _row(name, us.name, us.version, mine, scored["tidegate"])
    yield f"sbom {name}: tidegate as a library {alone:.3f}s cpu"
    for called, peer in _peers.of_npm() if kind == "npm" else _peers.of_uv():
        measured = _measure(peer, theirs, scratch / f"{called}.cdx.json", PEER_RUNS) if peer is not None else None
        if peer is None or measured is None:
            yield from not_run(f"sbom {name}: {called}", "it is not here" if peer is None else "it failed")
            continue
        scored[called] = _judge(measured.document)
        yield _row(name, called, peer.version, measured, scored[called])
        yield from _compared(name, called, TARGETS.get((kind, called)), mine, alone, measured)
    if kind == "uv":
        yield from _pins(name, theirs, scratch, scored)
    yield from _highest(name, scored)
    yield from _second_judge(name, ours, scratch / "tidegate.spdx.json")


def _measure(peer: Peer, folder: Path, out: Path, runs: int) -> Measured | None:
    """None when it fails, takes too long or writes nothing."""
    walls, cpus, size = [], [], 0
    for _ in range(runs):
        out.unlink(missing_ok=True)
        begun = time.monotonic()
        used = _wait(peer.command(peer.program, out), folder, _peers.environment(peer))
        walls.append(time.monotonic() - begun)
        if used is None or not out.exists():
            return None
        cpus.append(used.ru_utime + used.ru_stime)
        size = max(size, used.ru_maxrss)
    return Measured(min(walls), min(cpus), size, out.read_bytes())


def _wait(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> resource.struct_rusage | None:
    """What the process and those it waited for used, None for one that failed."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        child = subprocess.Popen(["timeout", str(PATIENCE), *command], cwd=folder, env=env, **quiet)  # type: ignore[call-overload]
    except OSError:
        return None
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used if child.returncode == 0 else None


def _python(code: str, *words: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def _judge(document: bytes) -> Judged:
    """One scorer for everybody; a document that breaks its own format has no score."""
    from tidegate.domain.sbom.scoring.score import scores
    from tidegate.domain.sbom.scoring.table import line
    from tidegate.errors import FormatError
    from tidegate.formats.sbom.reading import read

    try:
        bom = read(document)
    except FormatError as error:
        return Judged(0, 0, {}, f"invalid: {error.message[:80]}")
    results = scores(bom)
    edges = sum(len(targets) for _, targets in bom.edges)
    return Judged(sum(1 for _ in bom.every()), edges, {r.standard.name: r.points for r in results}, line(results))


def _row(name: str, called: str, version: str, measured: Measured, judged: Judged) -> str:
    used = f"{measured.wall:.2f}s wall {measured.cpu:.2f}s cpu {measured.size >> 10} MiB"
    return (
        f"sbom {name}: {called} {version}: {used}, {judged.components} components {judged.edges} edges, {judged.line}"
    )


def _compared(
    name: str, called: str, target: float | None, mine: Measured, alone: float, theirs: Measured
) -> Iterator[str]:
    wall, size = mine.wall / theirs.wall, mine.size / theirs.size
    told = f"sbom {name}: command {mine.wall:.2f}s/{called} {theirs.wall:.2f}s={wall:.3f}x"
    if target is None:
        yield told
        return
    yield f"{told} <={target}x {'ok' if wall <= target else 'short'}"
    part = alone / theirs.cpu
    yield (
        f"sbom {name}: library {alone:.3f}s/{called} {theirs.cpu:.2f}s={part:.3f}x <={target}x of its cpu "
        f"{'ok' if part <= target else 'short'}"
    )
    verdict = "ok" if size <= MEMORY else "short"
    sizes = f"{mine.size >> 10} MiB/{called} {theirs.size >> 10} MiB"
    yield f"sbom {name}: memory {sizes}={size:.2f}x <={MEMORY}x {verdict}"


def _pins(name: str, folder: Path, scratch: Path, scored: dict[str, Judged]) -> Iterator[str]:
    """cyclonedx-py reads no uv.lock, but the requirements uv makes of it."""
    peer, uv = _peers.of_requirements(), dict(_peers.of_uv())["uv-export"]
    flags = ("export", "--frozen", "--offline", "--quiet", "--no-emit-project", "-o", "pins.txt")
    if peer is None or uv is None or _wait([uv.program, *flags], folder, _peers.environment(uv)) is None:
        yield from not_run(f"sbom {name}: cyclonedx-py", "it or uv is not here, or uv cannot export the lock")
        return
    measured = _measure(peer, folder, scratch / "cyclonedx-py.cdx.json", PEER_RUNS)
    if measured is None:
        yield from not_run(f"sbom {name}: cyclonedx-py", "it failed")
        return
    scored["cyclonedx-py"] = _judge(measured.document)
    yield _row(name, "cyclonedx-py", peer.version, measured, scored["cyclonedx-py"])


def _highest(name: str, scored: Mapping[str, Judged]) -> Iterator[str]:
    """Is ours the best score by each standard?"""
    for standard, points in scored["tidegate"].points.items():
        others = {
            called: each.points.get(standard, Fraction(0)) for called, each in scored.items() if called != "tidegate"
        }
        best = max(others, key=lambda called: others[called], default="")
        next_best = f"{best} {float(others[best]):.3f}" if best else "nobody else"
        verdict = "ok" if all(points >= other for other in others.values()) else "short"
        yield f"sbom {name}: {standard} tidegate {float(points):.3f}, then {next_best} {verdict}"


def _second_judge(name: str, folder: Path, out: Path) -> Iterator[str]:
    """What ntia-conformance-checker says of our SPDX; a lock does not tell suppliers, and it says so."""
    program = _peers.judge()
    us = Peer("tidegate", tidegate(), lambda it, path: [it, "sbom", "--pre-build", "--write", str(path)])
    if program is None or _measure(us, folder, out, 1) is None:
        yield from not_run(f"sbom {name}: ntia-conformance-checker", "it is not here")
        return
    answer = out.with_suffix(".verdict")
    words = [program, "-c", "ntia", "-s", "spdx2", "-r", "json", "-o", str(answer), str(out)]
    subprocess.run(words, capture_output=True, check=False, timeout=PATIENCE)
    if not answer.exists():
        yield from not_run(f"sbom {name}: ntia-conformance-checker", "it gave no verdict")
        return
    plain = json.loads(answer.read_text())
    said = {key.removeprefix("component").lower(): plain[key]["allProvided"] for key in _LISTED}
    said |= {key.removesuffix("Provided"): plain[key] for key in _TOLD}
    faults = len(plain["validationMessages"]) + len(plain["parsingError"])
    told = ", ".join(f"{key} {'yes' if value else 'no'}" for key, value in said.items())
    verdict = "conformant" if plain["isConformant"] else "not conformant"
    called = f"ntia-conformance-checker {_peers.JUDGE[0].partition('==')[2]}"
    ending = f"{faults} faults of the format {'ok' if faults == 0 else 'short'}"
    yield f"sbom {name}: {called} on our SPDX: {verdict}, {told}; {ending}"


_LISTED = ("componentNames", "componentVersions", "componentIdentifiers", "componentSuppliers")
_TOLD = ("authorNameProvided", "timestampProvided", "dependencyRelationshipsProvided")
