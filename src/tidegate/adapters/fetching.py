"""Commits of foreign repositories, fetched without hook, filter, credential, submodule or checkout, and bounded.

Only https and local files: what is fetched is named by an address without a password, in an environment without tokens.
"""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tidegate.adapters.git_child import environment
from tidegate.adapters.git_process import HARDENED, Plumbing
from tidegate.errors import UnavailableError

MOST = 2 << 30
MOST_SAID = 4 << 20
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PASSED = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR")
_TICK = 0.2
_FLAGS = (
    *HARDENED,
    *("-c", "protocol.https.allow=always"),
    *("-c", "protocol.file.allow=always"),
    *("-c", "credential.helper="),
    *("-c", "core.askPass="),
    *("-c", "submodule.recurse=false"),
    *("-c", "fetch.recurseSubmodules=false"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    *("-c", "transfer.bundleURI=false"),
    *("-c", "http.lowSpeedLimit=1000"),
    *("-c", "http.lowSpeedTime=30"),
    *("-c", "http.followRedirects=initial"),
)


class Fetcher:
    """Fetches from one address into a new repository in `folder`, which is empty. UnavailableError whatever fails.

    `seconds` bound each of its commands, `most` the bytes on disk.
    """

    def __init__(self, url: str, folder: Path, seconds: float, most: int = MOST) -> None:
        self._url, self._folder, self._seconds, self._most = url, folder, seconds, most
        self._git = Plumbing(folder, seconds).program()

    def resolve(self, ref: str) -> str:
        """The commit, or tag object, a ref stands for there; "" is HEAD. A branch comes before a tag of its name."""
        if _OID.fullmatch(ref):
            return ref
        full = [ref] if ref.startswith("refs/") else [f"refs/heads/{ref}", f"refs/tags/{ref}"]
        names = full if ref else ["HEAD"]
        said = self._run("ls-remote", "--quiet", "--", self._url, *names)
        lines = (line.partition("\t") for line in said.splitlines())
        found = {name: oid for oid, _, name in lines}
        oid = next((found[name] for name in names if name in found), "")
        if not _OID.fullmatch(oid):
            what = f"`{ref}`" if ref else "HEAD"
            raise UnavailableError(f"the repository has no {what}", hint="name a branch or a tag that is there")
        return oid

    def fetch(self, oid: str, *, whole: bool = False, small: bool = False) -> str:
        """Bring one commit, with its history when `whole`; the commit's id. `small`: without large files, if it can."""
        self._run("init", "--quiet", "--template=", f"--object-format={'sha256' if len(oid) == 64 else 'sha1'}", ".")
        depth = () if whole else ("--depth=1",)
        words = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", *depth)
        self._run("fetch", *words, *(("--filter=blob:limit=4m",) if small else ()), "--", self._url, oid)
        commit = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{oid}^{{commit}}").strip()
        if not _OID.fullmatch(commit):
            raise UnavailableError("the repository gave something else than a commit", hint="name a commit")
        return commit

    def _run(self, *words: str) -> str:
        process = subprocess.Popen(
            [self._git, *_FLAGS, *words],
            cwd=self._folder,
            env=_environment(self._folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with process:
            try:
                out, err = self._listen(process)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != 0:
            raise UnavailableError(f"git could not reach it: {_reason(err)}", hint="see that the address answers")
        return out.decode("utf-8", "replace")

    def _listen(self, process: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
        until = time.monotonic() + self._seconds
        heard: dict[str, bytearray] = {"out": bytearray(), "err": bytearray()}
        with selectors.DefaultSelector() as selector:
            for name, stream in (("out", process.stdout), ("err", process.stderr)):
                if stream is not None:
                    selector.register(stream, selectors.EVENT_READ, name)
            while selector.get_map():
                for key, _ in selector.select(_TICK):
                    chunk = os.read(key.fd, 1 << 16)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    heard[key.data] += chunk
                if time.monotonic() > until:
                    raise UnavailableError(f"git did not end within {self._seconds:g} s", hint="run it again later")
                if len(heard["out"]) > MOST_SAID or len(heard["err"]) > MOST_SAID or _size(self._folder) > self._most:
                    raise UnavailableError("it gives more than tidegate takes", hint="clone it, and name the folder")
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            raise UnavailableError("git did not end", hint="run it again later") from None
        return bytes(heard["out"]), bytes(heard["err"])


def _environment(folder: Path) -> Mapping[str, str]:
    env = environment(folder)
    del env["GIT_WORK_TREE"]
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    if "SSL_CERT_FILE" in passed:  # what the rest of tidegate trusts; git asks another variable
        passed.setdefault("GIT_SSL_CAINFO", passed["SSL_CERT_FILE"])
    return env | passed | {"GIT_DIR": str(folder / ".git"), "GIT_ALLOW_PROTOCOL": "https:file", "GIT_ASKPASS": ""}


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def _reason(err: bytes) -> str:
    lines = [line for line in err.decode("utf-8", "replace").splitlines() if line.startswith(("fatal:", "error:"))]
    said = lines[0] if lines else "no reason given"
    return "".join(char for char in said if char.isprintable())[:200]
