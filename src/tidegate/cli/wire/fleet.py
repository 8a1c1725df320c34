"""What a fleet's processes are made of: the one that asks, the one that is asked, and where commits come from."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.model.control import Control
from tidegate.ports import Workers

if TYPE_CHECKING:
    from tidegate.adapters.fetching import Fetcher
    from tidegate.adapters.hosting import Host

# -P keeps the folder it is started in off the import path.
_COMMAND = (sys.executable, "-P", "-c", "from tidegate.cli.fleet import hosting; hosting.run()")
_READY = {
    Control.LOCKFILES: ("stages.lockfiles",),
    Control.DEPENDENCIES: ("stages.dependencies", "adapters.vulns.offline"),
    Control.SECRETS: ("stages.secrets", "domain.secrets.ready", "adapters.crew"),
    Control.CI_TOKENS: ("stages.ci_tokens", "formats.all_workflows", "formats.gitlab.reader"),
}


def host() -> "Host":
    """A process that answers one question after another."""
    from tidegate.adapters.hosting import Host

    return Host(_COMMAND)


def end_hosts() -> None:
    from tidegate.adapters.hosting import Host

    Host.end_all()


def forked_workers(perform: Callable[[str, str], str]) -> Workers:
    from tidegate.adapters.forked import ForkedWorkers

    return ForkedWorkers(perform)


def fetcher(address: str, folder: Path, seconds: float) -> "Fetcher":
    from tidegate.adapters.fetching import Fetcher

    return Fetcher(address, folder, seconds)


def warm(rows: tuple[Control, ...]) -> None:
    """Import what rows need, in the process whose children look at them."""
    for name in ("runner", "cli.worker", "adapters.inventory", "adapters.commit_tree", "cli.wire.means"):
        import_module(f"tidegate.{name}")
    for name in (name for row in rows for name in _READY[row]):
        import_module(f"tidegate.{name}")
    if Control.CI_TOKENS in rows:
        from contextlib import suppress

        from tidegate.adapters.sensors import zizmor, zizmor_binary
        from tidegate.errors import TidegateError

        with suppress(TidegateError):  # the row says it
            zizmor.Zizmor(1.0)
            zizmor_binary.find()
