"""JSON to and from one advisory service."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from requests import Response, Session

from tidegate.adapters import service
from tidegate.adapters.service import PASSING, Passing, Request, Service, Terms, kind_of
from tidegate.errors import FormatError, UnavailableError
from tidegate.formats.strict_json import loads
from tidegate.ports import Clock

ATTEMPTS = 4
TOTAL = 5
"""The whole audit may take this many times the timeout of one request."""
THREADS = 16
_HINT = "try again, or give a downloaded database with `--database`"


class Transport:
    """One object serves one audit of the service at `url`: its total deadline runs from the start."""

    def __init__(self, url: str, timeout: float, clock: Clock) -> None:
        """`timeout` is in seconds. Raises UnavailableError for an address that is not https (loopback excepted)."""
        self._base = url.rstrip("/")
        self._clock = clock
        terms = Terms(f"the advisory service {self._base}", _HINT, ATTEMPTS)
        self._service = Service(terms, session_to(url), timeout, TOTAL * timeout)

    @property
    def requests(self) -> int:
        return self._service.requests

    def close(self) -> None:
        self._service.close()

    def refusal(self, why: str) -> UnavailableError:
        return self._service.refusal(why)

    def post(self, path: str, body: object, limit: int) -> object:
        return self._json("POST", path, json.dumps(body, separators=(",", ":")).encode(), limit)

    def get(self, path: str, limit: int) -> object:
        return self._json("GET", path, None, limit)

    def _json(self, method: str, path: str, body: bytes | None, limit: int) -> object:
        def good(response: Response) -> bool:
            self._check(response, path)
            return True

        raw = self._service.ask(Request(method, self._base + path, body), good, limit)
        try:
            return loads(raw or b"", limit=limit, what=f"the answer to `{path}`")
        except FormatError as error:
            raise self.refusal(error.message) from None

    def _check(self, response: Response, path: str) -> None:
        status = response.status_code
        if status in PASSING:
            raise Passing(f"status {status}", self._after(response.headers.get("Retry-After", "")))
        if status != 200:
            raise self.refusal(f"status {status} for `{path}`")
        kind = kind_of(response)
        if kind != "application/json":
            raise self.refusal(f"`{kind[:60]}` instead of JSON")

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


def session_to(url: str) -> Session:
    """For JSON unless a request says otherwise. Raises UnavailableError unless it is https, or http to this machine."""
    hint = "write `service.url` as `https://host`, such as `https://api.osv.dev`"
    session = service.session_to(service.origin(url, "a service", hint), THREADS)
    session.headers.update({"Content-Type": "application/json", "Accept": "application/json"})
    return session
