"""Parts of a plain document by name; what is missing or of another kind is empty."""

from collections.abc import Iterator

from tidegate.model.digest import Digest

Json = dict[str, object]

ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
"""Our names of digests to CycloneDX's. Go's `h1` is one of a listing and has no name there."""

_OURS = {name.replace("-", ""): ours for ours, name in ALGORITHMS.items()}


def text(plain: Json, key: str) -> str:
    value = plain.get(key)
    return value if isinstance(value, str) else ""


def record(plain: Json, key: str) -> Json:
    value = plain.get(key)
    return value if isinstance(value, dict) else {}


def records(plain: Json, key: str) -> list[Json]:
    value = plain.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def words(plain: Json, key: str) -> list[str]:
    value = plain.get(key)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def digests(entries: list[Json], algorithm: str, content: str) -> Iterator[Digest]:
    """The digests we can compare; those of other algorithms, or of a wrong length, are nobody's proof of anything."""
    for entry in entries:
        ours = _OURS.get(text(entry, algorithm).upper().replace("-", ""))
        if ours is not None:
            try:
                yield Digest(ours, text(entry, content).strip().lower())
            except ValueError:
                continue
