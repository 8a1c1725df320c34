"""The harness that judges secret scanners on labelled files counts what its description says it counts."""

import json
import os
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import _labels, accuracy  # noqa: E402
from benchmarks._labels import Corpus, Label, read_cases, read_meta, score  # noqa: E402

LABELS = (
    Label("a.py", 3, 3, real=True, kind="token"),
    Label("a.py", 10, 12, real=True, kind="key"),
    Label("a.py", 20, 20, real=False, kind="hash"),
    Label("b.py", 1, 1, real=True, kind="token"),
)


def test_a_credential_counts_once_whichever_of_its_lines_is_found() -> None:
    result = score(Corpus(Path(), LABELS), [("a.py", 3), ("a.py", 10), ("a.py", 11), ("a.py", 12)])
    assert (result.hit, result.missed, result.false) == (2, 1, 0)
    assert (result.precision, round(result.recall, 3), round(result.f1, 3)) == (1.0, 0.667, 0.8)
    assert result.kinds == {"token": [1, 1, 0], "key": [1, 0, 0]}


def test_a_finding_on_a_false_label_is_false_and_one_without_a_label_where_all_is_labelled() -> None:
    found = [("a.py", 20), ("a.py", 21), ("c.py", 1)]
    assert score(Corpus(Path(), LABELS), found).false == 1
    assert score(Corpus(Path(), LABELS, whole=True), found).false == 3


def test_nothing_found_and_nothing_labelled_is_no_division_by_zero() -> None:
    empty = score(Corpus(Path()), [])
    assert (empty.precision, empty.recall, empty.f1) == (0.0, 0.0, 0.0)


def test_a_table_is_read_with_its_paths_ranges_and_truths(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "one.csv").write_text(
        "Id,FilePath,LineStart,LineEnd,GroundTruth,Category\n"
        "1,data/x/a.py,3,3,T,Password\n2,data/x/a.py,5,7,true,Token:Key\n3,data/x/b.py,1,,F,Secret\n4,data/x/b.py,2,2,T,UUID\n"
    )
    corpus = read_meta(tmp_path / "meta", folder, accuracy.SOFT)
    assert [(each.path, each.first, each.last, each.real) for each in corpus.labels] == [
        ("x/a.py", 3, 3, True),
        ("x/b.py", 1, 1, False),
    ]
    both = read_meta(tmp_path / "meta" / "one.csv", folder)
    assert [each.last for each in both.labels] == [3, 7, 1, 2]


def test_cases_say_which_files_are_to_be_clean_and_which_lines_are_labelled(tmp_path: Path) -> None:
    cases = [
        {"file": "a", "expected": "clean"},
        {"file": "b", "expected": "findings>=1"},
        {"file": None, "expected": "findings>=1"},
        {
            "file": "c",
            "expected": "unspecified",
            "lines": [{"line": 2, "kind": "k"}, {"line": 4, "last": 6, "real": False}],
        },
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    corpus = read_cases(tmp_path)
    assert (set(corpus.clean), set(corpus.found), corpus.whole) == ({"a"}, {"b"}, True)
    assert corpus.labels == (Label("c", 2, 2, True, "k"), Label("c", 4, 6, False, ""))
    assert _labels.files(corpus, [("a", 1), ("b", 1)]) == {"with findings": (1, 1), "kept clean": (0, 1)}


@pytest.mark.skipif(not (Path(sys.executable).parent / "tidegate").exists(), reason="the command is not installed")
def test_the_installed_command_is_judged_line_by_line(tmp_path: Path) -> None:
    rng = random.Random(4)
    token = "gh" + "p_" + "".join(rng.sample(string.ascii_letters + string.digits, 36))
    password = "".join(rng.sample(string.ascii_letters + string.digits, 14)) + "!"
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.py").write_text(f"x = 1\nkey = '{token}'\npassword = '{password}'\nprint(2)\n")
    lines = [{"line": 2, "kind": "token"}, {"line": 3, "kind": "password"}, {"line": 4, "kind": "never"}]
    (tmp_path / "cases.jsonl").write_text(json.dumps({"file": "a.py", "expected": "unspecified", "lines": lines}))
    words = [sys.executable, "-m", "benchmarks.accuracy", str(tmp_path)]
    # What other tests left in the environment is none of its business.
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = {line[:16].strip(): line.split()[-6:] for line in done.stdout.splitlines()}
    assert rows["tidegate block"] == ["1.000", "0.333", "0.500", "1", "0", "2"]
    assert rows["tidegate warn"] == ["1.000", "0.667", "0.800", "2", "0", "1"]
    assert token not in done.stdout + done.stderr
