"""The room's own nouns: what a verified signature proves, and whom a policy trusts."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

HOSTED = frozenset({"github-hosted", "gitlab-hosted"})
KINDS = {"": "", "tag": "refs/tags/", "branch": "refs/heads/"}


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified signature. `key` is the policy's key path, "" for certificates, whose `claims` then speak.

    `times` are trusted times (RFC 3339) with their origin, `log` or `tsa`. `payload` is what was signed, b"" for files.
    """

    key: str = ""
    san: str = ""
    issuer: str = ""
    claims: tuple[tuple[str, str], ...] = ()
    times: tuple[tuple[str, str], ...] = ()
    payload: bytes = b""

    @property
    def keyless(self) -> bool:
        return not self.key

    def claim(self, name: str) -> str:
        return dict(self.claims).get(name, "")

    @property
    def time(self) -> tuple[datetime, str] | None:
        """The earliest trusted time and its origin: the signature existed then."""
        read = [(datetime.fromisoformat(text).astimezone(UTC), origin) for text, origin in self.times]
        return min(read) if read else None


@dataclass(frozen=True, slots=True)
class RefRule:
    """One accepted ref, exact or a pattern: `*` is anything but `/`, `**` anything; the whole ref must match.

    With a `kind` (`tag`, `branch`) the text stands for the name behind `refs/tags/` or `refs/heads/`.
    """

    text: str
    pattern: bool = False
    kind: str = ""

    def matches(self, ref: str) -> bool:
        prefix = KINDS[self.kind]
        return ref.startswith(prefix) and self._named(ref.removeprefix(prefix))

    def _named(self, ref: str) -> bool:
        if not self.pattern:
            return ref == self.text
        pieces = re.split(r"(\*\*|\*)", self.text)
        expression = "".join({"*": "[^/]*", "**": ".*"}.get(piece, re.escape(piece)) for piece in pieces)
        return ref.isprintable() and re.fullmatch(expression, ref) is not None


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key the policy names by its path. `fingerprint` is the hex sha256 of its DER SPKI, "" when unreadable."""

    key: str
    fingerprint: str = ""
    not_before: date | None = None
    not_after: date | None = None
    revoked_at: date | None = None
    source_repository: str = ""
    builder_id: str = ""
    refs: tuple[RefRule, ...] = ()
    actor: str = ""
    """The CI account of the key's holder, where approvals are counted."""


@dataclass(frozen=True, slots=True)
class TrustedIdentity:
    """A CI identity the policy names; empty fields are not asked for.

    `signer_workflow` is who signed (claim .9), `caller_workflow` who called it (.18); they differ for reusable ones.
    """

    issuer: str
    source_repository: str
    signer_workflow: str
    source_repository_id: str = ""
    refs: tuple[RefRule, ...] = ()
    runner: str = ""
    triggers: tuple[str, ...] = ()
    caller_workflow: str = ""
    signer_refs: tuple[RefRule, ...] = ()
    max_level: int | None = None


Entry = TrustedKey | TrustedIdentity


def fingerprint(pem: bytes) -> str:
    """The hex sha256 of a public key's DER SPKI; "" when the PEM cannot be read (then nothing verifies with it)."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return ""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def any_matches(rules: Iterable[RefRule], ref: str) -> bool:
    return any(rule.matches(ref) for rule in rules)
