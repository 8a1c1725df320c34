"""Requests to one package index: bounded in size, time and number, and every failure told as UnavailableError."""

import random
import time
from collections.abc import Collection
from ipaddress import ip_address
from threading import Lock
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from tidegate import __version__
from tidegate.adapters.silence import reason
from tidegate.errors import FormatError, UnavailableError
from tidegate.formats.strict_json import loads

ATTEMPTS = 3
TOTAL = 5
"""All questions to an index together may take this many times the timeout of one request."""
MAX_REQUESTS = 2000
THREADS = 8
_AGAIN = frozenset({429, 500, 502, 503, 504})
_GONE = frozenset({404, 410})
_CHUNK = 65536
_HINT = "try again when the index answers, or say `registry.ask: false`"


class Exhausted(Exception):
    """The index was asked as often as it may be."""


class _Passing(Exception):
    """A failure worth another attempt."""


class Transport:
    """JSON from one index. One object serves one round of questions: its total deadline runs from the start."""

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout` is in seconds. Raises UnavailableError for an address that is not https (loopback excepted)."""
        self._base = url.rstrip("/")
        self._origin, local = _place(self._base)
        self._timeout = timeout
        self._end = time.monotonic() + TOTAL * timeout
        self._session = _session(local)
        self._lock = Lock()
        self.requests = 0

    def close(self) -> None:
        self._session.close()

    def refusal(self, why: str) -> UnavailableError:
        return UnavailableError(f"the package index {self._base} did not answer as it should: {why}", hint=_HINT)

    def get(self, path: str, kinds: Collection[str], limit: int) -> object | None:
        """The JSON at a path below the index's address; None when there is nothing. Raises Exhausted, too."""
        return self._json(f"{self._base}/{path}", kinds, limit)

    def owns(self, url: str) -> bool:
        """Does an address lie at the index itself?"""
        try:
            return _place(url)[0] == self._origin
        except UnavailableError:
            return False

    def follow(self, url: str, kinds: Collection[str], limit: int) -> object | None:
        """The JSON at an address the index gave, which must be its own."""
        if not self.owns(url):
            raise self.refusal("it points to another host")
        return self._json(url, kinds, limit)

    def _json(self, url: str, kinds: Collection[str], limit: int) -> object | None:
        raw = self._insist(url, kinds, limit)
        if raw is None:
            return None
        try:
            return loads(raw, limit=limit, what="the answer")
        except FormatError as error:
            raise self.refusal(error.message) from None

    def _insist(self, url: str, kinds: Collection[str], limit: int) -> bytes | None:
        """Up to `ATTEMPTS` tries, each pause longer than the last and never past the deadline."""
        why = ""
        for attempt in range(ATTEMPTS):
            try:
                return self._once(url, kinds, limit)
            except _Passing as error:
                why = str(error)
            pause = 0.1 * 2**attempt * random.SystemRandom().uniform(0.5, 1.5)
            if attempt + 1 < ATTEMPTS:
                if pause >= self._left():
                    break
                time.sleep(pause)
        raise self.refusal(why)

    def _left(self) -> float:
        return self._end - time.monotonic()

    def _once(self, url: str, kinds: Collection[str], limit: int) -> bytes | None:
        left = self._left()
        if left <= 0:
            raise self.refusal("it took too long altogether")
        with self._lock:
            if self.requests >= MAX_REQUESTS:
                raise Exhausted
            self.requests += 1
        headers = {"Accept": ", ".join(kinds)}
        try:
            with self._session.get(
                url, headers=headers, timeout=min(self._timeout, left), allow_redirects=False, stream=True
            ) as response:
                return self._body(response, limit) if self._check(response, kinds) else None
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _Passing(reason(error)) from None
        except ValueError as error:
            # A malformed header or encoding: no answer, and not worth asking again.
            raise self.refusal(f"unreadable answer ({type(error).__name__})") from None

    def _check(self, response: requests.Response, kinds: Collection[str]) -> bool:
        status = response.status_code
        if status in _AGAIN:
            raise _Passing(f"status {status}")
        if status in _GONE:
            return False
        if status != 200:
            raise self.refusal(f"status {status}")
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in kinds:
            raise self.refusal(f"`{kind[:60]}` instead of `{next(iter(kinds))}`")
        return True

    def _body(self, response: requests.Response, limit: int) -> bytes:
        """The decoded body, read as it arrives so that neither a trickle nor a bomb outlasts its bound."""
        parts: list[bytes] = []
        size = 0
        started = time.monotonic()
        while True:
            part = response.raw.read1(_CHUNK, decode_content=True)
            if not part:
                return b"".join(parts)
            parts.append(part)
            size += len(part)
            if size > limit:
                raise self.refusal(f"more than {limit} bytes")
            if time.monotonic() - started > self._timeout or self._left() <= 0:
                raise self.refusal("it answers too slowly")


def _place(url: str) -> tuple[str, bool]:
    """Origin of an address, and whether it is this machine. Raises UnavailableError for one not to be asked."""
    hint = "write `registry.indexes` as `https://host/path`"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UnavailableError(f"`{url[:80]}` is no address of an index", hint=hint) from None
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise UnavailableError(f"`{url[:80]}` is no plain address of an index", hint=hint)
    local = host == "localhost" or _is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UnavailableError(f"`{url[:80]}` is not encrypted", hint=hint)
    return f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 80)}", local


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _session(local: bool) -> requests.Session:
    """Proxies of the environment are honoured, except for this machine; its stored passwords never are."""
    session = requests.Session()
    session.trust_env = not local
    session.auth = lambda request: request
    session.headers.update({"User-Agent": f"tidegate/{__version__}"})
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=THREADS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
