"""Image references as a Dockerfile writes them, with its arguments put in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.formats.locks import pins
from tidegate.model.digest import Digest

_VARIABLE = re.compile(r"\$(?:(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<more>[^{}]*)\})")
_HOST = re.compile(r"(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](?::[0-9]{1,5})?")
_PATH = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Image:
    """`host` is "" where the builder's own default registry is meant; `digest` None where there is none.

    `bad` is what stands in a digest's place and is none.
    """

    host: str
    path: str
    tag: str = ""
    digest: Digest | None = None
    bad: str = ""

    @property
    def name(self) -> str:
        return f"{self.host}/{self.path}" if self.host else self.path


def expand(text: str, arguments: Mapping[str, str | None]) -> str | None:
    """`$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}` put in; None where one has no value or another form."""
    for _ in range(_DEPTH):
        match = _VARIABLE.search(text)
        if match is None:
            return None if "$" in text else text
        value = arguments.get(match["plain"] or match["name"])
        more = match["more"] or ""
        if more.startswith((":-", "-")):
            value = value or more.lstrip(":").removeprefix("-")
        elif more.startswith((":+", "+")):
            value = more.lstrip(":").removeprefix("+") if value else ""
        elif more:
            return None
        if value is None or len(text) > 4096:
            return None
        text = text[: match.start()] + value + text[match.end() :]
    return None


def read(text: str) -> Image | None:
    """`[host[:port]/]path[:tag][@digest]` (distribution "reference"); None when it is no image name."""
    rest, at, written = text.partition("@")
    digest = pins.digest(written) if at else None
    head, slash, tail = rest.partition("/")
    host = ""
    if slash and ("." in head or ":" in head or head == "localhost" or head != head.lower()):
        host, rest = head.lower(), tail
    path, colon, tag = rest.partition(":")
    if not _PATH.fullmatch(path) or len(path) > 255 or (host and not _HOST.fullmatch(host)):
        return None
    if colon and not _TAG.fullmatch(tag):
        return None
    good = digest if digest is not None and digest.strong else None
    return Image(host, path, tag, good, written[:200] if at and good is None else "")
