"""Names, digests and sources as lockfiles write them, turned into the model's values."""

import base64
import binascii
import re
from functools import lru_cache

from tidegate.errors import FormatError
from tidegate.formats import registries, urls
from tidegate.formats.python_names import canonicalize_name
from tidegate.model.digest import LENGTHS, Digest
from tidegate.model.package import Source, SourceKind

LIMIT = 16 * 1024 * 1024
"""Bytes of the largest lockfile that is read."""

MAX_PACKAGES = 50_000

_USERINFO = re.compile(r"(://|^)(?!git@)[^/?#\s]*@(?=[^/?#\s]*(?:[/?#]|$))")
_PYTHON_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NPM_NAME = re.compile(r"(?:@[A-Za-z0-9~*_.-][A-Za-z0-9~!'()*_.-]*/)?[A-Za-z0-9~!'()*_-][A-Za-z0-9~!'()*_.-]*")


def python_name(written: str) -> str:
    """The normalised name (PEP 503). Raises FormatError when it is no name."""
    if len(written) > 200 or not _PYTHON_NAME.fullmatch(written):
        raise FormatError("a package has a name that is no package name")
    return canonicalize_name(written)


def npm_name(written: str) -> str:
    """The name as it is. Raises FormatError when it is no npm package name."""
    if len(written) > 214 or not _NPM_NAME.fullmatch(written):
        raise FormatError("a package has a name that is no package name")
    return written


def digest(written: str) -> Digest | None:
    """`algorithm:hex`; None when it is not a digest the model knows."""
    try:
        return Digest.parse(written)
    except ValueError:
        return None


@lru_cache(maxsize=16384)
def integrity(written: str) -> tuple[tuple[Digest, ...], tuple[str, ...]]:
    """Subresource Integrity (`alg-base64`, several apart by spaces): the digests, and what was no digest."""
    good, bad = [], []
    for word in written.split():
        algorithm, _, encoded = word.partition("?")[0].partition("-")
        try:
            good.append(Digest(algorithm.lower(), base64.b64decode(encoded, validate=True).hex()))
        except (ValueError, binascii.Error):
            bad.append(word[:200])
    return tuple(good), tuple(bad)


def file_hashes(hashes: dict[str, object]) -> tuple[list[Digest], list[str]]:
    """The digests of one file by algorithm. Weak ones are left out beside a strong one, which is what counts."""
    good, bad = [], []
    for algorithm, value in hashes.items():
        one = digest(f"{algorithm}:{value}") if isinstance(value, str) and algorithm in LENGTHS else None
        if one is None:
            bad.append(f"{algorithm}:{value}"[:200])
        else:
            good.append(one)
    strong = [one for one in good if one.strong]
    return strong or good, bad


def without_secrets(url: str) -> str:
    """An address as it may be kept and shown: a user name or password is there, but not which (`git@` may stay)."""
    return _USERINFO.sub(r"\1***@", url) if "@" in url else url


@lru_cache(maxsize=16384)
def registry(ecosystem: str, url: str) -> Source:
    """A package of an index; "" means the ecosystem's own registry, which the lock did not write down."""
    host = _host(url)
    public = not url or registries.is_public(ecosystem, host)
    return Source(SourceKind.REGISTRY, url=without_secrets(url), host=host, public=public)


def direct(url: str) -> Source:
    return Source(SourceKind.URL, url=without_secrets(url), host=_host(url))


def git(url: str, ref: str) -> Source:
    try:
        host = urls.parse_git(url).host
    except FormatError:
        host = ""
    return Source(SourceKind.GIT, url=without_secrets(url), host=host, ref=ref)


def path(target: str) -> Source:
    return Source(SourceKind.PATH, url=target)


def workspace(folder: str) -> Source:
    return Source(SourceKind.WORKSPACE, url=folder)


UNKNOWN = Source(SourceKind.UNKNOWN)


def _host(url: str) -> str:
    try:
        return urls.parse(url).host
    except FormatError:
        return ""
