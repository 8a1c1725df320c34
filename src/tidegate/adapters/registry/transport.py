"""Requests to one registry: encrypted unless it is this machine, bounded in size, number and time, never led away."""

import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from tidegate import __version__
from tidegate.adapters.registry.asking import Answer, Into, Wish
from tidegate.adapters.registry.credentials import Credentials
from tidegate.adapters.silence import reason
from tidegate.errors import FormatError, UnavailableError
from tidegate.formats import strict_json

ATTEMPTS = 3
MAX_REQUESTS = 2000
MAX_BYTES = 1 << 30
MAX_REDIRECTS = 5
TOKEN_LIMIT = 1 << 18
_CONNECT = 10.0
_CHUNK = 65536
_AGAIN = frozenset({429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})
_PARAMETER = re.compile(r'([A-Za-z][A-Za-z0-9_-]*)="((?:[^"\\]|\\.)*)"')


class _Passing(Exception):
    """A failure worth another attempt."""


class Transport:
    """Speaks with one registry about one repository; its total deadline runs from the start."""

    def __init__(
        self,
        host: str,
        name: str,
        credentials: Credentials,
        *,
        push: bool,
        timeout: float,
        total: float,
        most: int = MAX_BYTES,
    ) -> None:
        self._most = most
        self.host = host
        self._local = is_loopback(host)
        self.base = f"{'http' if self._local else 'https'}://{host}"
        self._credentials = credentials
        self._basic = credentials.basic(host, name)
        self._scope = f"repository:{name}:{'pull,push' if push else 'pull'}"
        self._timeout = timeout
        self._end = time.monotonic() + total
        self._session = _session(self._local)
        self._authorization = ""
        self._requests = 0
        self._bytes = 0

    def close(self) -> None:
        self._session.close()

    def refusal(self, why: str, hint: str = "try again when the registry answers") -> UnavailableError:
        return UnavailableError(f"the registry `{self.host}` did not answer as it should: {why}", hint=hint)

    def ask(
        self,
        method: str,
        path: str,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        led: bool = False,
        into: Into | None = None,
    ) -> Answer:
        """One request, logged in when the registry asks for it.

        `path` is a path, or an address of the registry itself. Redirects are followed for blobs only (`led`). With
        `into`, the body of a good answer goes there and is not kept. Raises UnavailableError, and FormatError when the
        answer is larger than `limit`.
        """
        url = self.own(urljoin(self.base, path))
        answer = self._insist(method, url, headers or {}, Wish(body, limit, led, into))
        if answer.status == 401 and self._log_in(answer.headers.get("WWW-Authenticate", "")):
            answer = self._insist(method, url, headers or {}, Wish(body, limit, led, into))
        if answer.status in (401, 403):
            raise self.refusal(f"access denied (status {answer.status})", self._login_hint())
        return answer

    def own(self, url: str) -> str:
        """An address of this registry. Raises UnavailableError for any other."""
        if _origin(url) != _origin(self.base):
            raise self.refusal("it points to another host")
        return url

    def _login_hint(self) -> str:
        more = "; logins kept by credential helpers are not read" if self._credentials.helpers else ""
        return f"log in with `docker login {self.host}`, or set DOCKER_CONFIG{more}"

    def _insist(self, method: str, url: str, headers: Mapping[str, str], wish: Wish) -> Answer:
        why = ""
        for attempt in range(ATTEMPTS):
            try:
                return self._follow(method, url, headers, wish)
            except _Passing as error:
                why = str(error)
            pause = 0.2 * 2**attempt * random.SystemRandom().uniform(0.5, 1.5)
            if attempt + 1 < ATTEMPTS:
                if pause >= self._left():
                    break
                time.sleep(pause)
        raise self.refusal(why)

    def _follow(self, method: str, url: str, headers: Mapping[str, str], wish: Wish) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            mine = _origin(url) == _origin(self.base)
            sent = {**headers, **({"Authorization": self._authorization} if mine and self._authorization else {})}
            answer = self._once(method, url, sent, wish)
            if answer.status not in _MOVED:
                # Elsewhere is where the registry keeps its blobs; being refused there is not a question of login.
                if not mine and answer.status in (401, 403):
                    raise self.refusal(f"its blob store refused (status {answer.status})")
                return answer
            if not wish.led or method != "GET":
                raise self.refusal("it redirects what must not be redirected")
            url = self._safe(urljoin(url, answer.headers.get("Location", "")))
        raise self.refusal("it redirects without end")

    def _safe(self, url: str) -> str:
        """Where a redirect or a login may lead: encrypted, or from this machine to this machine."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            _ = parts.port
        except ValueError:
            raise self.refusal("it points to no address") from None
        local = self._local and parts.scheme == "http" and is_loopback(parts.netloc)
        if not host or "@" in parts.netloc or not (parts.scheme == "https" or local):
            raise self.refusal("it points to a place that is not encrypted")
        if not self._local and is_loopback(parts.netloc):
            raise self.refusal("it points to this machine")
        return url

    def _once(self, method: str, url: str, headers: Mapping[str, str], wish: Wish) -> Answer:
        left = self._left()
        self._requests += 1
        if left <= 0 or self._requests > MAX_REQUESTS:
            raise self.refusal("it took too long altogether")
        call, box = partial(self._send, method, url, headers, wish), list[Answer | Exception]()
        # The library's timeouts begin anew with every byte of a header; only another thread ends on time.
        thread = threading.Thread(target=lambda: box.append(_outcome(call)), daemon=True)
        thread.start()
        thread.join(left)
        if not box:
            raise self.refusal("it answers too slowly")
        if isinstance(box[0], Exception):
            raise box[0]
        return box[0]

    def _send(self, method: str, url: str, headers: Mapping[str, str], wish: Wish) -> Answer:
        left = max(0.01, self._left())
        try:
            with self._session.request(
                method,
                url,
                headers=dict(headers),
                data=wish.body,
                timeout=(min(_CONNECT, left), min(self._timeout, left)),
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code in _AGAIN:
                    raise _Passing(f"status {response.status_code}")
                return Answer(response.status_code, response.headers, self._body(response, wish))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _Passing(reason(error)) from None
        except ValueError as error:
            raise self.refusal(f"unreadable answer ({type(error).__name__})") from None

    def _body(self, response: requests.Response, wish: Wish) -> bytes:
        """The body as it is sent: an encoding of its own would be another thing than what the digest is of."""
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise self.refusal("it packs what must be sent as it is")
        # What goes wrong is told by a short page; only a good answer may be as large as what was asked for.
        good = response.status_code < 300
        limit = wish.limit if good else max(wish.limit, TOKEN_LIMIT)
        into = wish.into if good else None
        if into is not None:
            into.begin()
        parts: list[bytes] = []
        size, started = 0, time.monotonic()
        while part := response.raw.read1(_CHUNK):
            if into is None:
                parts.append(part)
            else:
                into.write(part)
            size += len(part)
            self._bytes += len(part)
            if size > limit or self._bytes > self._most:
                message = f"the registry `{self.host}` sends more than {limit} bytes"
                raise FormatError(message, hint="remove what is too large from the registry")
            if self._left() <= 0 or (size < _CHUNK and time.monotonic() - started > self._timeout):
                raise self.refusal("it answers too slowly")
        return b"".join(parts)

    def _left(self) -> float:
        return self._end - time.monotonic()

    def _log_in(self, challenge: str) -> bool:
        """Answer a challenge (RFC 6750 as the token specification uses it, or Basic). False when nothing is gained."""
        before = self._authorization
        scheme = challenge.strip().partition(" ")[0].lower()
        if scheme == "basic" and self._basic:
            self._authorization = f"Basic {self._basic}"
        elif scheme == "bearer":
            self._authorization = f"Bearer {self._token(dict(_PARAMETER.findall(challenge)))}"
        return self._authorization != before

    def _token(self, said: Mapping[str, str]) -> str:
        """A token for our scope, never for more than we need, whatever the challenge names."""
        realm = self._safe(said.get("realm", ""))
        query = {"scope": self._scope} | ({"service": said["service"]} if said.get("service") else {})
        url = f"{realm}{'&' if urlsplit(realm).query else '?'}{urlencode(query)}"
        sent = {"Accept": "application/json"} | ({"Authorization": f"Basic {self._basic}"} if self._basic else {})
        for attempt in range(ATTEMPTS):
            try:
                answer = self._once("GET", url, sent, Wish(None, TOKEN_LIMIT))
                break
            except _Passing as error:
                if attempt + 1 == ATTEMPTS:
                    raise self.refusal(f"its login service: {error}") from None
        if answer.status != 200:
            raise self.refusal(f"its login service refused (status {answer.status})", self._login_hint())
        try:
            plain = strict_json.loads(answer.body, limit=TOKEN_LIMIT, what="the token")
        except FormatError as error:
            raise self.refusal(f"its login service: {error.message}") from None
        token = (plain.get("token") or plain.get("access_token")) if isinstance(plain, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token:
            raise self.refusal("its login service gave no token")
        return token


def _outcome(call: Callable[[], Answer]) -> Answer | Exception:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - carried over to the caller's thread
        return error


def is_loopback(netloc: str) -> bool:
    """Is `host[:port]` this machine, by its address?"""
    try:
        host = urlsplit(f"//{netloc}").hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        return parts.scheme, parts.hostname or "", port
    except ValueError:
        return "", "", None


def _session(local: bool) -> requests.Session:
    """Proxies of the environment are honoured, except for this machine; `.netrc` never is."""
    session = requests.Session()
    session.trust_env = not local
    session.auth = lambda request: request
    session.headers.update({"User-Agent": f"tidegate/{__version__}", "Accept-Encoding": "identity"})
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=4)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
