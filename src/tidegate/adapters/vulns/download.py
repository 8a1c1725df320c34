"""One file fetched from an advisory service: whole, bounded in size and time, or not at all."""

import time
from collections.abc import Callable
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError

from tidegate.adapters.service import PASSING, kind_of
from tidegate.adapters.silence import reason
from tidegate.adapters.vulns.snapshot import MAX_ARCHIVE
from tidegate.adapters.vulns.transport import session_to
from tidegate.errors import UnavailableError, UserError

ATTEMPTS = 3
QUIET = 30.0
"""Seconds without a byte after which a connection counts as broken."""
_CHUNK = 2**20
_HINT = "try again later; the database you have stays as it is"

Say = Callable[[str], None]


class _Broken(Exception):
    """A failure worth another attempt."""


def fetch(url: str, path: Path, *, limit: float, tag: str = "", say: Say) -> str | None:
    """Write what `url` answers to `path`; `limit` is in seconds, for all attempts together.

    Gives the server's tag for this version, None when it still is the one called `tag` (nothing is written then).
    Raises UnavailableError, UserError for an address that cannot be used, OSError for what happens on this side.
    """
    end = time.monotonic() + limit
    try:
        session = session_to(url)
    except UnavailableError as error:
        raise UserError(error.message, hint="write `--from https://host/folder`") from None
    try:
        why = ""
        for attempt in range(ATTEMPTS):
            try:
                return _once(session, url, path, end, tag, say)
            except _Broken as error:
                why = str(error)
            pause = 0.5 * 2**attempt
            if attempt + 1 == ATTEMPTS or time.monotonic() + pause >= end:
                break
            time.sleep(pause)
        raise _refusal(url, why)
    finally:
        session.close()


def _once(session: requests.Session, url: str, path: Path, end: float, tag: str, say: Say) -> str | None:
    headers = {"Accept": "*/*", "Accept-Encoding": "identity", **({"If-None-Match": tag} if tag else {})}
    left = end - time.monotonic()
    if left <= 0:
        raise _refusal(url, "it took too long altogether")
    try:
        with session.get(
            url, headers=headers, timeout=min(QUIET, left), allow_redirects=False, stream=True
        ) as response:
            if response.status_code == 304 and tag:
                return None
            expected = _check(response, url)
            _write(response, path, url, expected, end, say)
            return _tag(response.headers.get("ETag", ""))
    except (requests.RequestException, HTTPError) as error:
        raise _Broken(reason(error)) from None
    except ValueError as error:
        raise _refusal(url, f"unreadable answer ({type(error).__name__})") from None


def _check(response: requests.Response, url: str) -> int | None:
    """The promised length, None when there is none."""
    if response.status_code in PASSING:
        raise _Broken(f"status {response.status_code}")
    if response.status_code != 200:
        raise _refusal(url, f"status {response.status_code}")
    kind = kind_of(response)
    if kind.startswith("text/") or kind.endswith("json"):
        raise _refusal(url, f"`{kind[:60]}` instead of a zip file")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise _refusal(url, "it was packed once more on the way")
    promised = response.headers.get("Content-Length", "")
    if not promised:
        return None
    if not (promised.isascii() and promised.isdigit()) or int(promised[:20]) > MAX_ARCHIVE:
        raise _refusal(url, "it is larger than the limit")
    return int(promised)


def _write(response: requests.Response, path: Path, url: str, expected: int | None, end: float, say: Say) -> None:
    size = 0
    with path.open("wb") as stream:
        while part := _part(response):
            size += len(part)
            if size > MAX_ARCHIVE:
                raise _refusal(url, "it is larger than the limit")
            if time.monotonic() > end:
                raise _refusal(url, "it answers too slowly")
            stream.write(part)
            say(f"{size / 2**20:.0f} of {expected / 2**20:.0f} MiB" if expected else f"{size / 2**20:.0f} MiB")
    if expected is not None and size != expected:
        raise _Broken("the answer broke off")


def _part(response: requests.Response) -> bytes:
    try:
        part: bytes = response.raw.read1(_CHUNK)
    except OSError as error:
        # Told apart from what fails while writing.
        raise _Broken(reason(error)) from None
    return part


def _tag(text: str) -> str:
    return text if text.isascii() and text.isprintable() and len(text) <= 200 else ""


def _refusal(url: str, why: str) -> UnavailableError:
    return UnavailableError(f"`{url}` did not answer as it should: {why}", hint=_HINT)
