"""Chart.lock gives every chart and its version, and one digest over what was asked for and what was locked."""

import hashlib
import json
import re
from collections.abc import Mapping

from tidegate.errors import FormatError
from tidegate.formats import repopath, yaml_documents
from tidegate.formats.locks import pins
from tidegate.formats.locks.shape import table, tables, text
from tidegate.formats.text import decode
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem, Source, SourceKind

FORMAT = "Chart.lock"
ECOSYSTEM = "Helm"
LIMIT = 2 * 1024 * 1024
MAX_CHARTS = 2_000
MANIFESTS = {"Chart.lock": "Chart.yaml", "requirements.lock": "requirements.yaml"}
"""Each lock and the file that says what it is for."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in MANIFESTS


def companions(path: str) -> tuple[str, ...]:
    folder, _, name = path.rpartition("/")
    return (repopath.join(folder or ".", MANIFESTS[name]),)


def parse(path: str, raw: bytes) -> LockFile:
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a lock, and hold its digest against the chart beside it (Helm 3 "Chart Dependency"). Raises FormatError."""
    decode(raw, limit=LIMIT, what="the lockfile")
    document = yaml_documents.load(raw, limit=LIMIT, what="the lockfile")
    top = table(document.value, "the lockfile")
    entries = tables(top.get("dependencies"), "`dependencies`")
    if len(entries) > MAX_CHARTS:
        raise FormatError(f"the lockfile holds more than {MAX_CHARTS} charts")
    packages = [_locked(entry, document.line("dependencies", at)) for at, entry in enumerate(entries)]
    written = text(top.get("digest"), "`digest`")
    problems: list[Problem] = []
    for manifest in companions(path):
        if manifest in beside:
            problems += _compared(path, written, beside[manifest], entries, document.line("digest"))
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(packages),
        problems=tuple(problems),
        content_hash=written,
    )


def requirements(raw: bytes) -> list[dict[str, object]]:
    """The charts a Chart.yaml or requirements.yaml asks for. Raises FormatError."""
    decode(raw, limit=LIMIT, what="the chart")
    top = table(yaml_documents.load(raw, limit=LIMIT, what="the chart").value, "the chart")
    return tables(top.get("dependencies"), "`dependencies`")


def digests(wanted: list[dict[str, object]], locked: list[dict[str, object]]) -> tuple[str, ...]:
    """What Helm 3 writes as a lock's digest, and what Helm 2 wrote (Helm "internal/resolver")."""
    asked = [_marshalled(one) for one in wanted]
    return _sha256([asked, [_marshalled(one) for one in locked]]), _sha256({"dependencies": asked})


def _compared(
    path: str, written: str, manifest: bytes, entries: list[dict[str, object]], line: int | None
) -> list[Problem]:
    try:
        wanted = requirements(manifest)
    except FormatError:
        return []  # the manifest's own reader says so
    if (not wanted and not entries) or not all(map(_plain, (*wanted, *entries))):
        return []
    if written in digests(wanted, entries):
        return []
    message = "the lock's `digest` is not that of the charts asked for and locked"
    return [Problem("lock-stale", path, message, line)]


def _plain(entry: dict[str, object]) -> bool:
    """Is everything text that Helm takes for text? It turns numbers into words in its own way."""
    tags = entry.get("tags") or []
    words = [entry.get(key) or "" for key in ("name", "version", "repository", "condition", "alias")]
    return isinstance(tags, list) and all(isinstance(word, str) for word in (*words, *tags))


def _marshalled(entry: dict[str, object]) -> dict[str, object]:
    """A dependency as Go writes it: this order, nothing empty but name and repository."""
    plain: dict[str, object] = {"name": entry.get("name") or ""}
    if entry.get("version"):
        plain["version"] = entry["version"]
    plain["repository"] = entry.get("repository") or ""
    for key in ("condition", "tags", "enabled", "import-values", "alias"):
        if entry.get(key):
            plain[key] = entry[key]
    return plain


def _sha256(value: object) -> str:
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        written = written.replace(char, f"\\u{ord(char):04x}")
    return f"sha256:{hashlib.sha256(written.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _locked(entry: dict[str, object], line: int | None) -> Locked:
    name = text(entry.get("name"), "`name`")
    if not _NAME.fullmatch(name):
        raise FormatError("a chart has a name that is no chart's", line=line)
    version, repository = text(entry.get("version"), "`version`"), text(entry.get("repository"), "`repository`")
    return Locked(
        ecosystem=ECOSYSTEM,
        name=name,
        raw_name=name,
        version=version,
        source=source(name, repository),
        direct=True,
        line=line,
    )


def source(name: str, repository: str) -> Source:
    """An address, a folder of the repository, `charts/NAME` where none is named; `@name` one machine alone knows."""
    if not repository:
        return pins.path(f"charts/{name}")
    if repository.startswith("file://"):
        return pins.path(repository.removeprefix("file://"))
    if repository.startswith(("@", "alias:")):
        return pins.UNKNOWN
    one = pins.direct(repository)
    return Source(SourceKind.REGISTRY, url=one.url, host=one.host)
