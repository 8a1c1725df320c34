"""The demo's story: one release that passes and verifies, then five poisoned twins that do not."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tidegate.cli.demo import sample
from tidegate.model.verdict import ExitCode

ADVISORIES = Path(__file__).resolve().parent / "advisories"


@dataclass(frozen=True, slots=True)
class Twin:
    """A poisoned release: what was done to it, how it is made, and the command that must shut."""

    title: str
    make: Callable[[Path], None]
    command: Callable[[Path], list[str]]


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave the sample release where it is, to play with.")
def demo_command(keep: bool) -> int:
    """Show the gate open and shut on a sample release, offline, in a temporary folder.

    A small project is written (git repository, lockfile, workflow, wheel and sdist), passes the gate and verifies.
    Five poisoned twins follow: a planted credential, a vulnerable dependency, an over-powered token, a tampered
    artifact and an unsigned one. Each must shut the gate.
    """
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="tidegate-demo-"))
    try:
        told = _story(folder)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    click.echo(f"\n{'=' * 78}")
    for title, expected, code in told:
        click.echo(f"  {'as promised' if code == expected else 'NOT AS PROMISED':16} exit {code}  {title}")
    click.echo(f"  in {time.monotonic() - started:.1f} s" + (f", kept in {folder}" if keep else ""))
    return ExitCode.OPEN if all(code == expected for _, expected, code in told) else ExitCode.UNDECIDED


def _story(folder: Path) -> list[tuple[str, int, int]]:
    good = folder / "release"
    made = sample.Sample(good)
    made.commit("release 1.0.0")
    told = [_step("a sample release: examined, signed, proven", good, _check(good), 0)]
    told.append(_step("the same release before deployment", good, _verify(good), 0))
    for number, twin in enumerate(TWINS, 1):
        root = folder / f"twin-{number}"
        if twin.make is _tampered:
            shutil.copytree(good, root, symlinks=True)
        twin.make(root)
        told.append(_step(f"twin {number}: {twin.title}", root, twin.command(root), 1))
    return told


def _step(title: str, root: Path, command: Sequence[str], expected: int) -> tuple[str, int, int]:
    click.echo(f"\n{'=' * 78}\n{title}\n$ tidegate {' '.join(_short(word, root) for word in command)}\n")
    sys.stdout.flush()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIDEGATE_")}
    done = subprocess.run([sys.executable, "-P", "-m", "tidegate", *command], cwd=root, env=environment, check=False)
    return title, expected, done.returncode


def _short(word: str, root: Path) -> str:
    return "ADVISORIES" if word == str(ADVISORIES) else word.removeprefix(f"{root}/")


def _check(root: Path) -> list[str]:
    signing = ["--key", str(root / "keys/build.key"), "--verdict-key", str(root / "keys/gate.key")]
    return ["check", "--database", str(ADVISORIES), *signing]


def _unsigned(_root: Path) -> list[str]:
    return ["check", "--database", str(ADVISORIES)]


def _verify(_root: Path) -> list[str]:
    return ["verify", f"dist/{sample.WHEEL}", "--evidence", ".tidegate", "--policy", "tidegate.yaml"]


def _credential(root: Path) -> None:
    made = sample.Sample(root)
    made.write("src/settings.py", sample.planted())
    made.commit("release 1.0.0")


def _vulnerable(root: Path) -> None:
    sample.Sample(root, versions=sample.VULNERABLE).commit("release 1.0.0")


def _overpowered(root: Path) -> None:
    sample.Sample(root, workflow=sample.OVERPOWERED).commit("release 1.0.0")


def _tampered(root: Path) -> None:
    """One byte of the wheel, after it passed the gate."""
    path = root / "dist" / sample.WHEEL
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def _plain(root: Path) -> None:
    sample.Sample(root).commit("release 1.0.0")


TWINS = (
    Twin("a credential was committed", _credential, _check),
    Twin("a dependency with a known vulnerability is locked", _vulnerable, _check),
    Twin("the workflow's token may write everything", _overpowered, _check),
    Twin("one byte of the artifact changed after the gate", _tampered, _verify),
    Twin("nobody signed it", _plain, _unsigned),
)
