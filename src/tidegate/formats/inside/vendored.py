"""Sources other package managers vendored: crates of `cargo vendor`, modules of `go mod vendor`."""

import re
from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats import toml
from tidegate.formats.inside.detector import Detector, package
from tidegate.model.package import Locked

LIMIT = 1 << 20
_CRATE = re.compile(r"(?:^|/)Cargo\.toml$")
_PACKED = re.compile(r"[^/]+/Cargo\.toml")
_MODULES = re.compile(r"(?:^|/)vendor/modules\.txt$")
_MODULE = re.compile(r"# (\S+) (v\S+)(?: => (\S+)(?: (v\S+))?)?")


def _crate(_path: str, raw: bytes) -> Iterator[Locked]:
    """`Cargo.toml` with `[package]`; whether cargo vendored it is told by the checksums beside it."""
    said = toml.loads(raw, limit=LIMIT, what="Cargo.toml").get("package")
    if isinstance(said, dict) and isinstance(said.get("version"), str):
        licence = said.get("license")
        yield package(
            "crates.io", said.get("name"), said["version"], licence=licence if isinstance(licence, str) else ""
        )


def _modules(_path: str, raw: bytes) -> Iterator[Locked]:
    """`# module version`, or `# module version => replacement version` (Go modules reference, "Vendoring")."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("is not UTF-8") from None
    for line in text.splitlines():
        match = _MODULE.fullmatch(line.rstrip())
        if match and match[3] and match[4]:
            yield package("Go", match[3], match[4])
        elif match and not match[3]:
            yield package("Go", match[1], match[2])


CRATES = Detector(
    how="vendored",
    wants=lambda path, _head: _CRATE.search(path) is not None,
    limit=LIMIT,
    read=_crate,
    beside=".cargo-checksum.json",
)
PACKED_CRATE = Detector(
    how="crate",
    wants=lambda path, _head: _PACKED.fullmatch(path) is not None,
    limit=LIMIT,
    read=_crate,
    beside="Cargo.toml.orig",
)
"""A `.crate` as cargo packs it: its rewritten manifest lies beside the original."""
MODULES = Detector(
    how="vendored", wants=lambda path, _head: _MODULES.search(path) is not None, limit=LIMIT, read=_modules
)
