"""Registry logins as docker and podman store them in a file; no credential helper is ever run."""

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.errors import FormatError, UserError
from tidegate.formats import strict_json

LIMIT = 1 << 20
_HELPERS = ("credsStore", "credHelpers")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Base64 `user:password` by registry host, with a path where the login is for a part of a registry."""

    logins: Mapping[str, str] = field(default_factory=dict, repr=False)
    helpers: bool = False
    """True when the file leaves logins to helper programs, which are not run."""

    def basic(self, host: str, name: str) -> str:
        """What goes behind `Basic`, "" for an anonymous request. The most specific login wins; hosts are exact."""
        parts = [host, *name.split("/")]
        for count in range(len(parts), 0, -1):
            found = self.logins.get("/".join(parts[:count]))
            if found:
                return found
        return ""


def read(environment: Mapping[str, str]) -> Credentials:
    """From `REGISTRY_AUTH_FILE`, `DOCKER_CONFIG` or the home folder. Raises UserError when the file is unreadable."""
    path = _path(environment)
    if path is None:
        return Credentials()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return Credentials()
    except OSError as error:
        raise UserError(f"cannot read `{path}`: {error.strerror}", hint="log in again, or remove the file") from None
    with os.fdopen(handle, "rb") as stream:
        raw = stream.read(LIMIT + 1) if stat.S_ISREG(os.fstat(stream.fileno()).st_mode) else b"-"
    try:
        return parse(raw)
    except FormatError as error:
        raise UserError(f"`{path}` cannot be used: {error.message}", hint="log in again, or remove the file") from None


def parse(raw: bytes) -> Credentials:
    """Read a docker `config.json` or podman `auth.json`. Raises FormatError; its message holds no secret."""
    plain = strict_json.loads(raw, limit=LIMIT, what="the login file")
    auths = plain.get("auths", {}) if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or not isinstance(auths, dict):
        raise FormatError("the login file is not an object of `auths`")
    logins: dict[str, str] = {}
    for address, entry in auths.items():
        auth = entry.get("auth") if isinstance(entry, dict) else None
        if auth is None or auth == "":
            continue
        if not isinstance(auth, str) or not _is_login(auth):
            raise FormatError("a login is not base64 of `user:password`")
        logins[_place(address)] = auth
    return Credentials(logins, any(plain.get(name) for name in _HELPERS))


def _path(environment: Mapping[str, str]) -> Path | None:
    if environment.get("REGISTRY_AUTH_FILE"):
        return Path(environment["REGISTRY_AUTH_FILE"])
    if environment.get("DOCKER_CONFIG"):
        return Path(environment["DOCKER_CONFIG"]) / "config.json"
    home = environment.get("HOME")
    return Path(home) / ".docker" / "config.json" if home else None


def _place(address: str) -> str:
    """`https://host/v2/` and `host` are one place; a path names a part of a registry."""
    plain = address.partition("://")[2] or address
    host, _, path = plain.partition("/")
    path = path.strip("/")
    return host.lower() if path in {"", "v1", "v2"} else f"{host.lower()}/{path}"


def _is_login(auth: str) -> bool:
    try:
        decoded = base64.b64decode(auth, validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in decoded and not set(decoded) & {0, 10, 13}
