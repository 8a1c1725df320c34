"""How a worker process is started: no token in its environment, a process group of its own.

Imported before the command line is read, so it imports next to nothing.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

# -P keeps the examined folder off the import path: a `json.py` in a repository must not become ours. `-m` would be
# the same and take 3 ms more.
COMMAND = (sys.executable, "-P", "-c", "from tidegate.cli import worker; worker.run()")

# What a worker may know of the parent's environment. Everything else (tokens, keys, CI variables, proxies with
# passwords in other tools' variables) stays behind: a list of what is dangerous would always be one name short.
PASSED = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "TMPDIR",
        "TEMP",
        "TMP",
        "TZ",
        "SYSTEMROOT",
        "XDG_CACHE_HOME",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
    }
)


def worker_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of the environment a worker gets."""
    return {name: value for name, value in environment.items() if name in PASSED} | {
        "PYTHONUTF8": "1",
        "PYTHONSAFEPATH": "1",  # a `pip.py` of the examined folder is not what a worker's own `python -m pip` finds
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": os.environ.get("PYTHONNOUSERSITE", ""),
    }


def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Raises OSError."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=worker_environment(os.environ),
        start_new_session=True,
        close_fds=True,
    )


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a worker and all of its group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
