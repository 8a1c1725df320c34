"""Questions to one service over HTTPS: bounded in size, time and number, and every failure an UnavailableError."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Lock
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from tidegate import __version__
from tidegate.adapters.silence import reason
from tidegate.errors import UnavailableError

PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses that may be another one a moment later."""
MAX_WAIT = 10.0
"""Seconds; no service is waited for longer between two attempts, whatever it asks for."""
_CHUNK = 65536


class Passing(Exception):
    """A failure worth another attempt; `after` is the pause in seconds the service asked for."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


class Exhausted(Exception):
    """The service was asked as often as it may be."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a service is asked. `name` and `hint` are for people, `most` bounds the requests (None: nothing does)."""

    name: str
    hint: str
    attempts: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] | None = None


Good = Callable[[requests.Response], bool]
"""Is there a body to read? Raises Passing, or UnavailableError for an answer that is none."""


class Service:
    """One object serves one round of questions: its total deadline runs from the start."""

    def __init__(self, terms: Terms, session: requests.Session, timeout: float, total: float) -> None:
        """In seconds: `timeout` is of one request, `total` of all together."""
        self._terms = terms
        self._session = session
        self._timeout = timeout
        self._end = time.monotonic() + total
        self._lock = Lock()
        self.requests = 0

    def close(self) -> None:
        self._session.close()

    def refusal(self, why: str) -> UnavailableError:
        return UnavailableError(f"{self._terms.name} did not answer as it should: {why}", hint=self._terms.hint)

    def ask(self, request: Request, good: Good, limit: int) -> bytes | None:
        """The body of a good answer, None where `good` says there is none to read.

        Each pause is longer than the last and never goes past the deadline. Raises UnavailableError, Exhausted.
        """
        why = ""
        for attempt in range(self._terms.attempts):
            try:
                return self._once(request, good, limit)
            except Passing as error:
                why = str(error)
                pause = max(min(error.after, MAX_WAIT), 0.1 * 2**attempt * random.SystemRandom().uniform(0.5, 1.5))
            if attempt + 1 < self._terms.attempts:
                if pause >= self._left():
                    break
                time.sleep(pause)
        raise self.refusal(why)

    def _left(self) -> float:
        return self._end - time.monotonic()

    def _once(self, request: Request, good: Good, limit: int) -> bytes | None:
        left = self._left()
        if left <= 0:
            raise self.refusal("it took too long altogether")
        with self._lock:
            if self._terms.most is not None and self.requests >= self._terms.most:
                raise Exhausted
            self.requests += 1
        try:
            with self._session.request(
                request.method,
                request.url,
                data=request.body,
                headers=request.headers,
                timeout=min(self._timeout, left),
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._body(response, limit) if good(response) else None
        except (requests.RequestException, HTTPError, OSError) as error:
            raise Passing(reason(error)) from None
        except ValueError as error:
            # A malformed header or encoding: no answer, and not worth asking again.
            raise self.refusal(f"unreadable answer ({type(error).__name__})") from None

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


def kind_of(response: requests.Response) -> str:
    """The media type of an answer, without its parameters."""
    return str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an address leads. `local` says that it is this machine."""

    text: str
    local: bool


def origin(url: str, what: str, hint: str) -> Origin:
    """Raises UnavailableError unless the address is https, or http to this machine, and holds nothing but a place.

    `what` says in messages what it would be the address of.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UnavailableError(f"`{url[:80]}` is no address of {what}", hint=hint) from None
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise UnavailableError(f"`{url[:80]}` is no plain address of {what}", hint=hint)
    local = host == "localhost" or _is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UnavailableError(f"`{url[:80]}` is not encrypted", hint=hint)
    return Origin(f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 80)}", local)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def session_to(place: Origin, threads: int) -> requests.Session:
    """Proxies of the environment are honoured, except for this machine; its stored passwords never are."""
    session = requests.Session()
    session.trust_env = not place.local
    session.auth = lambda request: request
    session.headers.update({"User-Agent": f"tidegate/{__version__}"})
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=threads)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
