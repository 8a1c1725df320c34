"""setup.cfg is read, setup.py is only detected: it is a program, and nothing examined is ever run."""

import configparser
import re
from collections.abc import Collection, Iterator

from packaging.requirements import InvalidRequirement, Requirement

from tidegate.errors import FormatError
from tidegate.formats import repopath
from tidegate.formats.locks import unread
from tidegate.formats.manifests import candidates
from tidegate.formats.text import decode, shown
from tidegate.model.package import Manifest

FORMAT = "setuptools"
ECOSYSTEM = "PyPI"
LIMIT = 2 * 1024 * 1024
_STUB = re.compile(
    r"\s*(?:(?:import setuptools|from setuptools import setup|import sys|import os)[\s;]*)+"
    r"(?:if __name__ == ['\"]__main__['\"]:\s*)?(?:setuptools\.)?setup\(\s*\)\s*"
)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in {"setup.py", "setup.cfg"}


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read setup.cfg's requirements, or say that setup.py computes its own. Raises FormatError."""
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=LIMIT, what="the manifest")
    locks = candidates.python_locks(path, present)
    requires: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    dynamic = False
    if path.endswith("setup.py"):
        beside = repopath.join(repopath.folder(path), "pyproject.toml") in present
        dynamic = "install_requires" in text if beside else not _is_stub(text)
    else:
        requires, optional = _configured(text)
    asks = bool(requires or optional or dynamic)
    problems = candidates.unread_problem(path, present, locks, unread.PYTHON_LOCKS) if asks else []
    return Manifest(path, FORMAT, ECOSYSTEM, requires, optional, locks, tuple(problems), dynamic=dynamic)


def _is_stub(text: str) -> bool:
    """Nothing but `setup()`: everything is said elsewhere."""
    code = re.sub(r"(?m)^[^\S\n]*#.*$", "", text)
    code = re.sub(r'\A\s*("""[^"\\]*"""|\'\'\'[^\'\\]*\'\'\')', "", code)
    return len(code) < 2000 and _STUB.fullmatch(code) is not None


def _configured(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    reader = configparser.RawConfigParser()
    try:
        reader.read_string(text)
        requires = reader.get("options", "install_requires", fallback="")
        extras = reader.items("options.extras_require") if reader.has_section("options.extras_require") else []
    except configparser.Error as error:
        raise FormatError(f"the manifest is not a setup.cfg: {shown(type(error).__name__)}") from None
    return tuple(_lines(requires)), tuple(one for _, listed in extras for one in _lines(listed))


def _lines(listed: str) -> Iterator[str]:
    for line in re.split(r"[\n;](?=\s*[A-Za-z0-9])" if "\n" not in listed else r"\n", listed):
        written = line.split(" #")[0].strip()
        if not written or written.startswith(("#", "file:")):
            continue
        try:
            Requirement(written)
        except (InvalidRequirement, ValueError, RecursionError):
            raise FormatError(f"`{shown(written, 80)}` is no requirement") from None
        yield written
