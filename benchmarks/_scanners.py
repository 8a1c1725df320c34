"""Secret scanners asked for the places of what they find: our own command, and the peers that are here."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks._labels import Place
from benchmarks._measure import tidegate

PATIENCE = 3600
BLOCK = frozenset({"secret-in-tree"})
WARN = BLOCK | {"secret-suspected"}


@dataclass(frozen=True)
class Scanner:
    """`find` is given a folder and answers with places below it."""

    name: str
    find: Callable[[Path], set[Place]]


def all_here() -> list[Scanner]:
    """Our own in both tiers, then the peers in `TIDEGATE_BENCH_PEERS`, beside this interpreter or on the path."""
    ours = [("tidegate block", BLOCK), ("tidegate warn", WARN)]
    found = [Scanner(name, partial(_ours, rules=rules)) for name, rules in ours]
    return found + [Scanner(name, find) for name, find in _PEERS.items() if program(name)]


def program(name: str) -> str | None:
    folder = os.environ.get("TIDEGATE_BENCH_PEERS", "")
    places = (folder, os.path.join(folder, "bin") if folder else "", os.path.dirname(sys.executable))
    return shutil.which(name, path=os.pathsep.join(place for place in (*places, os.environ.get("PATH", "")) if place))


def _ours(folder: Path, rules: frozenset[str]) -> set[Place]:
    answer = json.loads(_run([tidegate(), "secrets", "--format", "json", "."], folder, (0, 1, 3)))
    return {
        (each["place"]["path"].partition("!/")[0], each["place"]["line"])
        for each in answer["findings"]
        if each["rule"] in rules and each["place"].get("line")
    }


def _detect_secrets(folder: Path) -> set[Place]:
    results = json.loads(_run([_path("detect-secrets"), "scan", "--all-files", "-n", "."], folder, (0,)))["results"]
    return {(path, each["line_number"]) for path, found in results.items() for each in found}


def _gitleaks(folder: Path) -> set[Place]:
    words = ["dir", "--redact", "--no-banner", "--log-level", "error", "--exit-code", "0", "-f", "json", "-r", "-", "."]
    answer = json.loads(_run([_path("gitleaks"), *words], folder, (0,)) or "[]")
    return {(_below(each["File"], folder), each["StartLine"]) for each in answer}


def _betterleaks(folder: Path) -> set[Place]:
    with tempfile.TemporaryDirectory() as room:
        out = Path(room) / "out.json"
        _run([_path("betterleaks"), ".", "--redact", "--log-level", "error", "-o", str(out)], folder, (0, 1))
        found = json.loads(out.read_text())["findings"] or [] if out.exists() else []
    places = [each["location"] for each in found]
    return {(_below(each["path"], folder), each["start_line"]) for each in places}


def _kingfisher(folder: Path) -> set[Place]:
    words = ["scan", "--no-validate", "--no-update-check", "--redact", "--format", "json", "."]
    # Behind its report stands a summary.
    said = _run([_path("kingfisher"), *words], folder, (0, 200, 205)).lstrip()
    answer, _ = json.JSONDecoder().raw_decode(said or "{}")
    return {(_below(each["finding"]["path"], folder), each["finding"]["line"]) for each in answer.get("findings", [])}


def _below(path: str, folder: Path) -> str:
    return path.removeprefix(f"{folder}/").removeprefix("./")


def _path(name: str) -> str:
    return program(name) or name


def _run(command: Sequence[str], folder: Path, codes: Sequence[int]) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if done.returncode not in codes:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]!r}")
    return done.stdout


_PEERS: dict[str, Callable[[Path], set[Place]]] = {
    "detect-secrets": _detect_secrets,
    "gitleaks": _gitleaks,
    "betterleaks": _betterleaks,
    "kingfisher": _kingfisher,
}
