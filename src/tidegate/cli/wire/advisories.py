"""The advisory databases of this machine, for the commands that keep them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # sqlite3 and requests are imported where they are used: `--help` must not pay for them
    from tidegate.adapters.vulns.keeping import Keeper as Keeper
    from tidegate.adapters.vulns.keeping import Kept as Kept
    from tidegate.adapters.vulns.keeping import State as State


def keeper(folder: Path, say: Callable[[str], None]) -> "Keeper":
    """Who keeps the databases of a folder; `say` hears how far it is."""
    from tidegate.adapters.vulns.keeping import Keeper

    return Keeper(folder, say)


def ecosystems_in(folder: Path) -> list[str]:
    """The ecosystems of a folder in the export's layout, [] for any other."""
    from tidegate.adapters.vulns.sources import ecosystems_in

    return ecosystems_in(folder)
