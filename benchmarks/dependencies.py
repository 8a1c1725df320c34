"""The dependency audit against `uv audit` and pip-audit: the same lock, the same loopback OSV (50 ms), in one run.

`TIDEGATE_BENCH_LOCK` names a real uv.lock (its pyproject.toml beside it); without it one of 655 packages is generated.
`TIDEGATE_UV` names uv where it is not on PATH. `uv audit` asks the index about every package as well, so it is given a
loopback one, whose pages list 600 files: the mean of thirteen packages taken evenly from a real lock (12 to 5,604
files, November 2026); how it does with an index that has no page is printed beside, without a target. pip-audit asks
for one package at a time and is run once.
"""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import _locks
from benchmarks._measure import line, not_run, tidegate
from benchmarks._services import TESTS, service

PACKAGES, PINS, NPM = 655, 1500, 2858
FILES_PER_PAGE = 600
LATENCY = "0.05"
RUNS = 5
PATIENCE = 120.0
WALL, CPU, PIP_AUDIT = 0.6, 0.4, 0.05
OFFLINE_SECONDS, OFFLINE_MIB = 0.6, 60
RECORDS_PYPI, RECORDS_NPM = 17_322, 40_000
FAULTS = (
    "short", "long", "empty", "error-json", "html", "404", "500", "truncated", "token-only", "duplicate-keys",
    "schema-2", "no-affected", "git-only", "404-vuln", "wrong-id", "blind",
)  # fmt: skip
Json = dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """The least wall and CPU seconds of several runs, and how and with what the last one ended, None for not at all."""

    wall: float
    cpu: float
    code: int | None
    out: str


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _versions()
        yield from _online(folder)
        yield from _faults(folder)
        yield from _offline(folder)


def _versions() -> Iterator[str]:
    for command in ([tidegate(), "--version"], [_uv() or "", "--version"], [_pip_audit(), "--version"]):
        if command[0]:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            yield f"with {done.stdout.strip()}"


def _measure(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], runs: int, patience: float = PATIENCE
) -> Measured:
    walls, cpus = [], []
    for _ in range(runs):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        try:
            done = subprocess.run(
                command, cwd=cwd, env=_env(env), capture_output=True, text=True, check=False, timeout=patience
            )
        except subprocess.TimeoutExpired:
            return Measured(patience, patience, None, "")
        walls.append(time.monotonic() - begun)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return Measured(min(walls), min(cpus), done.returncode, done.stdout)


def _env(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"CI": "true", "NO_PROXY": "127.0.0.1", "UV_HTTP_TIMEOUT": "5"} | more


def _uv() -> str | None:
    return os.environ.get("TIDEGATE_UV") or shutil.which("uv")


def _pip_audit() -> str:
    return os.path.join(os.path.dirname(sys.executable), "pip-audit")


# The one lock, online.


def _online(folder: Path) -> Iterator[str]:
    packages, files = _project()
    advisories = _advisories(packages[::60])
    (folder / "records.json").write_text(json.dumps(advisories))
    with service("osv", str(folder / "records.json"), "ok", LATENCY) as url:
        root = _locks.repository(folder / "project", files | {"tidegate.yaml": _policy(url)})
        (root / "pins.txt").write_text("".join(f"{name}=={version}\n" for name, version in packages))
        ours = _measure([tidegate(), "deps", "audit", "--format", "json"], root, {}, RUNS)
        yield f"deps-audit-{len(packages)} tidegate {ours.wall:.2f}s wall {ours.cpu:.2f}s cpu"
        found = {"tidegate": _ids(_ours(ours.out), advisories)}
        yield from _against_uv(folder, root, url, ours, found, advisories)
        yield from _against_pip_audit(root, url, ours, found, advisories)
    counts = " = ".join(f"{name} {len(each)}" for name, each in found.items())
    same = all(each == found["tidegate"] for each in found.values()) and len(found["tidegate"]) == len(advisories)
    yield f"deps-audit-findings {counts} of {len(advisories)} {'ok' if same else 'short'}"


def _against_uv(
    folder: Path, root: Path, url: str, ours: Measured, found: dict[str, set[str]], advisories: list[Json]
) -> Iterator[str]:
    uv = _uv()
    if uv is None:
        yield from not_run("deps-audit-uv", "uv is not here")
        return
    command = [*_uv_audit(uv, url), "--output-format", "json"]
    theirs, alone = (_with_index(files, command, folder, root) for files in (FILES_PER_PAGE, 0))
    found["uv"] = _ids(set(re.findall(r"[A-Z]+-\d{4}-\d+", theirs.out)), advisories)
    yield f"deps-audit-uv {theirs.wall:.2f}s wall {theirs.cpu:.2f}s cpu (index pages of {FILES_PER_PAGE} files)"
    yield _ratio("deps-audit-wall/uv", ours.wall, theirs.wall, WALL)
    yield _ratio("deps-audit-cpu/uv", ours.cpu, theirs.cpu, CPU)
    yield f"deps-audit-uv {alone.wall:.2f}s wall {alone.cpu:.2f}s cpu (an index without pages; no target)"


def _with_index(files: int, command: Sequence[str], folder: Path, root: Path) -> Measured:
    authority = folder / "ca.pem"
    with service("index", str(files), str(authority)) as proxy:
        return _measure(command, root, {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(authority)}, RUNS)


def _against_pip_audit(
    root: Path, url: str, ours: Measured, found: dict[str, set[str]], advisories: list[Json]
) -> Iterator[str]:
    theirs = _measure([*_pip_audit_of(url, "pins.txt"), "-f", "json"], root, {}, 1)
    yield f"deps-audit-pip-audit {theirs.wall:.2f}s wall {theirs.cpu:.2f}s cpu"
    found["pip-audit"] = _ids(set(re.findall(r"[A-Z]+-\d{4}-\d+", theirs.out)), advisories)
    yield _ratio("deps-audit-wall/pip-audit", ours.wall, theirs.wall, PIP_AUDIT)


def _uv_audit(uv: str, url: str) -> list[str]:
    return [uv, "audit", "--frozen", "--no-cache", "-q", "--service-format", "osv", "--service-url", f"{url}/"]


def _pip_audit_of(url: str, pins: str) -> list[str]:
    spinner = ("--progress-spinner", "off")
    return [
        _pip_audit(),
        "-r",
        pins,
        "--no-deps",
        "--disable-pip",
        *spinner,
        "-s",
        "osv",
        "--osv-url",
        f"{url}/v1/query",
    ]


def _project() -> tuple[_locks.Names, dict[str, str]]:
    """The packages of the lock, and its files."""
    given = os.environ.get("TIDEGATE_BENCH_LOCK")
    if given is None:
        packages = _locks.names(PACKAGES)
        return packages, {"uv.lock": _locks.uv_lock(packages), "pyproject.toml": _locks.pyproject(packages)}
    from tidegate.formats.locks import uv
    from tidegate.model.package import SourceKind

    lock = Path(given)
    read = uv.parse("uv.lock", lock.read_bytes())
    registry = [each for each in read.packages if each.source.kind is SourceKind.REGISTRY and each.source.public]
    beside = lock.with_name("pyproject.toml").read_text()
    return [(each.name, each.version) for each in registry], {"uv.lock": lock.read_text(), "pyproject.toml": beside}


def _policy(url: str) -> str:
    return f"version: 1\ncontrols:\n  dependencies: {{service: {{url: '{url}', timeout: 20s}}}}\n"


def _advisories(packages: _locks.Names, ecosystem: str = "PyPI") -> list[Json]:
    sys.path.insert(0, str(TESTS))
    from support.osv_server import advisory

    return [
        advisory(f"PYSEC-2026-{n}", ecosystem, name, fixed="99.0", aliases=[f"CVE-2026-{n}"], summary="a fault")
        for n, (name, _version) in enumerate(packages, 1)
    ]


def _ours(out: str) -> set[str]:
    return set(re.findall(r"#([A-Z]+-\d{4}-\d+)", out))


def _ids(seen: set[str], advisories: list[Json]) -> set[str]:
    """Ids modulo aliases."""
    known = {name: each["id"] for each in advisories for name in (each["id"], *each["aliases"])}
    return {known.get(name, name) for name in seen}


def _ratio(name: str, ours: float, theirs: float, target: float) -> str:
    ratio = ours / theirs
    return f"{name} {ours:.2f}s/{theirs:.2f}s={ratio:.3f}x <={target}x {'ok' if ratio <= target else 'short'}"


# What each does when the service does something else than answering.


def _faults(folder: Path) -> Iterator[str]:
    """Exit codes; 0 says that there is no known vulnerability in a lock that has one."""
    packages = [("foo", "1.0"), ("bar", "1.0")]
    (folder / "known.json").write_text(json.dumps(_advisories(packages[:1])))
    files = {"uv.lock": _locks.uv_lock(packages), "pyproject.toml": _locks.pyproject(packages)}
    root = _locks.repository(folder / "faulty", files)
    (root / "pins.txt").write_text("foo==1.0\nbar==1.0\n")
    yield "fault: tidegate | pip-audit | uv audit (exit codes)"
    open_ = 0
    with service("index", "5", str(folder / "ca.pem")) as proxy:
        env = {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(folder / "ca.pem")}
        for mode in FAULTS:
            with service("osv", str(folder / "known.json"), mode, "0") as url:
                codes = list(_codes(root, url, env))
            open_ += codes[0] == "0"
            yield f"fault {mode}: {' | '.join(codes)}"
    for fault, code in _database_faults(folder, root):
        open_ += code == "0"
        yield f"fault offline, {fault}: {code} | - | -"
    yield line("faults-open", open_, 0, unit="")


def _codes(root: Path, url: str, env: Mapping[str, str]) -> Iterator[str]:
    (root / "tidegate.yaml").write_text(_policy(url).replace("20s", "2s"))
    _locks.repository(root, {})
    uv = _uv()
    yield _code([tidegate(), "deps", "audit"], root, {})
    yield _code([*_pip_audit_of(url, "pins.txt"), "--timeout", "5"], root, {})
    yield _code(_uv_audit(uv, url), root, env) if uv else "not run"


def _code(command: Sequence[str], root: Path, env: Mapping[str, str]) -> str:
    code = _measure(command, root, env, 1, patience=20).code
    return "no end in 20 s" if code is None else str(code)


def _database_faults(folder: Path, root: Path) -> Iterator[tuple[str, str]]:
    sys.path.insert(0, str(TESTS))
    from support.databases import FAULTS as BROKEN

    for number, (fault, make) in enumerate(BROKEN.items()):
        database = folder / f"broken-{number}"
        database.mkdir()
        make(database)
        yield fault, _code([tidegate(), "deps", "audit", "--database", str(database)], root, {})


# Three large locks, offline.


def _offline(folder: Path) -> Iterator[str]:
    uv, pins, npm = _locks.names(PACKAGES), _locks.names(PINS, "pin"), _locks.names(NPM, "npm")
    files = {
        "a/uv.lock": _locks.uv_lock(uv),
        "a/pyproject.toml": _locks.pyproject(uv),
        "b/requirements.txt": _locks.requirements(pins),
        "c/package-lock.json": _locks.package_lock(npm),
        "tidegate.yaml": "version: 1\n",
    }
    root, database = _locks.repository(folder / "offline", files), folder / "database"
    for ecosystem, affected, count in (("PyPI", uv[::60], RECORDS_PYPI), ("npm", npm[::60], RECORDS_NPM)):
        path = _database(folder / f"{ecosystem}.zip", affected, ecosystem, count)
        words = ("db", "import", str(path), "--ecosystem", ecosystem, "--database", str(database))
        built = _measure([tidegate(), *words], root, {}, 1)
        if built.code:
            yield f"offline-index {ecosystem} exit {built.code} short"
            return
        yield f"offline-index {ecosystem} {count} advisories {built.wall:.2f}s wall {built.cpu:.2f}s cpu"
    done = _measure([tidegate(), "deps", "audit", "--database", str(database), "--format", "json"], root, {}, RUNS)
    hits = len(re.findall(r'"rule": ?"dependency-vulnerable"', done.out)) if done.code == 1 else 0
    expected = len(uv[::60]) + len(npm[::60])
    yield f"offline-audit-findings {hits} of {expected} {'ok' if hits == expected else 'short'}"
    yield f"offline-audit of {PACKAGES} + {PINS} + {NPM} by the command: {done.wall:.2f}s wall {done.cpu:.2f}s cpu"
    library = subprocess.run(
        [sys.executable, "-c", _LIBRARY, str(root), str(database)], capture_output=True, text=True, check=True
    )
    seconds, mib = map(float, library.stdout.split())
    yield line("offline-audit-library", seconds, OFFLINE_SECONDS)
    yield line("offline-audit-library-peak", mib, OFFLINE_MIB, unit="MiB")


_LIBRARY = """
import sys, time
begun = time.process_time()
from datetime import timedelta
from pathlib import Path
from tidegate.adapters.clock import SystemClock
from tidegate.adapters.vulns.offline import OfflineDatabase
from tidegate.formats.locks import package_lock, requirements, uv
root, database = map(Path, sys.argv[1:])
for reader, path in ((uv, "a/uv.lock"), (requirements, "b/requirements.txt"), (package_lock, "c/package-lock.json")):
    packages = reader.parse(path, (root / path).read_bytes()).packages
    audit = OfflineDatabase(database, timedelta(days=7), SystemClock()).audit(packages)
    assert audit.audited == len(packages) and not audit.unaudited, (path, audit.audited, audit.unaudited[:3])
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.process_time() - begun, int(peak) / 1024)
"""
"""From the import to the last answer: parsing, looking up and comparing, CPU seconds and the peak of memory."""


def _database(path: Path, affected: _locks.Names, ecosystem: str, count: int) -> Path:
    import zipfile
    from datetime import UTC, datetime

    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    rest = [(f"other-{number}", "1") for number in range(count - len(affected))]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for record in _advisories([*affected, *rest], ecosystem):
            archive.writestr(f"{record['id']}.json", json.dumps({**record, "modified": now}))
    return path
