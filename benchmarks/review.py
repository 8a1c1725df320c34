"""A review of two generated package-locks of 4,000 entries: both parsed, compared and checked; CPU seconds."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator

from benchmarks._measure import line

ENTRIES = 4000
TARGET = 0.15


def run() -> Iterator[str]:
    before, after = lock(), lock(step=100)
    yield line("review-npm-4000", min(_once(before, after) for _ in range(5)), TARGET)


def lock(step: int = 0) -> bytes:
    """An npm lock; with `step` every step-th package has another version."""
    packages: dict[str, object] = {"": {"name": "root", "version": "1.0.0", "dependencies": {"package-0": "*"}}}
    for number in range(ENTRIES):
        name, version = f"package-{number}", f"1.{number % 50}.{1 if step and number % step == 0 else 0}"
        digest = base64.b64encode(hashlib.sha512(f"{name}@{version}".encode()).digest()).decode()
        packages[f"node_modules/{name}"] = {
            "version": version,
            "resolved": f"https://registry.example/{name}/-/{name}-{version}.tgz",
            "integrity": f"sha512-{digest}",
            "license": "MIT",
            "engines": {"node": ">=18"},
            **({"dependencies": {f"package-{number + 1}": "^1.0.0"}} if number + 1 < ENTRIES else {}),
        }
    document = {"name": "root", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    return json.dumps(document, indent=2).encode()


def _once(before: bytes, after: bytes) -> float:
    from tidegate.domain.changes import check, lockfiles, pairing
    from tidegate.domain.matching.versions import order_of
    from tidegate.formats.locks import package_lock

    begun = time.process_time()
    old, new = (package_lock.parse("package-lock.json", raw) for raw in (before, after))
    changes = pairing.compare(old.packages, new.packages, new.path, order_of)
    found = [
        *check.check(changes),
        *check.check_aliases(old, new),
        *lockfiles.check_pair(lockfiles.Pair(old, new), (), {new.path}),
    ]
    taken = time.process_time() - begun
    if len(changes) != ENTRIES // 100 or found:
        raise RuntimeError(f"the review saw {len(changes)} changes and {len(found)} findings")
    return taken
