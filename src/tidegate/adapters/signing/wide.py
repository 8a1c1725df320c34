"""What sigstore-python does not check: old and new kinds of log entry, instances without a log, times of keys.

Each step is one its verifier takes too, in its order: time, chain, certificate transparency, log, signature, binding.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tidegate.adapters.signing import entries, keys
from tidegate.adapters.signing.entries import Held
from tidegate.errors import FormatError
from tidegate.formats.bundle import Bundle, LogProofMissing, SignatureRefused, TimeMissing, UnsupportedEvidence

if TYPE_CHECKING:
    from tidegate.adapters.signing.sigstore_root import Root

Moments = tuple[tuple[datetime, str], ...]
_BLOCK = 1024 * 1024


def certified(root: "Root", parsed: Bundle, data: BinaryIO) -> tuple[x509.Certificate, Moments]:
    """Verify a certificate's bundle over `data` (a file, or an envelope's signed bytes), with all its proofs.

    Raises LogProofMissing and TimeMissing where the bundle has none, SignatureRefused where one does not hold, and
    whatever sigstore raises.
    """
    if root.has_logs and not parsed.entries:
        raise LogProofMissing("the bundle has no log entry, and this Sigstore instance logs every signature")
    certificate = x509.load_der_x509_certificate(parsed.certificate or b"")
    held = _held(parsed, certificate.public_bytes(serialization.Encoding.DER), data, certified=True)
    times = (*stamps(root, parsed), *(logged(root, parsed, held)))
    if not times:
        raise untimed(parsed)
    if parsed.entries:
        root.lived(parsed.entries[0].log, times)
    root.certified(certificate, [time for time, _ in times])
    try:
        key = keys.usable(certificate.public_key())
    except FormatError as error:
        raise UnsupportedEvidence(f"the certificate cannot be used: {error.message}") from None
    data.seek(0)
    if not keys.verifies(key, parsed.signature, data):
        raise SignatureRefused("the signature does not verify with the key of its certificate")
    return certificate, times


def times_of_key(root: "Root", parsed: Bundle, key: keys.PublicKey, data: BinaryIO) -> Moments:
    """The trusted times of a key's signature that holds. An authority or log the root does not know gives none.

    Raises SignatureRefused when an entry of a known log does not hold: whoever shows a false proof is not believed.
    """
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    known = parsed.entries and parsed.entries[0].proof and root.knows(parsed.entries[0].log)
    proven = logged(root, parsed, _held(parsed, spki, data, certified=False)) if known else ()
    return (*stamps(root, parsed), *proven)


def untimed(parsed: Bundle) -> SignatureRefused:
    """Why there is no time: nothing gives one, or what gives one is not to be trusted."""
    if parsed.timestamps:
        return SignatureRefused("none of the timestamps is over this signature and by a trusted authority")
    return TimeMissing("no timestamp and no log's promise says when the signature was made")


def stamps(root: "Root", parsed: Bundle) -> Moments:
    found = [root.stamped(stamp, parsed.signature) for stamp in parsed.timestamps]
    return tuple((time, "tsa") for time in found if time is not None)


def logged(root: "Root", parsed: Bundle, held: Held) -> Moments:
    """Verify the log entry, if there is one, and that it is of this signature."""
    for entry in parsed.entries:
        time = root.logged(entry)
        entries.bind(entry, held)
        return ((time, "log"),) if time is not None else ()
    return ()


def _held(parsed: Bundle, signer: bytes, data: BinaryIO, *, certified: bool) -> Held:
    payload = parsed.envelope.payload if parsed.envelope is not None else None
    return Held(
        signature=parsed.signature,
        signer=signer,
        certified=certified,
        digest=partial(_streamed, data),
        payload_digest=_hashed(payload) if payload is not None else None,
    )


def _hashed(payload: bytes) -> Callable[[str], bytes]:
    return lambda algorithm: hashlib.new(algorithm, payload).digest()


def _streamed(data: BinaryIO, algorithm: str) -> bytes:
    data.seek(0)
    running = hashlib.new(algorithm)
    while block := data.read(_BLOCK):
        running.update(block)
    return running.digest()
