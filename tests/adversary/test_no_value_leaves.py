"""Wherever a credential lies, nothing that tidegate writes holds it, a piece of it, or an encoding of it."""

import base64
import io
import os
import pty
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import crashing_worker
from support.command import check, environment, script, tidegate
from support.tokens import github, images, password
from tidegate.adapters.workers import ProcessWorkers
from tidegate.cli import main, wire
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import SDIST, Sample

FORMATS = ("text", "json", "sarif", "markdown", "github")
BLOCK = {name: github(name) for name in ("tree", "history", "message", "artifact", "name", "folder", "member", "inside",
                                         "coded", "reason", "pair", "staged", "crash")}  # fmt: skip
WARN = {name: password(name) for name in ("tree", "history", "pragma", "piece", "quoted")}
VALUES = {
    **{f"block {name}": value for name, value in BLOCK.items()},
    **{f"warn {name}": v for name, v in WARN.items()},
}


def comment(reason: str) -> str:
    return f"# tidegate:allow secret-suspected reason='{reason}' owner=ann expires=2099-01-01"


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that was written, by where it was written."""
    folder = tmp_path_factory.mktemp("told")
    made = Sample(folder / "release")
    texts: dict[str, str] = {}
    _history(made)
    _tree(made)
    for name, words in {
        "tree": ["secrets", "."],
        "history": ["secrets", "--history"],
        "range": ["secrets", "--range", "HEAD~3..HEAD"],
        "row": ["secrets"],
    }.items():
        outputs = [word for each in FORMATS for word in ("--output", f"{each}={folder / name}.{each}")]
        ended = tidegate("--debug", *words, *outputs, cwd=made.root)
        assert ended.code == 1, (name, ended.err)
        texts |= {f"{name} out": ended.out, f"{name} err": ended.err}
        texts |= {f"{name} {each}": (folder / f"{name}.{each}").read_text() for each in FORMATS}
    ended = check(made.root, "--format", "json")
    assert ended.code == 1
    texts |= {"check out": ended.out, "check err": ended.err}
    for path in sorted((made.root / ".tidegate").rglob("*")):
        if path.is_file():
            texts[f"evidence {path.name}"] = path.read_bytes().decode("latin-1")
    assert any(name.startswith("evidence") for name in texts)
    _baseline(made, texts)
    texts["terminal"] = _terminal(made.root)
    return texts


def _history(made: Sample) -> None:
    made.write(".gitignore", "dist\n.tidegate\n")
    made.commit("base")
    made.write("old.py", f'key = "{BLOCK["history"]}"\npassword = "{WARN["history"]}"\n')
    made.commit("old")
    (made.root / "old.py").unlink()
    made.commit(f"the token was {BLOCK['message']}")


def _tree(made: Sample) -> None:
    lines = [
        f'key = "{BLOCK["tree"]}"  {comment("the token " + BLOCK["reason"] + " is old")}',
        f'password = "{WARN["tree"]}"',
        f'pragma_password = "{WARN["pragma"]}"  {comment("it is " + WARN["pragma"])}',
        comment("it begins with " + WARN["piece"][:12]),
        f'piece_password = "{WARN["piece"]}"',
        f'quoted_password = "{WARN["quoted"]}"  {comment("ends in " + WARN["quoted"][-12:])} {BLOCK["pair"]}',
        f"blob = '{base64.b64encode(('token=' + BLOCK['coded']).encode()).decode()}'",
    ]
    made.write("src/a.py", "\n".join(lines) + "\n")
    made.write(f"src/{BLOCK['name']}.txt", f'password = "{WARN["tree"]}"\n')
    made.write(f"{BLOCK['folder']}/inner/b.py", f'key = "{BLOCK["tree"]}"\n')
    held = archive({f"m/{BLOCK['member']}.txt": f"x = '{BLOCK['inside']}'".encode()})
    (made.root / "data.zip").write_bytes(held)
    made.commit("tree")
    with zipfile.ZipFile(made.root / "dist" / "extra.zip", "w") as artifact:
        artifact.writestr("c.py", f'key = "{BLOCK["artifact"]}"\n')
    made.write("tidegate.yaml", sample.POLICY.replace("dist/*.tar.gz", "dist/*.tar.gz, dist/*.zip"))
    made.commit("policy")


def _baseline(made: Sample, texts: dict[str, str]) -> None:
    for name, words in {
        "adopt": ["adopt", "--owner", "ann", "--reason", "a test of what is written", "--include-block", "--history"],
        "adopt a credential": ["adopt", "--owner", "ann", "--reason", f"it is {BLOCK['reason']}"],
        "show": ["show"],
        "show json": ["show", "--format", "json"],
        "prune": ["prune"],
    }.items():
        ended = tidegate("--debug", "baseline", *words, cwd=made.root)
        assert ended.code == (2 if name == "adopt a credential" else 0), ended.err
        texts |= {f"{name} out": ended.out, f"{name} err": ended.err}
    texts["baseline"] = (made.root / "tidegate-baseline.json").read_text()
    assert texts["baseline"].count('"path"') > 8


def _terminal(root: Path) -> str:
    """What a person sees: colours, excerpts and the line of progress."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [script(), "--debug", "secrets", ".", "--color", "always"],
        cwd=root,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=there,
        stderr=there,
    )
    os.close(there)
    seen = bytearray()
    while True:
        try:
            chunk = os.read(here, 1 << 16)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    process.wait()
    os.close(here)
    assert b"secret-in-tree" in seen
    return seen.decode("latin-1")


def found(texts: dict[str, str], value: str) -> Iterator[str]:
    """Where something of the value is, and what."""
    for name, text in texts.items():
        yield from (f"{name}: …{at}" for at in images(value) if at in text)


@pytest.mark.parametrize(
    "name", [name for name in VALUES if not name.endswith("staged") and not name.endswith("crash")]
)
def test_nothing_that_is_written_holds_a_value(name: str, told: dict[str, str]) -> None:
    assert list(found(told, VALUES[name]))[:3] == []


def test_what_is_looked_for_would_be_seen(told: dict[str, str]) -> None:
    value = BLOCK["tree"]
    for image in (value, value[5:17], value.encode().hex(), base64.b64encode(b"xy" + value.encode()).decode()):
        assert list(found({"x": f"before {image} after"}, value))
    assert "secret-in-history" in told["history json"]
    assert "secret-in-message" in told["history json"]
    assert "secret-suspected" in told["tree json"]
    assert "(secret " in told["tree json"]


def test_a_comment_that_repeats_its_value_accepts_nothing(told: dict[str, str]) -> None:
    assert '"origin": "inline"' not in told["tree json"]
    assert told["row out"].count("accepts nothing") >= 3


def test_a_scanner_that_fails_takes_no_line_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text(f'key = "{BLOCK["crash"]}"  # CRASH\n')
    started = [sys.executable, "-P", crashing_worker.__file__]
    monkeypatch.setattr(wire, "workers", lambda say: ProcessWorkers(started, say=say))
    monkeypatch.setattr(main, "ahead", lambda _words: ())
    monkeypatch.chdir(tmp_path)
    for format_ in FORMATS:
        assert main.run(["--debug", "secrets", "a.py", "--format", format_]) == 3
    out, err = capfd.readouterr()
    assert "ValueError" in out
    assert list(found({"out": out, "err": err}, BLOCK["crash"])) == []


def test_what_is_staged_stays_there(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.commit("base")
    made.write("s.py", f'key = "{BLOCK["staged"]}"\n')
    sample.git(made.root, "add", "s.py")
    ended = tidegate("--debug", "secrets", "--staged", cwd=made.root)
    assert ended.code == 1
    assert list(found({"out": ended.out, "err": ended.err}, BLOCK["staged"])) == []
    assert SDIST not in ended.out
