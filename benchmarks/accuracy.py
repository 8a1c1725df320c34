"""How much of what is labelled each secret scanner finds, and how much of what it finds is true, line by line.

    python -m benchmarks.accuracy FOLDER             cases.jsonl beside files/
    python -m benchmarks.accuracy META FOLDER        a table (or a folder of them) as CredData has it, and its files

With `-v` by kind, too. As a part of all benchmarks it takes the folder from `TIDEGATE_LABELLED`.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks._labels import Corpus, Score, files, read_cases, read_meta, score
from benchmarks._measure import not_run
from benchmarks._scanners import all_here

WARN_PRECISION, WARN_F1, BLOCK_PRECISION = 0.80, 0.72, 0.95
SOFT = frozenset({"UUID", "Nonce", "Salt", "Other", "Seed", "Key"})
"""Kinds of CredData that name no credential of anything."""
_TARGETS = {"tidegate warn": (WARN_PRECISION, WARN_F1), "tidegate block": (BLOCK_PRECISION, 0.0)}


def run() -> Iterator[str]:
    """Our own figures against their targets; nothing without a corpus."""
    folder = os.environ.get("TIDEGATE_LABELLED")
    if not folder:
        yield from not_run("accuracy", "TIDEGATE_LABELLED names no folder")
        return
    corpus = read_cases(Path(folder))
    for scanner in all_here():
        if scanner.name in _TARGETS and corpus.labels:
            result = score(corpus, scanner.find(corpus.folder))
            for what, value, target in zip(
                ("precision", "f1"), (result.precision, result.f1), _TARGETS[scanner.name], strict=True
            ):
                word = "ok" if value >= target else "short"
                yield f"accuracy-{scanner.name.split()[1]}-{what} {value:.3f} >={target:g} {word}"


def table(corpus: Corpus, verbose: bool = False) -> Iterator[str]:
    """A line for every scanner that is here."""
    yield f"{'scanner':16} {'precision':>9} {'recall':>7} {'F1':>6} {'true':>6} {'false':>6} {'missed':>6}"
    for scanner in all_here():
        try:
            found = scanner.find(corpus.folder)
        except (RuntimeError, OSError, ValueError) as error:
            yield f"{scanner.name:16} not run ({str(error)[:100]})"
            continue
        yield _line(scanner.name, score(corpus, found))
        for what, (here, of) in files(corpus, found).items():
            if of:
                yield f"{'':16} files {what}: {here} of {of}"
        if verbose:
            yield from _kinds(score(corpus, found))


def _line(name: str, it: Score) -> str:
    return f"{name:16} {it.precision:9.3f} {it.recall:7.3f} {it.f1:6.3f} {it.hit:6} {it.false:6} {it.missed:6}"


def _kinds(it: Score) -> Iterator[str]:
    for kind, (hit, missed, false) in sorted(it.kinds.items(), key=lambda each: -sum(each[1])):
        yield f"{'':16}   {kind[:40]:40} found {hit:5} missed {missed:5} false {false:5}"


def main(words: list[str]) -> int:
    verbose = "-v" in words
    paths = [Path(word) for word in words if word != "-v"]
    if len(paths) not in (1, 2):
        print(__doc__)
        return 2
    corpus = read_cases(paths[0]) if len(paths) == 1 else read_meta(paths[0], paths[1], SOFT)
    for line in table(corpus, verbose):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
