"""pip-audit as the second engine, by its own service for OSV, or over a database of ours that it reads by itself.

Importing pip-audit runs `python -m pip`, so this module is imported in a worker, and only when the policy asks for it.
Its Python names are private: `tests/contracts/test_pip_audit_names.py` holds them.
"""

import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any, cast

import requests
from packaging.version import InvalidVersion, Version
from requests.adapters import HTTPAdapter

from tidegate.adapters.vulns.second_opinion import Engine, Opinion
from tidegate.adapters.vulns.snapshot import GET_ONE, opened
from tidegate.adapters.vulns.transport import session_to
from tidegate.domain.matching.names import name_key
from tidegate.domain.matching.versions import readings
from tidegate.errors import StaleDatabase, UnavailableError
from tidegate.model.package import Locked

# A file `pip.py` of the examined folder must not be what `-m pip` finds.
os.environ["PYTHONSAFEPATH"] = "1"

from pip_audit import __version__
from pip_audit._service.interface import Dependency, ResolvedDependency, VulnerabilityResult, VulnerabilityService
from pip_audit._service.osv import OsvService

NAME = f"pip-audit {__version__}"
ECOSYSTEM = "PyPI"
THREADS = 16
TOTAL = 5
"""All its requests together may take this many times the timeout of one."""
MAX_ANSWER = 16 << 20
_RANK = {"fixed": 0, "introduced": 1, "last_affected": 2}
_FIRST = Version("0.dev0")
_HINT = "try again, or take `pip-audit` out of `engines`"

logging.getLogger("pip_audit").addHandler(logging.NullHandler())


def online(url: str, timeout: float) -> Engine:
    """Over an OSV service; only packages the first engine named to it are asked about."""
    return Engine(NAME, ECOSYSTEM, lambda packages: _ask(packages, lambda: _service(url, timeout), TOTAL * timeout))


def offline(folder: Path) -> Engine:
    """Over the very files of a database, read again here and compared with `packaging` alone."""
    return Engine(NAME, ECOSYSTEM, lambda packages: _ask(packages, _once(lambda: _Archive(folder, packages)), None))


def _ask(
    packages: Sequence[Locked], make: Callable[[], VulnerabilityService], deadline: float | None
) -> Iterator[Opinion]:
    own = local()
    end = None if deadline is None else time.monotonic() + deadline

    def one(package: Locked) -> Opinion:
        if end is not None and time.monotonic() > end:
            raise UnavailableError(f"{NAME} took too long", hint=_HINT)
        if not hasattr(own, "service"):
            own.service = make()  # its session is not made for several threads
        return _opinion(own.service, package)

    threads = THREADS if deadline is not None else 1
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(one, packages)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _opinion(service: VulnerabilityService, package: Locked) -> Opinion:
    """Whatever pip-audit raises is no answer: its own errors do not cover what a service can send."""
    try:
        spec = ResolvedDependency(package.name, Version(readings(ECOSYSTEM, package.version)[-1]))
    except InvalidVersion:
        return Opinion(package, skipped="it reads no such version")
    try:
        answered, results = service.query(spec)
    except (UnavailableError, StaleDatabase):
        raise
    except Exception as error:  # noqa: BLE001 - see above: KeyError, JSONDecodeError, ReadTimeout and whatever comes
        raise UnavailableError(f"{NAME} gave no answer: {type(error).__name__}", hint=_HINT) from None
    if answered.is_skipped():
        return Opinion(package, skipped=str(getattr(answered, "skip_reason", "") or "no reason given")[:200])
    return Opinion(package, tuple(frozenset({str(each.id), *map(str, each.aliases)}) for each in results))


def _service(url: str, timeout: float) -> OsvService:
    service = OsvService(Path(tempfile.gettempdir()), max(1, round(timeout)), f"{url.rstrip('/')}/v1/query")
    session = session_to(url)  # in the place of its caching one: a query is a POST, which is never cached
    session.max_redirects = 0
    session.mount("https://", _Bounded())
    session.mount("http://", _Bounded())
    service.session = session
    return service


class _Bounded(HTTPAdapter):
    """Reads an answer up to a bound; pip-audit itself would read one of any size."""

    def send(self, request: requests.PreparedRequest, stream: bool = False, **more: Any) -> requests.Response:  # type: ignore[override]
        response = super().send(request, stream=True, **more)
        body = response.raw.read(MAX_ANSWER + 1, decode_content=True)
        if len(body) > MAX_ANSWER:
            raise UnavailableError(f"{NAME} was sent more than {MAX_ANSWER} bytes", hint=_HINT)
        response._content = body
        return response


class _Archive(VulnerabilityService):  # type: ignore[misc]
    """Every record of the database that names a wanted package, read without our reader."""

    def __init__(self, folder: Path, packages: Sequence[Locked]) -> None:
        wanted = {name_key(ECOSYSTEM, package.name) for package in packages}
        self._affected: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
        try:
            with opened(folder, ECOSYSTEM) as snapshot:
                for _name, raw in snapshot.members():
                    self._take(json.loads(raw), wanted)
        except (ValueError, OSError, RecursionError, AttributeError, TypeError):
            raise StaleDatabase(f"{NAME} cannot read the database", hint=GET_ONE.format(ECOSYSTEM)) from None

    def _take(self, record: dict[str, Any], wanted: set[str]) -> None:
        if record.get("withdrawn") is not None:
            return
        for entry in record.get("affected") or ():
            named = entry.get("package") or {}
            key = name_key(ECOSYSTEM, named.get("name", ""))
            if named.get("ecosystem", "").partition(":")[0].lower() == ECOSYSTEM.lower() and key in wanted:
                self._affected.setdefault(key, []).append((record, entry))

    def query(self, spec: Dependency) -> tuple[Dependency, list[VulnerabilityResult]]:
        resolved = cast("ResolvedDependency", spec)
        hits = {
            record["id"]: record
            for record, entry in self._affected.get(name_key(ECOSYSTEM, resolved.name), ())
            if _applies(entry, resolved.version)
        }
        return spec, [
            VulnerabilityResult.create([record["id"], *record.get("aliases", ())], "", [], None)
            for record in hits.values()
        ]


def _applies(entry: dict[str, Any], version: Version) -> bool:
    if any(_read(text) == version for text in entry.get("versions") or ()):
        return True
    ranges = [item for item in entry.get("ranges") or () if item["type"] == "ECOSYSTEM"]
    return any(_within(item["events"], version) for item in ranges)


def _within(events: Sequence[dict[str, str]], version: Version) -> bool:
    """OSV schema, "Evaluation". A range whose versions cannot be read decides nothing; the first engine says so."""
    marks = [(_read(text), _RANK.get(kind, 9), kind) for event in events for kind, text in event.items()]
    if any(mark is None for mark, _, _ in marks):
        return False
    inside = False
    for mark, _, kind in sorted(cast("list[tuple[Version, int, str]]", marks)):
        if kind == "introduced" and version >= mark:
            inside = True
        elif (kind == "fixed" and version >= mark) or (kind == "last_affected" and version > mark):
            inside = False
    return inside


def _read(text: str) -> Version | None:
    try:
        return _FIRST if text == "0" else Version(text)
    except InvalidVersion:
        return None


def _once(make: Callable[[], VulnerabilityService]) -> Callable[[], VulnerabilityService]:
    """The same service for whoever asks."""
    made: list[VulnerabilityService] = []

    def get() -> VulnerabilityService:
        if not made:
            made.append(make())
        return made[0]

    return get
