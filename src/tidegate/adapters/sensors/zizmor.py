"""zizmor as a sensor: it sees exactly the files it is given, nothing in them configures it, and what it skips is told.

Files are written under neutral names into a private folder, so neither a path nor a neighbouring file of the repository
can reach it. A planted workflow travels in every call; a call that does not report it proves nothing.
"""

import re
import secrets
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.specifiers import SpecifierSet

from tidegate.adapters.sensors import child, zizmor_binary, zizmor_output
from tidegate.errors import ToolMissing, UnavailableError
from tidegate.ports import Sensed, Sensing

VERSIONS = SpecifierSet("~=1.32")
FLAGS = (
    "--offline",
    "--no-config",
    "--no-ignores",
    "--strict-collection",
    "--collect=all",
    "--persona=auditor",
    "--no-progress",
    "--color=never",
    "--format=json-v1",
)
BATCH = 500
ASKED_WHY = 5
LEFT_OUT = "zizmor leaves it out without saying why"
MOST_OUTPUT = 32 * 1024 * 1024
# One call gets this share of the time, so that a file that hangs the sensor can be told from the others.
SHARE = 10
# 0 is not among them: the planted workflow's finding is high, so a call that sees it ends with 14.
COMPLETED_CODES = frozenset({0, 11, 12, 13, 14})
CANARY = b"""\
on: pull_request_target
permissions: write-all
jobs:
  canary:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.pull_request.title }}"
"""
CANARY_RULES = frozenset({"excessive-permissions", "template-injection", "dangerous-triggers"})
_HINT = "run `python -m pip install --force-reinstall 'zizmor~=1.32'` and try again"


@dataclass(frozen=True, slots=True)
class _Call:
    """One call's answer; `failed` says why it is none."""

    sensed: tuple[Sensed, ...] = ()
    completed: frozenset[str] = frozenset()
    failed: str = ""


@dataclass(slots=True)
class _Tally:
    sensed: list[Sensed] = field(default_factory=list)
    completed: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


class Zizmor:
    """The sensor behind `ports.Sensor`. `timeout` is in seconds and bounds the whole of one `sense`."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout

    def sense(self, files: Mapping[str, bytes]) -> Sensing:
        """Scan these files. Raises ToolMissing, or UnavailableError when an answer cannot be relied on."""
        tool = zizmor_binary.find()
        if tool.version not in VERSIONS:
            raise ToolMissing(f"zizmor {tool.version} is not {VERSIONS}", hint=_HINT)
        session = _Session(tool.path, self.timeout)
        tally = _Tally()
        known = {path: raw for path, raw in sorted(files.items()) if _kind(path)}
        tally.refused.update({path: "not a file zizmor reads" for path in files if path not in known})
        paths = list(known)
        if not paths:
            session.trust()
        for start in range(0, len(paths), BATCH):
            session.scan({path: known[path] for path in paths[start : start + BATCH]}, tally)
        return Sensing(
            tool="zizmor",
            version=tool.version,
            digest=str(tool.digest),
            completed=frozenset(tally.completed),
            refused=dict(sorted(tally.refused.items())),
            sensed=tuple(sorted(tally.sensed, key=_order)),
        )


class _Session:
    """The calls of one `sense`, under one deadline."""

    def __init__(self, binary: Path, timeout: float) -> None:
        self.binary = binary
        self.trusted = False
        self.each = timeout / SHARE
        self.deadline = time.monotonic() + timeout

    def trust(self) -> None:
        """The planted workflow alone: when this fails the tool is at fault, not a file."""
        call = self._call({})
        if call.failed:
            raise UnavailableError(f"zizmor does not work: {call.failed}", hint=_HINT)
        self.trusted = True

    def scan(self, files: Mapping[str, bytes], tally: _Tally) -> None:
        """Scan a group; when the call fails, part it until the files at fault stand alone."""
        if not files:
            return
        call = self._call(files)
        if call.failed and not self.trusted:
            self.trust()
        if not call.failed and call.completed >= files.keys():
            tally.sensed.extend(call.sensed)
            tally.completed.update(call.completed)
        elif len(files) == 1:
            tally.refused[next(iter(files))] = call.failed or LEFT_OUT
        else:
            for part in self._parts(files, tally):
                self.scan(part, tally)

    def _parts(self, files: Mapping[str, bytes], tally: _Tally) -> list[dict[str, bytes]]:
        """Files a lenient call leaves out, one by one, and the others; without an answer, two halves.

        Only the first few are asked why: a repository with very many broken files must not use up the time.
        """
        lenient = self._call(files, strict=False)
        suspects = [path for path in files if path not in lenient.completed]
        if lenient.failed or not suspects:
            middle = len(files) // 2
            return [dict(list(files.items())[:middle]), dict(list(files.items())[middle:])]
        tally.refused.update(dict.fromkeys(suspects[ASKED_WHY:], LEFT_OUT))
        good = {path: raw for path, raw in files.items() if path in lenient.completed}
        return [good, *({path: files[path]} for path in suspects[:ASKED_WHY])]

    def _call(self, files: Mapping[str, bytes], *, strict: bool = True) -> _Call:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise UnavailableError("zizmor did not finish in time", hint="raise `limits.deadline` and run again")
        with tempfile.TemporaryDirectory(prefix="tidegate-") as name:
            folder, nonce = Path(name), secrets.token_hex(8)
            written = {_place(nonce, i, path): path for i, path in enumerate(files, start=1)}
            canary = f"{nonce}/.github/workflows/0.yml"
            for place, raw in {canary: CANARY, **{place: files[path] for place, path in written.items()}}.items():
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(raw)
            flags = FLAGS if strict else tuple(flag for flag in FLAGS if flag != "--strict-collection")
            argv = [str(self.binary), *flags, "--", canary, *written]
            env = {"HOME": name, "TMPDIR": name, "LC_ALL": "C.UTF-8"}
            try:
                ended = child.run(argv, folder=folder, env=env, seconds=min(left, self.each), most=MOST_OUTPUT)
            except OSError as error:
                raise ToolMissing(f"zizmor does not start: {error.strerror}", hint=_HINT) from error
        return _read(ended, canary, written, files)


def _read(ended: child.Ended, canary: str, written: Mapping[str, str], files: Mapping[str, bytes]) -> _Call:
    """Believe a call only when it ended as documented and reported the planted workflow."""
    if ended.failed:
        return _Call(failed=ended.failed)
    if ended.code not in COMPLETED_CODES:
        reason = zizmor_output.reason(ended.err, written)
        return _Call(failed=reason or f"it ended with code {ended.code}")
    texts = {canary: CANARY, **{place: files[path] for place, path in written.items()}}
    sensed = zizmor_output.parse(ended.out, texts)
    completed = zizmor_output.completed(ended.err) & set(texts)
    seen = {each.ident for each in sensed if each.path == canary}
    if canary not in completed or not seen >= CANARY_RULES:
        return _Call(failed="it did not report the planted workflow")
    return _Call(
        sensed=tuple(zizmor_output.renamed(each, written[each.path]) for each in sensed if each.path != canary),
        completed=frozenset(written[place] for place in completed if place != canary),
    )


def _kind(path: str) -> str:
    """The file name that makes zizmor read a path as what it is, "" when it reads no such file."""
    name = path.rpartition("/")[2]
    if re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml", path, re.IGNORECASE):
        return "workflow"
    if re.fullmatch(r"\.github/dependabot\.ya?ml", path):
        return "dependabot.yml"
    if name in {"action.yml", "action.yaml", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml"}:
        return name
    return ""


def _place(nonce: str, index: int, path: str) -> str:
    kind = _kind(path)
    if kind == "workflow":
        return f"{nonce}/.github/workflows/{index}.yml"
    folder = f"{nonce}/{index}/.github" if kind == "dependabot.yml" else f"{nonce}/{index}"
    return f"{folder}/{kind}"


def _order(each: Sensed) -> tuple[str, int, int, str, str]:
    return (each.path, each.line or 0, each.column or 0, each.ident, each.subject)
