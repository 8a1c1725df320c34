"""Labelled lines of two forms of corpus, and what a scanner's findings are worth against them."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Place = tuple[str, int]
"""A path below the folder that is scanned, and a line of it, 1-based."""


@dataclass(frozen=True)
class Label:
    """Lines of a file that hold one credential, or text that only looks like one. `last` is the last of them."""

    path: str
    first: int
    last: int
    real: bool
    kind: str = ""


@dataclass(frozen=True)
class Corpus:
    """Labels, and the files which are to have any finding or none."""

    folder: Path
    labels: tuple[Label, ...] = ()
    found: frozenset[str] = frozenset()
    clean: frozenset[str] = frozenset()
    whole: bool = False
    """Is every credential of it labelled, so that a finding on any other line is false?"""


@dataclass
class Score:
    """How many credentials were found and missed, and how many findings were false."""

    hit: int = 0
    missed: int = 0
    false: int = 0
    kinds: dict[str, list[int]] = field(default_factory=dict)
    """Hit, missed and false by kind."""

    @property
    def precision(self) -> float:
        return self.hit / ((self.hit + self.false) or 1)

    @property
    def recall(self) -> float:
        return self.hit / ((self.hit + self.missed) or 1)

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def count(self, kind: str, at: int) -> None:
        self.kinds.setdefault(kind, [0, 0, 0])[at] += 1


def read_meta(meta: Path, folder: Path, kinds: frozenset[str] = frozenset()) -> Corpus:
    """A table with the columns FilePath, LineStart, LineEnd, GroundTruth and Category, or a folder of such tables.

    GroundTruth is `T` (or `true`) for a credential. Rows of `kinds` are left out. Paths are relative to the folder
    they lie in: to `folder`, or to the one above it.
    """
    tables = sorted(meta.glob("*.csv")) if meta.is_dir() else [meta]
    labels = []
    for table in tables:
        with table.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                kind = row.get("Category", "")
                if kinds & set(kind.split(":")):
                    continue
                first = int(row["LineStart"])
                last = int(row["LineEnd"] or first)
                real = row["GroundTruth"].strip().lower() in {"t", "true"}
                labels.append(Label(_below(row["FilePath"], folder), first, max(first, last), real, kind))
    return Corpus(folder, tuple(labels))


def _below(path: str, folder: Path) -> str:
    head, _, rest = path.replace("\\", "/").removeprefix("./").partition("/")
    return rest if rest and head == folder.name and not (folder / head).exists() else path.removeprefix("./")


def read_cases(folder: Path) -> Corpus:
    """`cases.jsonl` beside `files/`: whole files that are to have findings or none, and labelled lines of some.

    Labelled are `messages` (`line`) and `lines` (`line`, `last`, `real`, `kind`).
    """
    labels, found, clean = [], set(), set()
    whole = False
    for text in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(text)
        path = case.get("file")
        if path is None:
            continue
        if case.get("expected") == "clean":
            clean.add(path)
        elif str(case.get("expected", "")).startswith("findings"):
            found.add(path)
        for line in case.get("lines", ()):
            whole = True
            last = line.get("last", line["line"])
            labels.append(Label(path, line["line"], last, line.get("real", True), line.get("kind", "")))
    return Corpus(folder / "files", tuple(labels), frozenset(found), frozenset(clean), whole)


def score(corpus: Corpus, found: Iterable[Place]) -> Score:
    """A credential is found once, by any finding on one of its lines. A finding on no line of a label is false where
    the corpus is labelled as a whole, and else not counted."""
    lines: dict[Place, list[Label]] = {}
    for label in corpus.labels:
        for line in range(label.first, min(label.last, label.first + 500) + 1):
            lines.setdefault((label.path, line), []).append(label)
    result, seen, counted = Score(), set[Label](), set[Label]()
    for place in sorted(set(found)):
        here = lines.get(place)
        if here is None:
            if corpus.whole:
                result.false += 1
                result.count("unlabelled", 2)
            continue
        real = [label for label in here if label.real]
        seen.update(real)
        for label in here if not real else ():
            if label not in counted:
                counted.add(label)
                result.false += 1
                result.count(label.kind, 2)
    for label in corpus.labels:
        if label.real:
            is_hit = label in seen
            result.hit += is_hit
            result.missed += not is_hit
            result.count(label.kind, 0 if is_hit else 1)
    return result


def files(corpus: Corpus, found: Iterable[Place]) -> Mapping[str, tuple[int, int]]:
    """Of the files that are to have findings, how many have one; of those that are to be clean, how many are."""
    paths = {path for path, _ in found}
    return {
        "with findings": (len(corpus.found & paths), len(corpus.found)),
        "kept clean": (len(corpus.clean - paths), len(corpus.clean)),
    }
