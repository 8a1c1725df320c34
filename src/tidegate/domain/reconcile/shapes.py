"""Whether a file looks exactly as a build tool writes it, and holds nothing else."""

import configparser
import re
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from tidegate.errors import FormatError
from tidegate.formats import strict_json, toml

MAX_SHAPED = 32 << 20
"""Lists of a hundred thousand files are longer than any other text of a build."""

MAX_ENTRIES = 1000
MAX_INI = 10_000
MAX_ENTRY = 2000
MAX_ENTRY_NAME = 300
_SECTION = re.compile(r"\[([^\]\r\n]{1,200})\]")
_VALUE = re.compile(r"([A-Za-z_][\w.]{0,300})\s*(?::\s*([A-Za-z_][\w.]{0,300})\s*)?(\[[^\]]*\])?")
_HEADER = re.compile(r"(?:Wheel-Version|Generator|Root-Is-Purelib|Tag|Build): [ -~]{1,300}")
_MODULE = re.compile(r"[A-Za-z_][\w.]{0,300}", re.ASCII)
_SCM = frozenset({"tag", "distance", "node", "dirty", "branch", "node_date", "files"})
_EXOTIC = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_TAGS = {"tag_build": "", "tag_date": "0", "tag_svn_revision": "0"}
_CYCLONEDX = re.compile(
    rb'(?:<\?xml[^>]{0,200}\?>)?\s*<bom\s[^>]{0,2000}xmlns="http://cyclonedx\.org/schema/bom/[0-9.]+"'
)


def lines(raw: bytes) -> list[str] | None:
    """The lines of a plain UTF-8 text, None for anything else."""
    if b"\0" in raw or len(raw) > MAX_SHAPED:
        return None
    try:
        return raw.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return None


def wheel(raw: bytes) -> bool:
    """`WHEEL` of the binary distribution format."""
    told = lines(raw)
    return told is not None and all(not line or _HEADER.fullmatch(line) for line in told)


def modules(raw: bytes) -> bool:
    """`top_level.txt`, `namespace_packages.txt`: a name a line."""
    told = lines(raw)
    return told is not None and all(not line or _MODULE.fullmatch(line.replace("/", ".")) for line in told)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry point; `target` is `module:object` without blanks and extras."""

    group: str
    name: str
    module: str
    target: str


def entry_points(raw: bytes) -> tuple[Entry, ...] | None:
    """Each entry point (packaging.python.org, "Entry points specification"); None when it is something else."""
    told = lines(raw)
    if told is None:
        return None
    found: list[Entry] = []
    section = ""
    for line in (line.strip() for line in told):
        if len(line) > MAX_ENTRY:
            return None
        head = _SECTION.fullmatch(line)
        name, equals, value = line.partition("=")
        entry = _VALUE.fullmatch(value.strip()) if equals and 0 < len(name) <= MAX_ENTRY_NAME else None
        if head:
            section = head[1].strip()
        elif entry and section:
            target = f"{entry[1]}:{entry[2]}" if entry[2] else entry[1]
            if len(found) >= MAX_ENTRIES:
                return None
            found.append(Entry(section, name.strip(), entry[1], target))
        elif line and not line.startswith(("#", ";")):
            return None
    return tuple(found)


def sbom(raw: bytes) -> bool:
    """An SBOM as PEP 770 embeds it; whether it is a valid one is asked elsewhere."""
    if _CYCLONEDX.match(raw):
        return True
    try:
        plain = strict_json.loads(raw, limit=64 << 20, what="an embedded SBOM")
    except FormatError:
        return False
    return isinstance(plain, dict) and (plain.get("bomFormat") == "CycloneDX" or "spdxVersion" in plain)


def scm(raw: bytes) -> bool:
    """`scm_version.json` and `scm_file_list.json` of setuptools-scm: plain words and numbers."""
    try:
        plain = strict_json.loads(raw, limit=MAX_SHAPED, what="a file of setuptools-scm")
    except FormatError:
        return False
    return isinstance(plain, dict) and plain.keys() <= _SCM and all(_is_told(value) for value in plain.values())


def _is_told(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return value is None or isinstance(value, str | int)


def pyproject(raw: bytes, committed: bytes, version: str) -> bool:
    """The same `pyproject.toml` written in other words, with a version the build was to find out (pdm-backend)."""
    try:
        now, before = (toml.loads(text, limit=MAX_SHAPED, what="pyproject.toml") for text in (raw, committed))
    except FormatError:
        return False
    return _settled(now, version) == _settled(before, version)


def _settled(document: dict[str, object], version: str) -> dict[str, object]:
    """Without the version and the word that it is dynamic, where one of them stands."""
    settled = {key: value for key, value in document.items() if value != {}}
    project = settled.get("project")
    if isinstance(project, dict):
        dynamic = project.get("dynamic")
        listed = dynamic if isinstance(dynamic, list) else []
        stated = project.get("version")
        open_ = "version" in listed or (isinstance(stated, str) and version_is(stated, version))
        told = {key: value for key, value in project.items() if key != "dynamic" and not (key == "version" and open_)}
        rest = [each for each in listed if each != "version"]
        settled["project"] = told | ({"dynamic": rest} if rest else {})
    return settled


def setup_cfg(raw: bytes, committed: bytes | None) -> bool:
    """`setup.cfg` as setuptools writes it into an sdist: the commit's values, and the tags of `[egg_info]`."""
    now, before = _ini(raw), _ini(committed or b"")
    if now is None or before is None:
        return False
    tags = now.pop("egg_info", {})
    mine = before.pop("egg_info", {})
    return now == before and all(mine.get(key, _TAGS.get(key)) == value for key, value in tags.items())


def _ini(raw: bytes) -> dict[str, dict[str, str]] | None:
    told = lines(raw)
    # What ends a line here and not for setuptools would turn the rest of a value into a comment.
    if told is None or len(told) > MAX_INI or _EXOTIC.search(raw.decode("utf-8")):
        return None
    parser = configparser.RawConfigParser()
    try:
        parser.read_string("\n".join(told))
    except (configparser.Error, ValueError, RecursionError):
        return None
    return {name: dict(parser.items(name)) for name in parser.sections()} | (
        {"DEFAULT": dict(parser.defaults())} if parser.defaults() else {}
    )


def version_is(text: str, version: str) -> bool:
    """Two spellings of one version."""
    try:
        return Version(text) == Version(version)
    except InvalidVersion:
        return text == version
