"""What a wheel, sdist or npm package says of itself, and whether a wheel's RECORD tells the truth."""

import base64
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.metadata import RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.inside.python_packages import MAX_REQUIREMENT, headers
from tidegate.formats.text import shown
from tidegate.formats.wheel_record import rows as record_rows
from tidegate.model.inventory import Member
from tidegate.model.package import Problem
from tidegate.model.release import ArtifactKind

MISSING = "metadata-missing"
MALFORMED = "metadata-malformed"
RECORD = "record-mismatch"
LICENCE = "licence-file-missing"
MAX_METADATA = 16 << 20
MAX_RECORD = 64 << 20
MAX_LICENCES = 100
ROWS_LEFT_OVER = 100
"""A RECORD with more lines than the wheel has members, and these, is about something else."""

ECOSYSTEMS = {ArtifactKind.WHEEL: "PyPI", ArtifactKind.SDIST: "PyPI", ArtifactKind.NPM: "npm"}
_METADATA_VERSION = re.compile(r"([0-9])\.([0-9]{1,2})")
_UNRECORDED = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s"})


@dataclass(frozen=True, slots=True)
class Metadata:
    """`requires` holds PEP 508 strings or `name@range`; empty strings where the package does not say."""

    name: str = ""
    version: str = ""
    licence: str = ""
    requires: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    licence_files: tuple[str, ...] = ()
    """Where the licences lie, below the metadata's own place for them (PEP 639); empty before metadata 2.4."""


def limit_of(kind: ArtifactKind, path: str) -> int:
    """How much of a member to keep for `read`; 0 for members that are no metadata."""
    folder, _, name = path.partition("/")
    if kind is ArtifactKind.WHEEL and folder.endswith(".dist-info"):
        return {"METADATA": MAX_METADATA, "RECORD": MAX_RECORD}.get(name, 0)
    if kind is ArtifactKind.SDIST and name == "PKG-INFO":
        return MAX_METADATA
    return MAX_METADATA if kind is ArtifactKind.NPM and name == "package.json" else 0


def read(artifact: str, kind: ArtifactKind, kept: Mapping[str, bytes], members: Sequence[Member]) -> Metadata:
    """The metadata of one package; `kept` holds the members `limit_of` asked for. Faults become problems."""
    wanted = {ArtifactKind.WHEEL: "METADATA", ArtifactKind.SDIST: "PKG-INFO", ArtifactKind.NPM: "package.json"}.get(
        kind
    )
    if wanted is None:
        return Metadata()
    found = sorted(path for path in kept if path.rpartition("/")[2] == wanted)
    if not found:
        return Metadata(problems=(Problem(MISSING, artifact, f"`{artifact}` holds no `{wanted}`"),))
    if len(found) > 1:
        return Metadata(problems=(Problem(MALFORMED, artifact, f"`{artifact}` holds more than one `{wanted}`"),))
    raw = kept[found[0]]
    try:
        metadata = _package_json(raw) if kind is ArtifactKind.NPM else _core_metadata(raw)
    except FormatError as error:
        return Metadata(problems=(Problem(MALFORMED, artifact, f"`{shown(found[0])}`: {error.message}"),))
    problems = [*metadata.problems, *_named(artifact, kind, metadata)]
    if kind is ArtifactKind.WHEEL:
        folder = found[0].partition("/")[0]
        problems += [*_record(artifact, folder, kept, members), *_licences(f"{folder}/licenses/", metadata, members)]
    elif kind is ArtifactKind.SDIST:
        problems += _licences(f"{found[0].partition('/')[0]}/", metadata, members)
    return Metadata(metadata.name, metadata.version, metadata.licence, metadata.requires, tuple(problems))


def _core_metadata(raw: bytes) -> Metadata:
    """Core metadata 2.x (packaging.python.org), of which only name, version, licence and requirements matter."""
    try:
        fields, unparsed = parse_email(headers(raw))
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
        raise FormatError("is not core metadata") from error
    twice = {"name", "version", "requires-dist"} & unparsed.keys()
    if twice:
        raise FormatError(f"the field `{sorted(twice)[0]}` cannot be read or is given twice")
    name, version = fields.get("name", ""), fields.get("version", "")
    if not name or not version:
        raise FormatError("there is no name or no version")
    try:
        Version(version)
        requires = tuple(_requirement(text) for text in fields.get("requires_dist", []))
    except (InvalidVersion, InvalidRequirement, RecursionError) as error:
        raise FormatError("the version or a requirement is malformed") from error
    licence = fields.get("license_expression", "") or fields.get("license", "") or _classified(fields)
    files = tuple(fields.get("license_files", [])) if _minor(fields) >= (2, 4) else ()
    return Metadata(name, version, licence.partition("\n")[0][:200], requires, licence_files=files)


def _requirement(text: str) -> str:
    if len(text) > MAX_REQUIREMENT:
        raise FormatError("a requirement is too long")
    return str(Requirement(text))


def _classified(fields: RawMetadata) -> str:
    """The one licence of the classifiers, "" where they name several or none: how they combine is not said."""
    named = [each.split(" :: ")[-1] for each in fields.get("classifiers", []) if each.startswith("License :: ")]
    return named[0] if len(named) == 1 else ""


def _minor(fields: RawMetadata) -> tuple[int, int]:
    match = _METADATA_VERSION.fullmatch(fields.get("metadata_version", ""))
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _licences(where: str, metadata: Metadata, members: Sequence[Member]) -> list[Problem]:
    """Every licence file the metadata names is there (PEP 639, "License-File")."""
    paths = {member.path for member in members} if metadata.licence_files else set()
    missing = [name for name in metadata.licence_files if where + name not in paths]
    return [
        Problem(LICENCE, where + name, f"the licence file `{shown(name)}` of the metadata is not there")
        for name in missing[:MAX_LICENCES]
    ]


def _package_json(raw: bytes) -> Metadata:
    document = strict_json.loads(raw.removeprefix(b"\xef\xbb\xbf"), limit=MAX_METADATA, what="package.json")
    if not isinstance(document, dict):
        raise FormatError("is no object")
    name, version = document.get("name"), document.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not name or not version:
        raise FormatError("there is no name or no version")
    requires: list[str] = []
    for key in ("dependencies", "optionalDependencies"):
        wanted = document.get(key) or {}
        if not isinstance(wanted, dict) or not all(isinstance(value, str) for value in wanted.values()):
            raise FormatError(f"`{key}` is no object of strings")
        requires += [f"{package}@{value}" for package, value in wanted.items()]
    return Metadata(name, version, _npm_licence(document.get("license")), tuple(dict.fromkeys(requires)))


def _npm_licence(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("type")
    return value[:200] if isinstance(value, str) else ""


def _named(artifact: str, kind: ArtifactKind, metadata: Metadata) -> list[Problem]:
    """Does the file name say the same name and version as the metadata?"""
    try:
        if kind is ArtifactKind.WHEEL:
            name, version, *_ = parse_wheel_filename(artifact)
        elif kind is ArtifactKind.SDIST:
            name, version = parse_sdist_filename(artifact)
        else:
            return []
        same = name == canonicalize_name(metadata.name) and version == Version(metadata.version)
    except ValueError:
        same = False
    message = f"`{artifact}` does not carry the name and version of its metadata"
    return [] if same else [Problem(MALFORMED, artifact, message)]


def _record(artifact: str, folder: str, kept: Mapping[str, bytes], members: Sequence[Member]) -> list[Problem]:
    """RECORD lists every other file with its digest (binary distribution format, "The .dist-info directory")."""
    raw = kept.get(f"{folder}/RECORD")
    if raw is None:
        return [Problem(RECORD, artifact, f"`{artifact}` holds no `RECORD`")]
    try:
        rows = _rows(raw, len(members) + ROWS_LEFT_OVER)
    except FormatError as error:
        return [Problem(RECORD, f"{folder}/RECORD", f"`{shown(folder)}/RECORD`: {error.message}")]
    problems = []
    for member in members:
        if member.path.startswith(folder + "/") and member.path.partition("/")[2] in _UNRECORDED:
            continue
        fault = _differs(member, rows.get(member.path))
        if fault:
            problems.append(Problem(RECORD, member.path, f"`{shown(member.path)}` {fault}"))
    for path in sorted(rows.keys() - {member.path for member in members} - {""}):
        problems.append(Problem(RECORD, path, f"`{shown(path)}` is in `RECORD` and not in the wheel"))
    return problems


def _differs(member: Member, row: tuple[str, str] | None) -> str:
    if row is None:
        return "is not in `RECORD`"
    algorithm, _, encoded = row[0].partition("=")
    if algorithm in {"sha384", "sha512"}:
        return f"has a digest in `RECORD` that is not compared ({algorithm}; every build tool writes sha256)"
    if algorithm != "sha256" or member.sha256 is None:
        return "has no strong digest in `RECORD`"
    try:
        told = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).hex()
    except ValueError:
        return "has a malformed digest in `RECORD`"
    if told != member.sha256.value or (row[1] and row[1] != str(member.size)):
        return "differs from its digest or size in `RECORD`"
    return ""


def _rows(raw: bytes, most: int) -> dict[str, tuple[str, str]]:
    rows: dict[str, tuple[str, str]] = {}
    for row in record_rows(raw, most):
        if len(row) != 3:
            raise FormatError("has a row without three fields")
        path = posixpath.normpath(row[0])
        if rows.setdefault(path, (row[1], row[2])) != (row[1], row[2]):
            raise FormatError(f"lists `{shown(path)}` twice")
    return rows
