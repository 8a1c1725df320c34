"""URLs read strictly: what two clients could read differently is refused, what is merely unwise is named."""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from tidegate.errors import FormatError

MAX_LENGTH = 4096
DEFAULT_PORTS = {"https": 443, "http": 80, "ssh": 22, "git": 9418}

_FORBIDDEN = re.compile(r"[^\x21-\x7e]|[\\<>\"`]")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%(?:[01][0-9A-Fa-f]|5[cC]|7[fF])")
_SHAPE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_DOTS = re.compile(r"(?:^|/)(?:\.|%2[eE]){1,2}(?=/|$)")
_SCP = re.compile(r"(?:([A-Za-z0-9_.-]+)@)?([A-Za-z0-9.-]+):(?!//)([^\s:]+)")


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of an absolute URL. `scheme` and `host` are lower case; `port` is None when it is the scheme's own.

    `user` and `secret` say that the authority carries a name or a name with a password; `literal` that the host is an
    IP address in any notation.
    """

    scheme: str
    host: str
    path: str = ""
    port: int | None = None
    query: str = ""
    fragment: str = ""
    user: str = ""
    secret: bool = False
    literal: bool = False

    @property
    def origin(self) -> str:
        """`scheme://host[:port]`, fit for messages: nothing secret is in it."""
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port is not None else "")

    @property
    def file_name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@lru_cache(maxsize=8192)
def parse(text: str) -> Url:
    """Read an absolute URL (RFC 3986, ASCII only). Raises FormatError.

    Refused: whitespace, control and non-ASCII characters, backslashes, half escapes and escaped control characters,
    dot segments, an empty or ill-formed host, a port that is no number. `file:` URLs have no host.
    """
    if len(text) > MAX_LENGTH:
        raise FormatError(f"a URL is longer than {MAX_LENGTH} characters")
    if _FORBIDDEN.search(text):
        raise FormatError("a URL holds a character that does not belong there")
    if _ESCAPE.search(text):
        raise FormatError("a URL holds an escape that does not belong there")
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise FormatError("not an absolute URL")
    scheme, authority, path = match[1].lower(), match[2], match[3]
    if _DOTS.search(path):
        raise FormatError("a URL holds `.` or `..` segments")
    userinfo, _, hostport = authority.rpartition("@")
    host, port = _host_and_port(hostport)
    if not host and scheme.rsplit("+", 1)[-1] != "file":
        raise FormatError("a URL has no host")
    user, colon, _ = userinfo.partition(":")
    base = scheme.rsplit("+", 1)[-1]
    return Url(
        scheme=scheme,
        host=host,
        path=path,
        port=None if port == DEFAULT_PORTS.get(base) else port,
        query=match[4] or "",
        fragment=match[5] or "",
        user=user,
        secret=bool(colon),
        literal=_is_literal(host),
    )


def host_of(text: str) -> str:
    """The host of an absolute URL, "" where it cannot be read."""
    try:
        return parse(text).host
    except FormatError:
        return ""


def parse_git(text: str) -> Url:
    """Read a repository's address: a URL with or without `git+`, or `user@host:path`, which becomes `ssh://`."""
    plain = text.removeprefix("git+")
    match = None if "://" in plain else _SCP.fullmatch(plain)
    if match:
        plain = f"ssh://{match[1] + '@' if match[1] else ''}{match[2]}/{match[3].lstrip('/')}"
    return parse(plain)


def faults(url: Url, *, git: bool = False) -> tuple[str, ...]:
    """What makes a well-formed URL unfit to fetch code from, in words that follow "it"; empty when nothing does."""
    found = []
    over_ssh = git and url.scheme == "ssh"
    if url.scheme != "https" and not over_ssh:
        found.append(f"is fetched over `{url.scheme}`")
    if url.secret or (url.user and not over_ssh):
        found.append("carries a user name or password")
    if url.literal:
        found.append("names an IP address instead of a host")
    if url.port is not None:
        found.append(f"uses port {url.port}")
    return tuple(found)


@lru_cache(maxsize=1024)
def _host_and_port(text: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::([0-9]*))?", text)
    if bracketed:
        host, digits = f"[{bracketed[1].lower()}]", bracketed[2] or ""
    else:
        host, _, digits = text.partition(":")
        host = host.lower()
        if host and not (len(host) <= 253 and _HOST.fullmatch(host)):
            raise FormatError("a URL has a host that is no host name")
    if not digits:
        return host, None
    if not re.fullmatch(r"[0-9]{1,5}", digits) or int(digits) > 65535:
        raise FormatError("a URL has a port that is no port")
    return host, int(digits)


@lru_cache(maxsize=1024)
def _is_literal(host: str) -> bool:
    """True for every notation a client may read as an address: dotted, bracketed, decimal, octal and hexadecimal."""
    if host.startswith("["):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and _NUMERIC.fullmatch(host.rsplit(".", 1)[-1]) is not None
    return True
