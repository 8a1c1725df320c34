"""Importing this makes ready what a policy's default tiers are searched with: for a worker that waits for its job."""

from tidegate.domain.secrets.engine import Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints

Scanner(Fingerprints.derived(), tiers=frozenset({"block", "warn"})).scan(b"")
