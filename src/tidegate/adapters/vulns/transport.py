"""Requests to one advisory service: bounded in size, time and number, and every failure told as UnavailableError."""

import json
import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from threading import Lock
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from tidegate.adapters.silence import reason
from tidegate.errors import FormatError, UnavailableError
from tidegate.formats.strict_json import loads
from tidegate.ports import Clock

ATTEMPTS = 4
TOTAL = 5
"""The whole audit may take this many times the timeout of one request."""
MAX_WAIT = 10.0
_AGAIN = frozenset({429, 500, 502, 503, 504})
_CHUNK = 65536
_HINT = "try again, or give a downloaded database with `--database`"


class _Passing(Exception):
    """A failure worth another attempt; `after` is the pause the service asked for."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


class Transport:
    """JSON to and from `url`. One object serves one audit: its total deadline runs from the start."""

    def __init__(self, url: str, timeout: float, clock: Clock) -> None:
        """`timeout` is in seconds. Raises UnavailableError for an address that is not https (loopback excepted)."""
        self._base = url.rstrip("/")
        self._timeout = timeout
        self._clock = clock
        self._end = time.monotonic() + TOTAL * timeout
        self._session = session_to(is_loopback(url))
        self._lock = Lock()
        self.requests = 0

    def close(self) -> None:
        self._session.close()

    def post(self, path: str, body: object, limit: int) -> object:
        return self._json("POST", path, json.dumps(body, separators=(",", ":")).encode(), limit)

    def get(self, path: str, limit: int) -> object:
        return self._json("GET", path, None, limit)

    def _json(self, method: str, path: str, body: bytes | None, limit: int) -> object:
        raw = self._insist(method, path, body, limit)
        try:
            return loads(raw, limit=limit, what=f"the answer to `{path}`")
        except FormatError as error:
            raise self.refusal(error.message) from None

    def refusal(self, why: str) -> UnavailableError:
        return UnavailableError(f"the advisory service {self._base} did not answer as it should: {why}", hint=_HINT)

    def _insist(self, method: str, path: str, body: bytes | None, limit: int) -> bytes:
        """Up to `ATTEMPTS` tries, each pause longer than the last and never past the deadline."""
        why = ""
        for attempt in range(ATTEMPTS):
            try:
                return self._once(method, path, body, limit)
            except _Passing as error:
                why = str(error)
                pause = max(min(error.after, MAX_WAIT), 0.1 * 2**attempt * random.SystemRandom().uniform(0.5, 1.5))
            if attempt + 1 < ATTEMPTS:
                if pause >= self._left():
                    break
                time.sleep(pause)
        raise self.refusal(why)

    def _left(self) -> float:
        return self._end - time.monotonic()

    def _once(self, method: str, path: str, body: bytes | None, limit: int) -> bytes:
        left = self._left()
        if left <= 0:
            raise self.refusal("it took too long altogether")
        with self._lock:
            self.requests += 1
        try:
            with self._session.request(
                method,
                self._base + path,
                data=body,
                timeout=min(self._timeout, left),
                allow_redirects=False,
                stream=True,
            ) as response:
                self._check(response, path)
                return self._body(response, limit)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _Passing(reason(error)) from None
        except ValueError as error:
            # A malformed header or encoding: no answer, and not worth asking again.
            raise self.refusal(f"unreadable answer ({type(error).__name__})") from None

    def _check(self, response: requests.Response, path: str) -> None:
        status = response.status_code
        if status in _AGAIN:
            raise _Passing(f"status {status}", self._after(response.headers.get("Retry-After", "")))
        if status != 200:
            raise self.refusal(f"status {status} for `{path}`")
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise self.refusal(f"`{kind[:60]}` instead of JSON")

    def _body(self, response: requests.Response, limit: int) -> bytes:
        """The decoded body, read as it arrives so that a trickle cannot outlast the deadline."""
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

    def _after(self, text: str) -> float:
        """Seconds to wait (RFC 9110, 10.2.3), 0 for what cannot be read."""
        if text.isascii() and text.isdigit():
            return float(text[:6])
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return 0.0
        return max(0.0, (_utc(when) - self._clock.now()).total_seconds())


def _utc(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def is_loopback(url: str) -> bool:
    """Checks the address on the way. Raises UnavailableError unless it is https, or http to this machine."""
    hint = "write `service.url` as `https://host`, such as `https://api.osv.dev`"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise UnavailableError(f"`{url[:80]}` is no address of a service", hint=hint) from None
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise UnavailableError(f"`{url[:80]}` is no plain address of a service", hint=hint)
    local = host == "localhost" or _is_loopback_address(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UnavailableError(f"`{url[:80]}` is not encrypted", hint=hint)
    return local


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def session_to(local: bool) -> requests.Session:
    """Proxies of the environment are honoured, except for this machine; its stored passwords never are."""
    session = requests.Session()
    session.trust_env = not local
    session.auth = lambda request: request
    session.headers.update({"Content-Type": "application/json", "Accept": "application/json"})
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=16)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
