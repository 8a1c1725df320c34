"""Where a fleet's work runs: threads of this machine, or the workers of a Dask cluster."""

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import cast

from tidegate.errors import ToolMissing, UnavailableError, UserError

_DASK = "dask://"
_RETRIES = 3


def executor(named: str, jobs: int) -> Executor:
    """`threads`, each with a process of its own, or `dask://host:port`. Raises UserError and UndecidedError."""
    if named == "threads":
        return ThreadPoolExecutor(jobs, thread_name_prefix="fleet")
    if not named.startswith(_DASK) or not named.removeprefix(_DASK):
        raise UserError(f"there is no executor `{named}`", hint="`threads`, or `dask://host:port`")
    try:
        from distributed import Client
    except ImportError:
        raise ToolMissing("Dask is not installed", hint="run `python -m pip install 'tidegate[fleet]'`") from None
    try:
        client = Client(f"tcp://{named.removeprefix(_DASK)}", timeout=30, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UnavailableError(
            f"no Dask scheduler answers at `{named}`: {type(error).__name__}", hint="start `dask scheduler` there"
        ) from None
    # Equal questions are asked again all the same, and a lost worker's go to another.
    return cast("Executor", client.get_executor(pure=False, retries=_RETRIES))
