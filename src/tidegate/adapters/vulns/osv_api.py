"""Advisories from an OSV service: asked in batches with a canary in each, fetched whole, and judged here."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tidegate.adapters.vulns.audit import Asked, answer, askable, canary
from tidegate.adapters.vulns.cache import RecordCache
from tidegate.adapters.vulns.transport import Transport
from tidegate.domain.matching.match import Index, match
from tidegate.domain.matching.names import name_key
from tidegate.domain.matching.versions import order_of, readings
from tidegate.errors import FormatError
from tidegate.formats.osv import IDENTIFIER, MAX_RECORD, TIMESTAMP, Record, parse
from tidegate.formats.text import shown
from tidegate.model.package import Locked
from tidegate.ports import Audit, Clock, DatabaseFacts, Unaudited

MAX_QUERIES = 1000
"""Of one request (osv.dev, `POST /v1/querybatch`)."""
MAX_PAGES = 50
_SECONDS = len("2026-01-02T03:04:05")
MAX_ADVISORIES = 20_000
MAX_ANSWER = 64 * 2**20
THREADS = 16

CANARIES = {
    each.ecosystem: each
    for each in (
        canary("PyPI", "jinja2", "2.4.1"),
        canary("npm", "lodash", "4.17.4"),
        canary("Go", "golang.org/x/text", "0.3.0"),
        canary("crates.io", "smallvec", "0.6.9"),  # RUSTSEC-2019-0009
        canary("RubyGems", "rack", "2.0.1"),  # GHSA-5r2p-j47h-mhpg
        canary("Packagist", "guzzlehttp/guzzle", "6.5.0"),  # GHSA-25mq-v84q-4j7r
        canary("Maven", "org.apache.logging.log4j:log4j-core", "2.14.1"),  # GHSA-jfh8-c2jp-5v3q
        canary("NuGet", "Newtonsoft.Json", "12.0.1"),  # GHSA-5crp-9r3c-p9vr
        canary("Hex", "phoenix", "1.6.0"),  # GHSA-p8f7-22gq-m7j9
    )
}
"""Packages with advisories that will not go away. An ecosystem without one is not asked about: a service that knows
nothing of it answers as for a clean package, and nothing could tell the two apart."""

_OF_RELEASES = {
    # Every release of a distribution has a package of this name, which was vulnerable at this version in all of them.
    "Debian": ("openssl", "1.0.1-1"),
    "Ubuntu": ("openssl", "1.0.1-1"),
    "Alpine": ("bind", "9.10.0-r0"),
}

_NAME = re.compile(r"[A-Za-z0-9@/._~!'()*:+-]{1,300}")
_VERSION = re.compile(r"[A-Za-z0-9.+!_:~-]{1,256}")
# (id, modified) as the service names an advisory.
_Named = tuple[str, str]
Say = Callable[[str], None]


@cache
def bird_of(ecosystem: str) -> Locked | None:
    """The package that shows whether a service answers for an ecosystem, each release of a distribution by itself."""
    family, colon, _ = ecosystem.partition(":")
    if colon and family in _OF_RELEASES:
        return canary(ecosystem, *_OF_RELEASES[family])
    return CANARIES.get(ecosystem)


@dataclass
class _Talk:
    """The state of one audit."""

    transport: Transport
    named: dict[Locked, set[_Named]] = field(default_factory=dict)


class OsvApi:
    """Implements `ports.VulnSource` over `url` (`https://api.osv.dev` or one that speaks the same).

    Only names of packages from public registries are sent; every other package comes back unaudited. The service
    says which advisories to look at; whether they apply is decided here, from the records themselves.
    """

    def __init__(
        self, url: str, timeout: float, clock: Clock, cache_dir: Path | None, say: Say = lambda _text: None
    ) -> None:
        """`timeout` in seconds is for one request; the whole audit may take five times as long. `say` hears how far
        it is."""
        self._url = url
        self._timeout = timeout
        self._clock = clock
        self._cache = RecordCache(cache_dir)
        self._say = say

    def audit(self, packages: Sequence[Locked]) -> Audit:
        """Raises UnavailableError when the service does not answer in time, in full and in form."""
        asked = _askable(packages)
        if not asked.packages:
            return Audit(facts=(), hits=(), unaudited=asked.refused, audited=0)
        transport = Transport(self._url, self._timeout, self._clock)
        try:
            return self._audit(asked, _Talk(transport))
        finally:
            transport.close()

    def _audit(self, asked: Asked, talk: _Talk) -> Audit:
        birds = [bird for kind in sorted({each.ecosystem for each in asked.packages}) if (bird := bird_of(kind))]
        distinct = list(dict.fromkeys(asked.packages))
        step = (MAX_QUERIES - len(birds)) // max(len(_spellings(each)) for each in distinct)
        for start in range(0, len(distinct), step):
            self._say(f"advisories: {min(start + step, len(distinct))} of {len(distinct)} packages asked about")
            talk.named |= _ask(talk.transport, [*distinct[start : start + step], *birds], birds)
        for bird in birds:
            # Two of its advisories are enough to prove the way from the answer to the match.
            talk.named[bird] = set(sorted(talk.named[bird])[:2])
        records = self._fetch(talk)
        index = Index.of(records.values())
        named = {package: [records[pair] for pair in sorted(pairs)] for package, pairs in talk.named.items()}
        matched = match([*asked.packages, *birds], index, named)
        for bird in birds:
            # Only by what was named for it: an answer that belongs to another query must not prove anything.
            if not match([bird], Index(), named).hits:
                raise talk.transport.refusal(f"its advisories do not cover `{bird.name}` {bird.version}, a known case")
        facts = DatabaseFacts(name=self._url, records=len(records), newest="", offline=False)
        return answer(asked, matched, birds, [facts], queries=talk.transport.requests)

    def _fetch(self, talk: _Talk) -> Mapping[_Named, Record]:
        wanted = sorted({pair for pairs in talk.named.values() for pair in pairs})
        if len(wanted) > MAX_ADVISORIES:
            raise talk.transport.refusal(f"more than {MAX_ADVISORIES} advisories")
        self._say(f"advisories: reading {len(wanted)}")
        pool = ThreadPoolExecutor(THREADS)
        try:
            return dict(zip(wanted, pool.map(lambda pair: self._record(talk.transport, *pair), wanted), strict=True))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _record(self, transport: Transport, identifier: str, modified: str) -> Record:
        plain = self._cache.get(identifier, modified)
        if plain is not None:
            try:
                return parse(plain)
            except FormatError:
                pass  # the entry is of no use; ask again
        plain = transport.get(f"/v1/vulns/{identifier}", MAX_RECORD)
        try:
            record = parse(plain)
        except FormatError as error:
            raise transport.refusal(error.message) from None
        if record.id != identifier:
            raise transport.refusal(f"`{record.id}` instead of `{identifier}`")
        if record.modified[:_SECONDS] < modified[:_SECONDS]:
            raise transport.refusal(
                f"`{identifier}` as it was before {modified[:_SECONDS]}, an older one than it named"
            )
        self._cache.put(identifier, modified, plain)
        return record


def _askable(packages: Sequence[Locked]) -> Asked:
    """Leaves out what the service could only misread, so that no lockfile can spoil the answer for the others."""
    first = askable(packages, leaves_house=True)
    refused = {package: reason for package in first.packages if (reason := _misread(package))}
    return Asked(
        tuple(package for package in first.packages if package not in refused),
        (*first.refused, *(Unaudited(each, refused[each]) for each in first.packages if each in refused)),
    )


def _misread(package: Locked) -> str:
    order = order_of(package.ecosystem)
    if order is None:
        return f"tidegate does not know the version order of {package.ecosystem}"
    if bird_of(package.ecosystem) is None:
        return f"no known case in {package.ecosystem} shows whether the service answers: give an offline database"
    if not _NAME.fullmatch(package.name):
        return f"its name is no {package.ecosystem} name"
    try:
        order(package.version)
    except ValueError:
        return f"`{shown(package.version, 80)}` is no {package.ecosystem} version"
    return "" if _VERSION.fullmatch(package.version) else f"its version is no {package.ecosystem} version"


def _ask(transport: Transport, packages: Sequence[Locked], birds: Sequence[Locked]) -> dict[Locked, set[_Named]]:
    """One batch with its further pages: the complete set of named advisories of every package."""
    named: dict[Locked, set[_Named]] = {package: set() for package in packages}
    waiting = [(package, name, "") for package in packages for name in _spellings(package)]
    for _ in range(MAX_PAGES):
        body = {"queries": [_query(*each) for each in waiting]}
        results = _results(transport, transport.post("/v1/querybatch", body, MAX_ANSWER), len(waiting))
        following = []
        for (package, name, _token), result in zip(waiting, results, strict=True):
            pairs, token = _result(transport, result)
            named[package] |= pairs
            if token:
                following.append((package, name, token))
        waiting = following
        if not waiting:
            break
    else:
        raise transport.refusal(f"more than {MAX_PAGES} pages")
    for package in birds:
        if not named[package]:
            raise transport.refusal(f"it knows nothing about `{package.name}` {package.version}, a known case")
    return named


def _spellings(package: Locked) -> tuple[str, ...]:
    """The names to ask under: the service compares them letter by letter, some registries do not."""
    folded = name_key(package.ecosystem, package.name)
    return (package.name,) if folded == package.name else (package.name, folded)


def _query(package: Locked, name: str, token: str) -> dict[str, object]:
    version = readings(package.ecosystem, package.version)[-1]
    query: dict[str, object] = {
        "package": {"ecosystem": package.ecosystem, "name": name},
        # Go modules are versioned `v1.2.3`, and in advisories `1.2.3`.
        "version": version.removeprefix("v") if package.ecosystem == "Go" else version,
    }
    return {**query, "page_token": token} if token else query


def _results(transport: Transport, plain: object, expected: int) -> list[object]:
    results = plain.get("results") if isinstance(plain, dict) else None
    if not isinstance(results, list):
        raise transport.refusal("no `results`")
    if len(results) != expected:
        raise transport.refusal(f"{len(results)} results for {expected} queries")
    return results


def _result(transport: Transport, result: object) -> tuple[set[_Named], str]:
    # `{}` means "nothing known"; any other member could be an error that must not read like it.
    if not isinstance(result, dict) or not set(result) <= {"vulns", "next_page_token"}:
        raise transport.refusal("a result of an unknown shape")
    token = result.get("next_page_token", "")
    vulns = result.get("vulns", [])
    if not isinstance(token, str) or len(token) > 4096 or not isinstance(vulns, list):
        raise transport.refusal("a result of an unknown shape")
    return set(_pairs(transport, vulns)), token


def _pairs(transport: Transport, vulns: Sequence[object]) -> Iterator[_Named]:
    for item in vulns:
        identifier = item.get("id") if isinstance(item, dict) else None
        modified = item.get("modified") if isinstance(item, dict) else None
        if not isinstance(identifier, str) or not IDENTIFIER.fullmatch(identifier):
            raise transport.refusal("an advisory without a usable `id`")
        if not isinstance(modified, str) or not TIMESTAMP.fullmatch(modified):
            raise transport.refusal(f"`{identifier}` without `modified`")
        yield identifier, modified
