"""A worker process: one job in on stdin, one line out on stdout, and a world without a signer."""

import contextlib
import gc
import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.all_stages import ROWS, Row
from tidegate.errors import TidegateError, UndecidedError
from tidegate.formats.records import dump, from_plain
from tidegate.model.control import Act, Control, Scope
from tidegate.model.inventory import Inventory, Source
from tidegate.model.release import Release
from tidegate.policy.lean import lean
from tidegate.ports import CIFacts
from tidegate.stages.task import Alone, Task

if TYPE_CHECKING:  # heavy to import, and only the sealing rows need it
    from tidegate.cli.wire import Means
    from tidegate.policy.schema import Policy

MEMORY_LIMIT = 8 << 30


def main(rows: Sequence[Row] = ROWS, ahead: Sequence[str] = ()) -> int:
    """Do the job named on stdin. The only line on stdout is the result; without it there is no answer.

    `ahead` is what to do before the job is there: the names of our modules to import, and `read:ROW` to read the
    inventory of one row ("" for all) of the repository it is in; that does not depend on the policy.
    """
    gc.set_threshold(1_000_000, 20, 20)  # most of what a worker makes, it keeps until its end
    bound()
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not look like a result
    early = _prepare(ahead)
    line = sys.stdin.buffer.readline(4096)
    if not line:
        return 0  # no job came
    header = json.loads(line)
    plain = json.loads(sys.stdin.buffer.read())
    result = perform(header["task"], plain, rows, early)
    answer.write(f'{{"id":"{header["id"]}","result":'.encode())
    answer.write(result.encode("utf-8", "backslashreplace"))
    answer.write(b"}\n")
    answer.close()
    return 0


def bound() -> None:
    """No core file, and no more memory than any row needs."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        if soft == resource.RLIM_INFINITY or soft > MEMORY_LIMIT:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, hard))


@dataclass(slots=True)
class Early:
    """An inventory read before its job came: that of `row`, or of all when it is "", without artifacts or problems."""

    root: str
    row: str
    inventory: Inventory | None

    def serves(self, means: "Means", releases: Sequence[Release], row: Control | None) -> bool:
        plain = not means.problems and not any(release.artifacts for release in releases)
        return plain and (means.root, row or "") == (self.root, self.row) and self.inventory is not None

    def take(self, base: str) -> Inventory | None:
        """Hand it over: whoever has it decides how long its memory is needed. What it is compared with is said now."""
        inventory, self.inventory = self.inventory, None
        if inventory is None or not base:
            return inventory
        return replace(inventory, source=replace(inventory.source, base=base))


def _prepare(ahead: Sequence[str]) -> Early | None:
    early = None
    for name in ahead:
        if name.startswith("read:"):
            early = _read(name.removeprefix("read:"))
        else:
            import_module(f"tidegate.{name}")
    return early


def _read(row: str) -> Early | None:
    from tidegate.cli import wire

    with contextlib.suppress(TidegateError):  # the job itself will say it
        root = str(wire.repository_root(Path.cwd()))
        nothing = wire.Means(root=root, taken="", evidence="", facts=CIFacts("local", ()))
        return Early(root, row, wire.inventory(nothing, (), Control(row) if row else None))
    return None


def perform(task: str, plain: Any, rows: Sequence[Row], early: Early | None = None) -> str:
    """The result of one job as JSON."""
    from tidegate.cli import wire

    means = from_plain(wire.Means, plain["means"])
    if task == "inventory":
        return dump(_inventory_of(early, means, from_plain(tuple[Release, ...], plain["releases"]), None))
    if task == "document":
        return _document(means, plain, early)
    if task == "payloads":
        return dump(_leaks(tuple(plain["payloads"])))
    if task == "search":
        return _search(means, plain)
    if task == "staged":
        return _staged(means, plain, rows)
    if task == "matches":
        return _matches(means, plain)
    if task == "publishers":
        return dump(_publishers(means, plain))
    alone = task == "alone"
    row = next(row for row in rows if row.control.value == (plain["row"] if alone else task))
    policy = _policy(plain["policy"], row)
    releases = from_plain(tuple[Release, ...], plain["releases"])
    if alone:
        inventory = _inventory_of(early, means, releases, row.control)
    else:
        inventory = from_plain(Inventory, plain["inventory"])
    ask = Task(releases=releases, inventory=inventory, policy=policy, scope=Scope(plain["scope"]))
    report = row.examine(ask, wire.world(means, policy, row.control.value))
    return dump(Alone(inventory.source, report)) if alone else dump(report)


def _policy(plain: Any, row: Row) -> "Policy":
    if row.act is Act.EXAMINE:
        return lean(plain)
    from tidegate.policy.schema import Policy

    return Policy.model_validate_json(json.dumps(plain))


def _leaks(payloads: Sequence[str]) -> tuple[str, ...]:
    """What kinds of credential are in texts about to be signed. Raises UndecidedError when the engine is asleep."""
    from tidegate.domain.secrets.canary import Canary
    from tidegate.domain.secrets.engine import scan_text
    from tidegate.domain.secrets.fingerprint import Fingerprints

    keys = Fingerprints.derived()
    canary = Canary.of("payloads", keys)
    if not canary.is_in(scan_text(canary.data, keys)):
        raise UndecidedError("the secret engine did not see its canary", hint="reinstall tidegate")
    return tuple(sorted({hit.says for text in payloads for hit in scan_text(text.encode("utf-8", "backslashreplace"))}))


def _inventory_of(early: Early | None, means: "Means", releases: Sequence[Release], row: Control | None) -> Inventory:
    """What one row looks at, or all of them: read already, or now."""
    from tidegate.cli import wire

    ready = early.take(means.base) if early is not None and early.serves(means, releases, row) else None
    return ready if ready is not None else wire.inventory(means, releases, row)


def _search(means: "Means", plain: Any) -> str:
    """Row 3 for one question: nothing but what it asks about is read."""
    from tidegate.cli import wire
    from tidegate.model.search import Search
    from tidegate.stages.searching import search

    policy = lean(plain["policy"])
    report = search(from_plain(Search, plain["search"]), policy, wire.world(means, policy, "search"))
    return dump(Alone(Source(), report))


def _staged(means: "Means", plain: Any, rows: Sequence[Row]) -> str:
    """One row of what the next commit would hold."""
    from tidegate.cli.staging import examine

    row = next(row for row in rows if row.control.value == plain["row"])
    releases = from_plain(tuple[Release, ...], plain["releases"])
    return dump(examine(means, row, lean(plain["policy"]), releases))


def _matches(means: "Means", plain: Any) -> str:
    """Which values of what is found have one of the given SHA-1 hashes; one process alone, which forgets them."""
    from tidegate.cli import wire
    from tidegate.cli.hashing import Watch
    from tidegate.model.search import Search
    from tidegate.ports import NoCrew
    from tidegate.stages.searching import search

    policy = lean(plain["policy"])
    watch = Watch(from_plain(tuple[str, ...], plain["sha1"]))
    world = replace(wire.world(means, policy, "search"), crew=NoCrew())
    search(from_plain(Search, plain["search"]), policy, world, watch=watch)
    return dump(watch.matches())


def _document(means: Any, plain: Any, early: Early | None) -> str:
    from tidegate.cli.ordering import Order
    from tidegate.cli.rendering import deliver

    order = from_plain(Order, plain["order"])
    return dump(deliver(_inventory_of(early, means, (order.release,), Control.SBOM), order, means.facts))


def _publishers(means: Any, plain: Any) -> object:
    from tidegate.cli import wire
    from tidegate.policy.schema import Policy
    from tidegate.stages.publishers import propose

    policy = Policy.model_validate_json(json.dumps(plain["policy"]))
    releases = from_plain(tuple[Release, ...], plain["releases"])
    inventory = wire.inventory(means, releases, Control.DEPENDENCIES)
    return propose(inventory, wire.package_index(policy), policy, plain["known"])


def entry() -> int:
    try:
        return main(ahead=sys.argv[1:])
    except TidegateError as error:
        sys.stderr.write(f"{type(error).__name__}: {error.message} (hint: {error.hint})\n")
        return 4
    except Exception as error:  # noqa: BLE001 - a library's message may quote the file it read, secrets and all
        import traceback

        last = traceback.extract_tb(error.__traceback__)[-1]
        sys.stderr.write(f"{type(error).__name__} in {os.path.basename(last.filename)}:{last.lineno}\n")
        return 5


def run() -> None:
    """Where the process begins, and ends."""
    ended = entry()
    sys.stderr.flush()
    os._exit(ended)  # taking apart all it made would cost the parent, who waits for our end, another 50 ms
