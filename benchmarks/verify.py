"""Verifying through tidegate costs little beside the cryptography: compared with bare sigstore-python, in one run."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.x509 import Certificate
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore._utils import read_embedded
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.trustroot import v1 as trustroot

from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.formats import evidence_files, intoto

BUNDLE = Path(__file__).parent.parent / "tests" / "data" / "bundles" / "reusable-workflow.intoto.jsonl"
ARTIFACTS = 500
ROUNDS = 5
TARGET = 0.8


class Anybody:
    """sigstore's own policy for this prints a warning each time, which would be measured too."""

    def verify(self, cert: Certificate) -> None:
        return


def run() -> Iterator[str]:
    """500 artifacts, each with one attestation, in rounds of a hundred that take turns."""
    raw = BUNDLE.read_bytes().strip()
    root = read_embedded("trusted_root.json", DEFAULT_TUF_URL)
    theirs = Verifier(trusted_root=TrustedRoot(trustroot.TrustedRoot.from_json(root)))
    ours = SigstoreVerifier(root)

    def bare() -> None:
        theirs.verify_dsse(Bundle.from_json(raw), Anybody())

    def gate() -> None:
        """A line of an attestations file: unwrapped, verified, its statement read."""
        for one in evidence_files.split(raw):
            intoto.parse(ours.verify_statement(one, {}).payload)

    bare()
    gate()
    pairs = [(_cpu(bare), _cpu(gate)) for _ in range(ROUNDS)]
    raw_rate = ARTIFACTS / ROUNDS / min(pair[0] for pair in pairs)
    rate = ARTIFACTS / ROUNDS / min(pair[1] for pair in pairs)
    share = rate / raw_rate
    verdict = "ok" if share >= TARGET else "short"
    yield f"verify-throughput {rate:.0f}/s {share:.0%} of {raw_rate:.0f}/s >={TARGET:.0%} {verdict}"


def _cpu(verify: Callable[[], None]) -> float:
    begun = time.process_time()
    for _ in range(ARTIFACTS // ROUNDS):
        verify()
    return time.process_time() - begun
