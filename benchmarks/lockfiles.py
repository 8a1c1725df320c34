"""Row 1 on a generated package-lock of 4,000 packages against lockfile-lint, altered locks included; parse times.

lockfile-lint is taken from the `PATH`, or installed by npm into a temporary folder; where neither works it is not run.
"""

import base64
import copy
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks._measure import cpu, line, not_run

PEER = "lockfile-lint@5.0.1"
PACKAGES = 4_000
TARGET = 0.4
PARSE_TARGET = 0.3
SEED = 20_250_101
ROOT = Path(__file__).parents[1]

Entry = dict[str, object]
Tree = dict[str, Entry]

_OURS = """
import sys, time
from pathlib import Path
import tidegate.domain.locks.check, tidegate.formats.locks.table, tidegate.formats.manifests.package_json
from benchmarks.lockfiles import findings
begun = time.process_time()
findings(Path(sys.argv[1]))
print(time.process_time() - begun)
"""
"""What a check costs once the modules are loaded, which all rows share."""


def run() -> Iterator[str]:
    yield from _parsing()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        peer = _peer(folder / "peer")
        project = _project(folder / "large", _tree(PACKAGES))
        command = [sys.executable, "-c", _OURS, str(project)]
        whole = cpu(command, cwd=str(ROOT))
        ours = min(float(subprocess.check_output(command, cwd=ROOT)) for _ in range(5))
        if peer is None:
            yield from not_run("lock-checks", f"{PEER} is not installed and npm cannot install it")
        else:
            theirs = cpu(_asked(peer, project), codes=(0, 1))
            ratio = ours / theirs
            verdict = "ok" if ratio <= TARGET else "short"
            yield f"lock-checks {ours:.3f}s/{theirs:.3f}s={ratio:.3f}x <={TARGET}x {verdict}"
            yield f"lock-checks, start of Python included {whole:.3f}s/{theirs:.3f}s={whole / theirs:.3f}x"
        yield from _poison(folder, peer)


def findings(project: Path) -> list[str]:
    """The rules a project's package.json and package-lock.json break, both read anew."""
    from tidegate.domain.locks.check import check, scene
    from tidegate.domain.locks.sources import Allowed
    from tidegate.errors import FormatError
    from tidegate.formats.locks import package_lock
    from tidegate.formats.locks.table import read
    from tidegate.formats.manifests import package_json

    path = "package-lock.json"
    try:
        lock = read(package_lock, path, (project / path).read_bytes(), lambda _: None)
    except FormatError:
        return ["lock-malformed"]
    manifest = package_json.parse("package.json", (project / "package.json").read_bytes(), frozenset({path}))
    locks = {path: lock}
    return sorted({one.rule for one in check(scene([manifest], locks, locks), locks, Allowed(), ())})


def _tree(count: int) -> Tree:
    """A root and packages that need each other, as npm lists them."""
    from tidegate.formats.registries import public_hosts

    chance = random.Random(SEED)
    host = min(public_hosts("npm"))
    tree: Tree = {"": {"name": "root", "version": "1.0.0", "dependencies": {f"p{n}": "^1.0.0" for n in range(50)}}}
    for number in range(count):
        name = f"p{number}" if number % 5 or number < 50 else f"@scope/p{number}"
        bare, version = name.rpartition("/")[2], f"1.{chance.randrange(9)}.{chance.randrange(9)}"
        below = [number * 2 + 50, number * 2 + 51]
        needs = {f"p{one}" if one % 5 or one < 50 else f"@scope/p{one}": "^1.0.0" for one in below if one < count}
        tree[f"node_modules/{name}"] = {
            "version": version,
            "resolved": f"https://{host}/{name}/-/{bare}-{version}.tgz",
            "integrity": _sri(chance),
            "license": "MIT",
            **({"dependencies": needs} if needs else {}),
        }
    return tree


def _sri(chance: random.Random, algorithm: str = "sha512") -> str:
    size = {"sha512": 64, "sha1": 20}[algorithm]
    return f"{algorithm}-{base64.b64encode(chance.randbytes(size)).decode()}"


def _project(folder: Path, tree: Tree) -> Path:
    folder.mkdir(parents=True)
    lock = {"name": "root", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": tree}
    (folder / "package-lock.json").write_text(json.dumps(lock, indent=2))
    manifest = {"name": "root", "version": "1.0.0", "dependencies": {f"p{n}": "^1.0.0" for n in range(50)}}
    (folder / "package.json").write_text(json.dumps(manifest))
    return folder


def _peer(folder: Path) -> str | None:
    """The command of lockfile-lint, None where it is not to be had."""
    found = shutil.which("lockfile-lint")
    npm = shutil.which("npm")
    if found or npm is None:
        return found
    folder.mkdir(parents=True)
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", PEER]
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        return None
    installed = folder / "node_modules" / ".bin" / "lockfile-lint"
    return str(installed) if installed.exists() else None


def _asked(peer: str, project: Path) -> list[str]:
    checks = ["--validate-https", "--validate-package-names", "--validate-integrity"]
    return [peer, "--path", str(project / "package-lock.json"), "--type", "npm", "--allowed-hosts", "npm", *checks]


P = "node_modules/p1"


def _alterations(tree: Tree) -> dict[str, tuple[Callable[[Tree], object], str]]:
    """Each change of the lock and the rule that decides it, "" where it is no fault."""
    chance = random.Random(SEED)
    address = str(tree[P]["resolved"])
    host, version = address.split("/")[2], str(tree[P]["version"])

    def at(new: str) -> Callable[[Tree], object]:
        return lambda t: t[P].update(resolved=new)

    return {
        "another package": (at(address.replace("/p1/-/p1-", "/evil/-/evil-")), "url-mismatch"),
        "another version": (at(address.replace(version, "9.9.9")), "url-mismatch"),
        "another file name": (at(address.replace("/-/p1-", "/-/evil-")), "url-mismatch"),
        "another host": (at(address.replace(host, "evil.example")), "source-not-allowed"),
        "http": (at(address.replace("https:", "http:")), "source-not-allowed"),
        "a user name": (at(address.replace(host, f"{host}@evil.example")), "source-not-allowed"),
        "git with a branch": (at("git+https://git.example/p1.git#main"), "package-unpinned"),
        "no hash": (lambda t: t[P].pop("integrity"), "package-unhashed"),
        "SHA-1 alone": (lambda t: t[P].update(integrity=_sri(chance, "sha1")), "hash-weak"),
        "a hash of four letters": (lambda t: t[P].update(integrity="sha512-AAAA"), "hash-malformed"),
        "neither address nor hash": (lambda t: (t[P].pop("resolved"), t[P].pop("integrity")), "package-unhashed"),
        "a link to outside": (lambda t: t.update({P: {"resolved": "../outside", "link": True}}), "source-not-allowed"),
        "a root that asks for more": (lambda t: t[""].update(dependencies={"evil": "1"}), "lock-stale"),
        "a tag for a version": (lambda t: t[P].update(version="latest"), "package-unpinned"),
        "a bundle nobody makes": (lambda t: t.update({P: {"version": version, "inBundle": True}}), "package-unhashed"),
        "an alias nobody asked for": (
            lambda t: t[P].update(name="evil", resolved=address.replace("/p1/-/p1-", "/evil/-/evil-")),
            "url-mismatch",
        ),
        "SHA-1 beside SHA-512": (
            lambda t: t[P].update(integrity=f"{_sri(chance, 'sha1')} {tree[P]['integrity']}"),
            "",
        ),
    }


def _nothing(tree: Tree) -> None:
    """The lock as it is."""


def _poison(folder: Path, peer: str | None) -> Iterator[str]:
    """A line for each altered lock, with what lockfile-lint says of it."""
    tree = _tree(60)
    decided = 0
    cases = {"nothing altered": (_nothing, ""), **_alterations(tree)}
    for number, (name, (alter, rule)) in enumerate(cases.items()):
        altered = copy.deepcopy(tree)
        alter(altered)
        project = _project(folder / f"poison{number}", altered)
        rules = findings(project)
        right = rule in rules if rule else not rules
        decided += right
        theirs = "not run"
        if peer is not None:
            done = subprocess.run(_asked(peer, project), capture_output=True, check=False)
            theirs = "passes" if done.returncode == 0 else "fails"
        yield f"lock-poison {name}: {', '.join(rules) or 'fine'} | lockfile-lint {theirs}"
    yield f"lock-poison decided {decided}/{len(cases)} {'ok' if decided == len(cases) else 'short'}"


def _parsing() -> Iterator[str]:
    """The time one lock of `PACKAGES` packages takes in each form; each form is made of the same packages."""
    from tidegate.formats.locks import bun, package_lock, pnpm, yarn

    tree = _tree(PACKAGES)
    tables = [(key.removeprefix("node_modules/"), entry) for key, entry in tree.items() if key]
    flat = {name: {("requires" if key == "dependencies" else key): one for key, one in e.items()} for name, e in tables}
    old = {"lockfileVersion": 1, "dependencies": flat}
    forms: list[tuple[str, Callable[[str, bytes], object], str]] = [
        ("package-lock v1", package_lock.parse, json.dumps(old, indent=2)),
        ("package-lock v3", package_lock.parse, json.dumps({"lockfileVersion": 3, "packages": tree}, indent=2)),
        ("yarn v1", yarn.parse, _yarn_classic(tables)),
        ("yarn berry", yarn.parse, _yarn_berry(tables)),
        ("pnpm v9", pnpm.parse, _pnpm(tables)),
        ("bun", bun.parse, _bun(tables)),
    ]
    for name, parse, text in forms:
        path = "yarn.lock" if "yarn" in name else "x"
        best = min(_timed(parse, path, text.encode()) for _ in range(3))
        yield line(f"lock-parse {name} ({len(text) >> 10} KiB)", best, PARSE_TARGET)


def _timed(parse: Callable[[str, bytes], object], path: str, raw: bytes) -> float:
    begun = time.process_time()
    parse(path, raw)
    return time.process_time() - begun


def _needs(entry: Entry) -> list[str]:
    needs = entry.get("dependencies")
    return list(needs) if isinstance(needs, dict) else []


def _yarn_classic(tables: list[tuple[str, Entry]]) -> str:
    parts = ["# yarn lockfile v1\n"]
    for name, entry in tables:
        parts.append(f'\n"{name}@^1.0.0":\n  version "{entry["version"]}"\n  resolved "{entry["resolved"]}#{"a" * 40}"')
        parts.append(f"\n  integrity {entry['integrity']}\n")
        needs = "".join(f'    "{one}" "^1.0.0"\n' for one in _needs(entry))
        parts.append(f"  dependencies:\n{needs}" if needs else "")
    return "".join(parts)


def _yarn_berry(tables: list[tuple[str, Entry]]) -> str:
    parts = ["__metadata:\n  version: 8\n  cacheKey: 10c0\n"]
    for name, entry in tables:
        needs = "".join(f'    "{one}": "npm:^1.0.0"\n' for one in _needs(entry))
        parts.append(f'\n"{name}@npm:^1.0.0":\n  version: {entry["version"]}\n')
        parts.append(f'  resolution: "{name}@npm:{entry["version"]}"\n')
        parts.append((f"  dependencies:\n{needs}" if needs else "") + f"  checksum: 10c0/{'ab' * 64}\n")
        parts.append("  languageName: node\n  linkType: hard\n")
    return "".join(parts)


def _pnpm(tables: list[tuple[str, Entry]]) -> str:
    versions = {name: entry["version"] for name, entry in tables}
    packages, snapshots = [], []
    for name, entry in tables:
        key = f"  '{name}@{entry['version']}':"
        packages.append(f"{key}\n    resolution: {{integrity: {entry['integrity']}}}\n    engines: {{node: '>=18'}}\n")
        needs = "".join(f"      '{one}': {versions[one]}\n" for one in _needs(entry))
        snapshots.append(f"{key}\n    dependencies:\n{needs}" if needs else f"{key} {{}}\n")
    body = "\n".join(packages) + "\nsnapshots:\n\n" + "\n".join(snapshots)
    return f"lockfileVersion: '9.0'\n\npackages:\n\n{body}"


def _bun(tables: list[tuple[str, Entry]]) -> str:
    lines = []
    for name, entry in tables:
        needs = json.dumps(dict.fromkeys(_needs(entry), "^1.0.0"))
        meta = f'{{ "dependencies": {needs} }}'
        lines.append(f'    "{name}": ["{name}@{entry["version"]}", "", {meta}, "{entry["integrity"]}"],\n')
    body = "\n".join(lines)
    return f'{{\n  "lockfileVersion": 1,\n  "workspaces": {{}},\n  "packages": {{\n{body}  }}\n}}\n'
