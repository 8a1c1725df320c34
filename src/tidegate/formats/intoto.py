"""An in-toto statement binds a predicate to artifacts by their sha256 (in-toto attestation framework, Statement v1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tidegate.errors import FormatError
from tidegate.formats import records, strict_json
from tidegate.model.digest import LENGTHS, Digest

STATEMENT_V1 = "https://in-toto.io/Statement/v1"
STATEMENT_OLD = "https://in-toto.io/Statement/v0.1"
PROVENANCE_OLD = "https://slsa.dev/provenance/v0.2"
LIMIT = 16 * 1024 * 1024
MAX_SUBJECTS = 1024
MAX_TEXT = 4096


@dataclass(frozen=True, slots=True)
class Subject:
    """One artifact a statement speaks about. `digest` is its sha256; where there is none, the sha512 npm writes.

    `digests` holds every algorithm as written.
    """

    name: str
    digest: Digest
    digests: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed statement; the predicate is JSON data nobody has judged yet."""

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Mapping[str, object]


def build(subjects: Iterable[tuple[str, Digest]], predicate_type: str, predicate: Mapping[str, object]) -> bytes:
    """A statement in canonical JSON: the same content always gives the same bytes."""
    listed = [{"name": name, "digest": {digest.algorithm: digest.value}} for name, digest in subjects]
    raw = records.canonical(
        {"_type": STATEMENT_V1, "subject": listed, "predicateType": predicate_type, "predicate": predicate}
    )
    parse(raw)
    return raw


def parse(payload: bytes) -> Statement:
    """Read a statement strictly. Raises FormatError; unknown fields are ignored, as the framework asks.

    Version 0.1 is read only around the predicate of its own time, provenance v0.2. A statement without a predicate
    (PEP 740 publish attestations have none) has an empty one.
    """
    plain = strict_json.loads(payload, limit=LIMIT, what="the statement")
    if not isinstance(plain, dict):
        raise FormatError("the statement is not an object")
    predicate_type = text(plain.get("predicateType"), "the statement's predicateType")
    kind = plain.get("_type")
    if kind != STATEMENT_V1 and not (kind == STATEMENT_OLD and predicate_type == PROVENANCE_OLD):
        raise FormatError(f"the statement's type is not `{STATEMENT_V1}`")
    predicate = plain["predicate"] if plain.get("predicate") is not None else {}
    if not isinstance(predicate, dict):
        raise FormatError("the statement's predicate is not an object")
    return Statement(_subjects(plain.get("subject")), predicate_type, predicate)


def _subjects(plain: object) -> tuple[Subject, ...]:
    if not isinstance(plain, list) or not plain:
        raise FormatError("the statement has no subject")
    if len(plain) > MAX_SUBJECTS:
        raise FormatError(f"the statement has more than {MAX_SUBJECTS} subjects")
    subjects = tuple(_subject(item) for item in plain)
    by_name: dict[str, Digest] = {}
    for subject in subjects:
        if subject.name and by_name.setdefault(subject.name, subject.digest) != subject.digest:
            raise FormatError(f"the statement gives the subject {subject.name[:80]!a} two digests")
    return subjects


def _subject(plain: object) -> Subject:
    if not isinstance(plain, dict):
        raise FormatError("a subject is not an object")
    name = plain.get("name", "")
    if not isinstance(name, str) or len(name) > MAX_TEXT:
        raise FormatError("a subject's name is not a text")
    digests = digest_set(plain.get("digest"), f"the subject {name[:80]!a}")
    chosen = next((algorithm for algorithm in ("sha256", "sha512") if algorithm in dict(digests)), None)
    if chosen is None:
        raise FormatError(f"the subject {name[:80]!a} has no sha256 digest")
    return Subject(name, Digest(chosen, dict(digests)[chosen]), digests)


def digest_set(plain: object, what: str) -> tuple[tuple[str, str], ...]:
    """A DigestSet as sorted pairs; a value that does not fit the algorithm it stands under is refused."""
    if not isinstance(plain, dict) or not plain:
        raise FormatError(f"{what} has no digest")
    for algorithm, value in plain.items():
        if not isinstance(value, str) or not value or len(value) > MAX_TEXT:
            raise FormatError(f"{what} has a digest that is not a text")
        if algorithm in LENGTHS:
            try:
                Digest(algorithm, value)
            except ValueError:
                raise FormatError(f"{what} has a {algorithm} digest of the wrong shape") from None
    return tuple(sorted(plain.items()))


def moment(plain: object, what: str) -> datetime:
    """An RFC 3339 time, in UTC. Raises FormatError."""
    try:
        time = datetime.fromisoformat(text(plain, what))
        if time.tzinfo is None:
            raise FormatError(f"{what} has no time zone")
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FormatError(f"{what} is not an RFC 3339 time") from None


def text(plain: object, what: str) -> str:
    """A text of at least one and at most MAX_TEXT characters, without control characters."""
    if not isinstance(plain, str) or not plain or len(plain) > MAX_TEXT or not plain.isprintable():
        raise FormatError(f"{what} is missing or not a plain text")
    return plain
