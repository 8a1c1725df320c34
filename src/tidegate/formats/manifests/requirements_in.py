"""requirements*.in: the wishes pip-compile and `uv pip compile` turn into a requirements file."""

import re
from collections.abc import Collection, Iterator

from packaging.requirements import InvalidRequirement, Requirement

from tidegate.errors import FormatError
from tidegate.formats import repopath
from tidegate.formats.locks.requirements import logical_lines
from tidegate.formats.manifests import candidates
from tidegate.formats.text import decode, shown
from tidegate.model.package import Manifest

FORMAT = "requirements.in"
ECOSYSTEM = "PyPI"
LIMIT = 2 * 1024 * 1024
_NAME = re.compile(r"requirements[^/]*\.in|[^/]*requirements\.in")


def matches(path: str) -> bool:
    """`requirements*.in`, `*requirements.in`, and every `.in` in a folder called `requirements`."""
    folder, _, name = path.rpartition("/")
    return _NAME.fullmatch(name) is not None or (name.endswith(".in") and folder.rpartition("/")[2] == "requirements")


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read the requirements; options and includes ask for nothing by themselves. Raises FormatError."""
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=LIMIT, what="the manifest")
    return Manifest(path, FORMAT, ECOSYSTEM, requires=tuple(_requires(text)), locks=_locks(path, present))


def _requires(text: str) -> Iterator[str]:
    for number, line in logical_lines(text):
        if line.startswith("-"):
            continue
        body = re.split(r"\s--?[A-Za-z]", line, maxsplit=1)[0].strip()
        if body.startswith((".", "/")) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:/", body):
            continue
        try:
            Requirement(body)
        except (InvalidRequirement, ValueError, RecursionError):
            raise FormatError(f"`{shown(body, 80)}` is no requirement", line=number) from None
        yield body


def _locks(path: str, present: Collection[str]) -> tuple[str, ...]:
    stem = path.rsplit("/", 1)[-1].removesuffix(".in")
    folder = repopath.folder(path)
    wanted = [repopath.join(folder, f"{stem}.txt"), repopath.join(folder, f"pylock.{stem}.toml")]
    if stem == "requirements":
        wanted.append(repopath.join(folder, "pylock.toml"))
    near = candidates.beside(path, present)
    return tuple(one for one in wanted if one in near)
