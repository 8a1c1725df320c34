"""What secrets are looked for in: trees of real files of this interpreter's packages, and a seeded history of them."""

import os
import random
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

SEED = 5
_ENV = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def tree(at: Path, count: int, size: int, largest: int) -> Path:
    """At most `count` files and `size` bytes, none larger than `largest`, in the folders they come from."""
    left = size
    for path in _files(largest)[:count]:
        if left <= 0:
            break
        # Peers leave folders of installed packages out by their name.
        copy = at / path.relative_to(sysconfig.get_path("purelib"))
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        left -= path.stat().st_size
    return at


def history(at: Path, commits: int, size: int) -> Path:
    """A repository with so many commits, which bring or change files until their versions are `size` bytes."""
    at.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", at], check=True, env=_ENV)
    with subprocess.Popen(["git", "fast-import", "--quiet"], cwd=at, stdin=subprocess.PIPE, env=_ENV) as importer:
        if importer.stdin is None:
            raise RuntimeError("git does not listen")
        for part in _stream(commits, size):
            importer.stdin.write(part)
        importer.stdin.close()
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=at, check=True, env=_ENV)
    subprocess.run(["git", "repack", "-q", "-a", "-d"], cwd=at, check=True, env=_ENV)
    return at


def _stream(commits: int, size: int) -> Iterator[bytes]:
    rng = random.Random(SEED)
    texts = [(str(path.name), path.read_bytes()) for path in _files(60_000)[:1500]]
    held: dict[str, bytes] = {}
    made = 0
    for number in range(commits):
        yield b"commit refs/heads/main\ncommitter A Person <person@host.invalid> %d +0000\n" % (1_700_000_000 + number)
        yield b"data 7\nchange\n\n"
        while made < size * (number + 1) // commits:
            if held and rng.random() < 0.8:
                path = rng.choice(list(held))
                lines = held[path].split(b"\n")
                at = rng.randrange(len(lines))
                lines[at : at + 2] = rng.choice(texts)[1].split(b"\n")[:3]
                data = b"\n".join(lines)
            else:
                name, data = rng.choice(texts)
                path = f"part{rng.randrange(40)}/{len(held)}-{name}"
            held[path] = data
            made += len(data)
            yield b'M 100644 inline "%s"\ndata %d\n' % (path.encode(), len(data)) + data + b"\n"


def _files(largest: int) -> list[Path]:
    found = [
        path
        for path in sorted(Path(sysconfig.get_path("purelib")).rglob("*"))
        if "__pycache__" not in path.parts and path.suffix not in {".so", ".pyd"}
        and path.is_file() and not path.is_symlink() and 0 < path.stat().st_size <= largest
    ]  # fmt: skip
    random.Random(SEED).shuffle(found)
    return found
