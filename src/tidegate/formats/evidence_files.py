"""Attestations in whatever wrapping their tools leave them: one function turns a file into Sigstore bundles.

Read are: a bundle, JSON lines of bundles, `gh attestation download` and `verify --format json`, the attestation lists
of GitHub and npm, and the attestation and provenance objects of PEP 740. Wrapping is not signed and nothing in it is
believed; each bundle is verified by itself.
"""

import json
from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats import pep740, strict_json
from tidegate.formats.bundle import LIMIT

MAX_BUNDLES = 200
MAX_NESTING = 3


def split(raw: bytes) -> tuple[bytes, ...]:
    """The bundles of one file, in its order. Raises FormatError when there are too many or a wrapping is broken.

    Lines that cannot be read are handed out as they are: whoever verifies them refuses each by itself.
    """
    lines = [line for line in raw.split(b"\n", MAX_BUNDLES * 50) if line.strip()]
    if len(lines) > 1 and not _plainly(lines[0]) and _read(lines[0]) is None:
        whole = _read(raw)
        if whole is not None:
            return _bounded(_unwrap(whole, raw, MAX_NESTING))
    return _bounded(bundle for line in lines for bundle in _line(line))


def _bounded(found: Iterator[bytes]) -> tuple[bytes, ...]:
    bundles: list[bytes] = []
    for bundle in found:
        bundles.append(bundle)
        if len(bundles) > MAX_BUNDLES:
            raise FormatError(f"there are more than {MAX_BUNDLES} bundles in one file")
    return tuple(bundles)


def _plainly(line: bytes) -> bool:
    """A line that begins so is a bundle or nothing: a member of that name is never found in a wrapping."""
    return line.startswith(b'{"mediaType":') and line.rstrip().endswith(b"}")


def _line(line: bytes) -> Iterator[bytes]:
    plain = None if _plainly(line) else _read(line)
    if plain is None:
        yield line
    else:
        yield from _unwrap(plain, line, MAX_NESTING)


def _read(raw: bytes) -> dict[str, object] | list[object] | None:
    try:
        plain = strict_json.loads(raw, limit=LIMIT, what="the attestation")
    except FormatError:
        return None
    return plain if isinstance(plain, dict | list) else None


def _unwrap(plain: object, raw: bytes | None, deeper: int) -> Iterator[bytes]:
    """The bundles in one JSON value; `raw` are its bytes where it stands alone."""
    if deeper < 0:
        raise FormatError("the attestations are wrapped too often")
    if isinstance(plain, list):
        for item in plain:
            yield from _unwrap(item, None, deeper - 1)
    elif not isinstance(plain, dict):
        yield _bytes(plain)
    elif pep740.is_provenance(plain):
        yield from pep740.bundles(plain)
    elif pep740.is_attestation(plain):
        yield pep740.bundle(plain)
    elif "mediaType" not in plain and isinstance(plain.get("attestations"), list):
        yield from _unwrap(plain["attestations"], None, deeper - 1)
    elif "mediaType" not in plain and isinstance(plain.get("attestation"), dict):
        yield from _unwrap(plain["attestation"], None, deeper - 1)
    elif "mediaType" not in plain and isinstance(plain.get("bundle"), dict):
        yield from _unwrap(plain["bundle"], None, deeper - 1)
    else:
        yield raw if raw is not None else _bytes(plain)


def _bytes(plain: object) -> bytes:
    return json.dumps(plain).encode()
