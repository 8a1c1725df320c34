"""Installed and vendored Python packages, by the metadata they carry (`*.dist-info/METADATA`, egg-info)."""

import re
from collections.abc import Iterator

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement

from tidegate.errors import FormatError
from tidegate.formats.inside.detector import Detector, package
from tidegate.formats.python_names import canonicalize_name
from tidegate.model.package import Locked

LIMIT = 1 << 20
MAX_LINES = 20_000
MAX_FIELDS = 200
MAX_LINE = 64 << 10
MAX_REQUIREMENT = 10_000

_PATH = re.compile(r"(?:^|/)(?:[^/]+\.dist-info/METADATA|[^/]+\.egg-info/PKG-INFO|EGG-INFO/PKG-INFO|[^/]+\.egg-info)$")
_SDIST = re.compile(r"[^/]+/PKG-INFO")
_VENDOR_LIST = re.compile(r"(?:^|/)_vendor/(?:vendor|vendored)\.txt$")
_PIN = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?)\s*==\s*([A-Za-z0-9.!+_-]{1,100})\s*([;#].*)?")


def headers(raw: bytes) -> bytes:
    """The header fields of core metadata, without the description that may follow them, within what is bearable.

    Raises FormatError.
    """
    # A carriage return alone ends a line, too, for the reader of electronic mail every installer uses.
    text = raw[: LIMIT + 1].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    end = text.find(b"\n\n")
    if end < 0 and len(raw) > LIMIT:
        raise FormatError(f"the header fields do not end within {LIMIT >> 20} MiB")
    lines = (text if end < 0 else text[: end + 1]).split(b"\n")
    # The standard library's reader takes time that grows with the square of these.
    if len(lines) > MAX_LINES or len({line.partition(b":")[0] for line in lines if line[:1] > b" "}) > MAX_FIELDS:
        raise FormatError(f"there are more than {MAX_LINES} header lines or {MAX_FIELDS} fields")
    if any(len(line) > MAX_LINE for line in lines):
        raise FormatError(f"a header line is longer than {MAX_LINE >> 10} KiB")
    cut = b"\n".join(lines)
    if b"\0" in cut:
        raise FormatError("there is a NUL in the header fields")
    return cut


def _read(_path: str, raw: bytes) -> Iterator[Locked]:
    """Core metadata (packaging.python.org); one name, one version, and the distributions it requires."""
    try:
        fields, unparsed = parse_email(headers(raw))
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
        raise FormatError("is not core metadata") from error
    if {"name", "version"} & unparsed.keys():
        raise FormatError("name or version cannot be read or is given twice")
    yield package(
        "PyPI",
        fields.get("name", ""),
        fields.get("version", ""),
        requires=_names(fields.get("requires_dist", [])),
        licence=fields.get("license_expression", "") or fields.get("license", "").partition("\n")[0],
    )


def _names(wanted: list[str]) -> Iterator[str]:
    """Names of what it needs in any case: requirements of extras are left out, and so are those nobody can read."""
    for text in wanted:
        if len(text) > MAX_REQUIREMENT:
            continue
        try:
            requirement = Requirement(text)
        except (InvalidRequirement, RecursionError):
            continue
        if requirement.marker is None or "extra" not in str(requirement.marker):
            yield canonicalize_name(requirement.name)


def _read_list(_path: str, raw: bytes) -> Iterator[Locked]:
    """`_vendor/vendor.txt` as the `vendoring` tool keeps it: one pin a line, indented below who needs it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("is not UTF-8") from None
    for line in text.splitlines():
        match = _PIN.fullmatch(line)
        if match:
            yield package("PyPI", match[1], match[2])


DIST_INFO = Detector(
    how="dist-info", wants=lambda path, _head: _PATH.search(path) is not None, limit=LIMIT + 1, read=_read, head=True
)
SDIST = Detector(
    how="dist-info",
    wants=lambda path, _head: _SDIST.fullmatch(path) is not None,
    limit=LIMIT + 1,
    read=_read,
    head=True,
)
VENDORED = Detector(
    how="vendored", wants=lambda path, _head: _VENDOR_LIST.search(path) is not None, limit=LIMIT, read=_read_list
)
