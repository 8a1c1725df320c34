"""JSON from one package index, which is never followed to another host."""

from collections.abc import Collection

from requests import Response

from tidegate.adapters.service import (
    PASSING,
    Origin,
    Passing,
    Request,
    Service,
    Terms,
    kind_of,
    origin,
    session_to,
)
from tidegate.errors import FormatError, UnavailableError
from tidegate.formats.strict_json import loads

ATTEMPTS = 3
TOTAL = 5
"""All questions to an index together may take this many times the timeout of one request."""
MAX_REQUESTS = 2000
THREADS = 8
_GONE = frozenset({404, 410})
_HINT = "try again when the index answers, or say `registry.ask: false`"


class Transport:
    """One object serves one round of questions to the index at `url`: its total deadline runs from the start."""

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout` is in seconds. Raises UnavailableError for an address that is not https (loopback excepted)."""
        self._base = url.rstrip("/")
        self._origin = _origin(self._base)
        terms = Terms(f"the package index {self._base}", _HINT, ATTEMPTS, MAX_REQUESTS)
        self._service = Service(terms, session_to(self._origin, THREADS), timeout, TOTAL * timeout)

    @property
    def requests(self) -> int:
        return self._service.requests

    def close(self) -> None:
        self._service.close()

    def refusal(self, why: str) -> UnavailableError:
        return self._service.refusal(why)

    def get(self, path: str, kinds: Collection[str], limit: int) -> object | None:
        """The JSON at a path below the index's address; None when there is nothing. Raises Exhausted, too."""
        return self._json(f"{self._base}/{path}", kinds, limit)

    def owns(self, url: str) -> bool:
        """Does an address lie at the index itself?"""
        try:
            return _origin(url) == self._origin
        except UnavailableError:
            return False

    def follow(self, url: str, kinds: Collection[str], limit: int) -> object | None:
        """The JSON at an address the index gave, which must be its own."""
        if not self.owns(url):
            raise self.refusal("it points to another host")
        return self._json(url, kinds, limit)

    def _json(self, url: str, kinds: Collection[str], limit: int) -> object | None:
        def good(response: Response) -> bool:
            return self._check(response, kinds)

        raw = self._service.ask(Request("GET", url, headers={"Accept": ", ".join(kinds)}), good, limit)
        if raw is None:
            return None
        try:
            return loads(raw, limit=limit, what="the answer")
        except FormatError as error:
            raise self.refusal(error.message) from None

    def _check(self, response: Response, kinds: Collection[str]) -> bool:
        status = response.status_code
        if status in PASSING:
            raise Passing(f"status {status}")
        if status in _GONE:
            return False
        if status != 200:
            raise self.refusal(f"status {status}")
        kind = kind_of(response)
        if kind not in kinds:
            raise self.refusal(f"`{kind[:60]}` instead of `{next(iter(kinds))}`")
        return True


def _origin(url: str) -> Origin:
    return origin(url, "an index", "write `registry.indexes` as `https://host/path`")
