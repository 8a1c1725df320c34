"""A project's page of a Python index as JSON (PEP 691, with PEP 700, 740 and 792) becomes a Project."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from tidegate.errors import FormatError
from tidegate.formats.locks.shape import table, tables, text
from tidegate.model.publication import Evidence, IndexFile, Project, Published

KINDS = ("application/vnd.pypi.simple.v1+json",)
MAX_FILES = 100_000
_ATTESTS = (1, 3)
"""From this version of the interface on, a file without `provenance` is one without attestations (PEP 740)."""


@dataclass(slots=True)
class _Release:
    files: list[IndexFile] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def project(plain: object, name: str) -> Project:
    """Read the page of the project called `name` (normalised). Raises FormatError for anything that is not it.

    Files whose name tells no version (old installers) belong to no release here.
    """
    page = table(plain, "the page")
    version = _api(page)
    if canonicalize_name(text(page.get("name"), "`name`")) != name:
        raise FormatError("the page is of another project than was asked for")
    files = tables(page.get("files"), "`files`")
    if page.get("files") is None or len(files) > MAX_FILES:
        raise FormatError(f"the page has no `files`, or more than {MAX_FILES}")
    attests = version >= _ATTESTS or any("provenance" in file for file in files)
    status = table(page.get("project-status"), "`project-status`")
    releases = _releases(files, name)
    return Project(
        "PyPI",
        name,
        tuple(_published(version, one, attests) for version, one in releases.items()),
        text(status.get("status"), "`status`") or "active",
        text(status.get("reason"), "`reason`"),
    )


def _api(page: Mapping[str, object]) -> tuple[int, int]:
    written = text(table(page.get("meta"), "`meta`").get("api-version"), "`api-version`")
    major, _, minor = written.partition(".")
    if not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()) or len(written) > 9:
        raise FormatError("the page does not say its `api-version`")
    if major != "1":
        raise FormatError(f"the page is of version {written}, which nobody here can read")
    return 1, int(minor)


def _releases(files: Iterable[dict[str, object]], name: str) -> dict[Version, _Release]:
    releases: dict[Version, _Release] = {}
    for file in files:
        filename = text(file.get("filename"), "`filename`")
        version = version_of(filename, name)
        if version is None:
            continue
        yanked = file.get("yanked", False)
        if not isinstance(yanked, bool | str):
            raise FormatError("`yanked` is neither a truth value nor a reason")
        release = releases.setdefault(version, _Release())
        provenance = text(file.get("provenance"), "`provenance`")
        # A reason may be empty, and the file is withdrawn all the same (PEP 592).
        withdrawn = yanked is not False
        release.files.append(IndexFile(filename, text(file.get("upload-time"), "`upload-time`"), withdrawn, provenance))
        if isinstance(yanked, str) and yanked:
            release.reasons.append(yanked)
    return releases


def version_of(filename: str, name: str) -> Version | None:
    """The version in a wheel's or source archive's name; None for other files and for those of another project."""
    try:
        if filename.endswith(".whl"):
            owner, version, _, _ = parse_wheel_filename(filename)
        else:
            owner, version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        return None
    return version if owner == name else None


def _published(version: Version, release: _Release, attests: bool) -> Published:
    files = release.files
    times = [file.uploaded for file in files]
    attested = sum(bool(file.provenance) for file in files)
    evidence = Evidence.PARTLY
    if attested in (0, len(files)):
        evidence = Evidence.PROVENANCE if attested else Evidence.NONE
    return Published(
        str(version),
        time=max(times) if all(times) else "",
        yanked=all(file.yanked for file in files),
        reason=release.reasons[0] if release.reasons else "",
        evidence=evidence if attests else None,
        files=tuple(files),
        prerelease=version.is_prerelease,
    )
