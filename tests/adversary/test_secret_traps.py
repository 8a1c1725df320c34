"""A token is found wherever it lies in the tree: in every encoding, name, archive and kind of file."""

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from support.repositories import Repository
from support.secret_search import found, searched, token

Trap = Callable[[str], dict[str, bytes]]
"""Files (path, content) that hide a token."""


def line(value: str) -> bytes:
    return f"api_token = {value}\n".encode()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def noise(size: int) -> bytes:
    """Text of one line without a credential."""
    return " ".join(f"w{number}" for number in range(size // 6)).encode()[:size]


def minified(value: str) -> bytes:
    code = ";".join(f"var a{n}=function(b){{return b+{n}}}" for n in range(20_000))
    return f"{code};var k={{token:'{value}'}};{code}".encode()


def notebook(value: str) -> bytes:
    cell = {"cell_type": "code", "source": ["import os\n", f"TOKEN = '{value}'\n"], "outputs": []}
    return json.dumps({"cells": [cell], "nbformat": 4}).encode()


TRAPS: dict[str, Trap] = {
    "base64": lambda t: {"a.txt": base64.b64encode(b"see: " + line(t)) + b"\n"},
    "base64 in base64": lambda t: {"a.yml": b"data: " + base64.b64encode(base64.b64encode(line(t))) + b"\n"},
    "base64 of the url kind": lambda t: {"a.txt": base64.urlsafe_b64encode(b"x" + line(t) * 2)},
    "base64 in lines": lambda t: {"a.txt": base64.encodebytes(b"header\n" * 9 + line(t) + b"trailer\n" * 9)},
    "base64 given to a password": lambda t: {"a.py": b"password = '" + base64.b64encode(line(t)) + b"'\n"},
    "an address nobody has": lambda t: {"a.txt": f"https://x:{t}@x.example/\n".encode()},
    "hexadecimal": lambda t: {"a.txt": b"dump: " + line(t).hex().encode()},
    "percent": lambda t: {"a.txt": ("q=" + "".join(f"%{byte:02x}" for byte in line(t))).encode()},
    "percent of the rest": lambda t: {"a.txt": f"https://x.example/?token={quote(t, safe='')}%26a%3D1".encode()},
    "deflated zip": lambda t: {"a.zip": zipped({"in/a.txt": line(t)})},
    "a non-utf-8 byte": lambda t: {"a.txt": b"\xfd caf\xe9\n" + line(t)},
    "a mark that is a lie": lambda t: {"a.txt": b"\xff\xfe" + line(t)},
    "a mark of utf-32 that is a lie": lambda t: {"a.txt": b"\xff\xfe\0\0" + line(t)},
    "a mark, and a byte too many": lambda t: {"a.txt": b"\xff\xfe\n" + line(t).decode().encode("utf-16-le")},
    "utf-16 that becomes plain": lambda t: {"a.txt": noise(6000).decode().encode("utf-16-le") + line(t)},
    "a latin-1 comment": lambda t: {"a.py": "# café\n".encode("latin-1") + line(t)},
    "a NUL byte": lambda t: {"a.txt": b"a\0b\n" + line(t)},
    "a binary file": lambda t: {"a.bin": bytes(range(256)) * 20 + t.encode() + bytes(range(256)) * 20},
    "utf-16 le with a mark": lambda t: {"a.txt": b"\xff\xfe" + line(t).decode().encode("utf-16-le")},
    "utf-16 be with a mark": lambda t: {"a.txt": b"\xfe\xff" + line(t).decode().encode("utf-16-be")},
    "utf-16 le without": lambda t: {"a.txt": line(t).decode().encode("utf-16-le")},
    "utf-16 be without": lambda t: {"a.txt": line(t).decode().encode("utf-16-be")},
    "utf-16 inside a binary file": lambda t: {
        "a.exe": b"\x7fELF" + bytes(range(200, 255)) * 90 + t.encode("utf-16-le") + bytes(range(200, 255)) * 9
    },
    "utf-32": lambda t: {"a.txt": line(t).decode().encode("utf-32")},
    "a lock file": lambda t: {"poetry.lock": line(t)},
    "a style sheet": lambda t: {"a.css": f"a {{ background: url(https://x.example/?k={t}) }}".encode()},
    "a picture": lambda t: {"a.svg": f"<svg><!-- {t} --></svg>".encode()},
    "a source map": lambda t: {"a.js.map": json.dumps({"sourcesContent": [f"k='{t}'"]}).encode()},
    "a sum file": lambda t: {"go.sum": line(t)},
    "a path with swagger": lambda t: {"swagger/swagger-ui.js": line(t)},
    "a non-ascii file name": lambda t: {"süß/ключ.txt": line(t)},
    "a file name of quotes and blanks": lambda t: {"a \"b\"\t'c'.txt": line(t)},
    "a yaml list item": lambda t: {"a.yaml": f"a: b\nkeys:\n  - {t}\n".encode()},
    "a yaml comment": lambda t: {"a.yaml": f"a: b  # {t}\n".encode()},
    "an ini comment": lambda t: {"a.ini": f"[a]\nb = c\n; {t}\n".encode()},
    "an indirect reference": lambda t: {"a.py": f"client = connect('s3', token='{t}')[0]\n".encode()},
    "unquoted": lambda t: {".env": f"TOKEN={t}\n".encode()},
    "single quotes": lambda t: {"a.rb": f"token = '{t}'\n".encode()},
    "backquotes": lambda t: {"a.js": f"const t = `{t}`\n".encode()},
    "crlf": lambda t: {"a.txt": b"one\r\ntoken: " + t.encode() + b"\r\ntwo\r\n"},
    "cr alone": lambda t: {"a.txt": b"one\rtoken: " + t.encode() + b"\rtwo\r"},
    "a very long line": lambda t: {"a.txt": noise(300_000) + b" " + t.encode() + b" " + noise(300_000)},
    "the edge of a window": lambda t: {f"{n}.txt": noise(n) + b" " + t.encode() + b" " + noise(3000) for n in (2030,)},
    "minified javascript": lambda t: {"a.min.js": minified(t)},
    "a notebook": lambda t: {"a.ipynb": notebook(t)},
    "gzip in tar": lambda t: {"a.tar": tarred({"b.txt.gz": gzip.compress(line(t))})},
    "gzip alone": lambda t: {"dump.sql.gz": gzip.compress(line(t))},
    "gzip under another name": lambda t: {"data.bin": gzip.compress(line(t))},
    "bzip2 alone": lambda t: {"a.bz2": bz2.compress(line(t))},
    "xz alone": lambda t: {"a.xz": lzma.compress(line(t))},
    "wheel in zip": lambda t: {"a.zip": zipped({"x-1-py3-none-any.whl": zipped({"x/y.py": line(t)})})},
    "tgz in tar in zip": lambda t: {
        "a.zip": zipped({"b.tar": tarred({"c.tgz": gzip.compress(tarred({"d": line(t)}))})})
    },
    "an archive under another name": lambda t: {"report.docx": zipped({"word/document.xml": line(t)})},
    "a zip behind a picture": lambda t: {"a.png": b"\x89PNG\r\n\x1a\n" + noise(4000) + zipped({"a": line(t)})},
    "the name of a member": lambda t: {"a.zip": zipped({f"keys/{t}": b""})},
    "the name of a file": lambda t: {f"keys-{t}.txt": b"nothing\n"},
    "base64 in an archive": lambda t: {"a.zip": zipped({"a": base64.b64encode(line(t))})},
    "an image as data": lambda t: {"a.html": b"<img src='data:x;base64," + base64.b64encode(line(t) * 3) + b"'>"},
}


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.write("README.md", b"nothing here\n")
    made.commit("start")
    return made


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_seen_in_a_repository_and_in_a_plain_folder(trap: str, repo: Repository, tmp_path: Path) -> None:
    value = token(random.Random().randrange(1 << 30))
    plain = tmp_path / "plain"
    for path, data in TRAPS[trap](value).items():
        repo.write(path, data)
        (plain / path).parent.mkdir(parents=True, exist_ok=True)
        (plain / path).write_bytes(data)
    assert found(searched(plain), value)
    assert found(searched(repo.root), value)
    repo.commit()
    assert found(searched(repo.root), value)


def test_a_token_is_seen_at_every_place_of_a_window(tmp_path: Path) -> None:
    value = token(7)
    for at in (*range(960, 1090, 7), *range(2000, 2060, 3), 4090, 8190):
        (tmp_path / f"{at}.txt").write_bytes(noise(at) + b" " + value.encode() + b" " + noise(5000))
    assert len(found(searched(tmp_path), value)) == len(list(tmp_path.iterdir()))


def test_an_ignored_file_that_is_tracked_is_searched(repo: Repository) -> None:
    repo.write(".gitignore", b"*.env\n")
    repo.write("local.env", line(token()))
    assert not found(searched(repo.root), token())
    repo.git("add", "-f", "local.env")
    repo.git("commit", "-q", "-m", "x")
    assert found(searched(repo.root), token()) == ["local.env"]


def test_what_attributes_say_of_a_file_changes_nothing(repo: Repository) -> None:
    for number, words in enumerate(
        ("-diff", "binary", "export-ignore", "filter=evil diff=evil", "-text eol=crlf ident")
    ):
        repo.write(f"{number}.txt", line(token(number)))
        with (repo.root / ".gitattributes").open("a") as attributes:
            attributes.write(f"{number}.txt {words}\n")
    repo.git("config", "filter.evil.clean", "sed s/.*//")
    repo.git("config", "filter.evil.smudge", "sed s/.*//")
    repo.git("config", "diff.evil.textconv", "true")
    report = searched(repo.root)
    assert [found(report, token(number)) for number in range(5)] == [[f"{number}.txt"] for number in range(5)]


def test_the_target_of_a_link_is_text_and_is_not_followed(repo: Repository, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(line(token(2)))
    (repo.root / "link").symlink_to(f"https://x.example/{token(1)}")
    (repo.root / "out").symlink_to(tmp_path / "outside")
    report = searched(repo.root)
    assert found(report, token(1)) == ["link"]
    assert not found(report, token(2))
    assert {finding.rule for finding in report.findings} == {"secret-in-tree", "link-unscanned"}
    repo.commit()
    assert [finding.rule for finding in searched(repo.root).findings] == ["secret-in-tree"]


def test_an_executable_is_searched(repo: Repository) -> None:
    repo.write("run", b"#!/bin/sh\ncurl -H 'Authorization: token " + token().encode() + b"'\n")
    (repo.root / "run").chmod(0o755)
    repo.commit()
    assert found(searched(repo.root), token()) == ["run"]


def test_what_the_index_holds_is_searched_where_the_working_tree_is_clean(repo: Repository) -> None:
    repo.write("a.txt", line(token(1)))
    repo.commit()
    repo.write("a.txt", line(token(2)))
    repo.git("add", "-A")
    repo.write("a.txt", b"clean\n")
    for flag in ("--assume-unchanged", "--skip-worktree"):
        repo.git("update-index", flag, "a.txt")
        report = searched(repo.root)
        assert found(report, token(1)) == found(report, token(2)) == ["a.txt"]


def test_a_file_above_every_piece_is_searched_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "huge.bin").open("wb") as stream:
        for seed, at in ((1, 0), (2, (16 << 20) - 20), (3, (48 << 20) + 7), (4, (65 << 20))):
            stream.seek(at)
            stream.write(b"\n" + token(seed).encode() + b"\n")
    report = searched(tmp_path)
    assert [found(report, token(seed)) for seed in range(1, 5)] == [["huge.bin"]] * 4


def test_an_archive_larger_than_a_piece_is_opened(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("pad", os.urandom(17 << 20))
        archive.writestr("a.txt", line(token()), zipfile.ZIP_DEFLATED)
    (tmp_path / "a.zip").write_bytes(out.getvalue())
    assert found(searched(tmp_path), token()) == ["a.zip!/a.txt"]
