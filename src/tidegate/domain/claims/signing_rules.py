"""What can be wrong with a signature, in words for the one who has to mend it."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


def _rule(ident: str, says: str, why: str, fix: str, *frameworks: str) -> Rule:
    return Rule(ident, Control.SIGNING, Level.FAIL, says, why, fix, frameworks)


SIGNATURE_MISSING = _rule(
    "signature-missing",
    "the artifact is not signed",
    "without a signature nobody can tell the released file from a replaced one",
    "run `tidegate check` with a signer: `--key FILE`, or a CI job that may ask for an identity token",
    "NIST SSDF PS.2",
)
SIGNATURE_INVALID = _rule(
    "signature-invalid",
    "the signature does not verify",
    "a signature that does not fit its file means that one of them was changed",
    "find out which was changed; remove the signature and sign the right file again",
    "NIST SSDF PS.2",
)
SIGNATURE_UNTRUSTED = _rule(
    "signature-untrusted",
    "the signer is not one the policy trusts",
    "anybody can sign; a signature means something only when its signer is expected",
    "sign with a trusted signer, or name this one exactly under `trust.builders`",
    "NIST SSDF PS.2",
)
SIGNATURE_UNSUPPORTED = _rule(
    "signature-unsupported",
    "the signature is of a kind that cannot be checked here",
    "evidence that cannot be checked proves nothing, even when it may be sound",
    "sign with a current Sigstore client (bundle v0.3) or with a key the policy names",
)
LOG_PROOF_MISSING = _rule(
    "log-proof-missing",
    "the evidence does not prove that the transparency log holds it",
    "without the proof, checked offline, a certificate that was stolen or wrongly issued leaves no trace to find",
    "fetch the bundle again with its inclusion proof (bundle v0.2 or newer), or sign again with a current client",
    "SLSA v1.1 Verifying artifacts, step 1",
)
CERTIFICATE_TIME_MISSING = _rule(
    "certificate-time-missing",
    "nothing proves that the certificate was valid when it signed",
    "a signing certificate lives for minutes; without a trusted time its key could sign for ever",
    "sign again with a client that keeps the log's promise or the authority's timestamp in the bundle",
)
TRUSTED_ROOT_STALE = _rule(
    "trusted-root-stale",
    "the Sigstore trusted root is older than the policy allows",
    "an old root still trusts authorities and logs that were withdrawn since, and knows none of the new ones",
    "fetch the instance's current `trusted_root.json`, commit it and name it under `trust.root`, or update sigstore",
)
KEY_REVOKED = _rule(
    "key-revoked",
    "the signing key was revoked",
    "whoever has a revoked key can sign at any time and claim an earlier one",
    "sign again with a valid key; only a trusted timestamp from before `revoked_at` saves an old signature",
)
KEY_OUT_OF_TIME = _rule(
    "key-out-of-time",
    "the signing key is not valid at the time of the signature",
    "the policy limits the key to a span of time",
    "sign again with a valid key, or add trusted timestamps to signatures",
)
TIMESTAMP_MISSING = _rule(
    "timestamp-missing",
    "nothing proves when the signature was made",
    "without a trusted time a stolen key can sign as of any day",
    "sign keyless or with a timestamp authority, or set `controls.signing.timestamp: false`",
)
SIGNATURE_KIND = _rule(
    "signature-kind-not-accepted",
    "the signature is of a kind the policy does not accept",
    "a key proves who holds it, a certificate proves which workflow ran: they are not the same",
    "sign in the accepted way, or change `controls.signing.accept`",
)
SIGNING_REFUSED = _rule(
    "signing-refused",
    "nothing was signed",
    "what cannot be described truthfully, or carries a secret, must not get a signature",
    "mend what the message names and run `tidegate check` again",
)

SIGNING_RULES = (
    SIGNATURE_MISSING,
    SIGNATURE_INVALID,
    SIGNATURE_UNTRUSTED,
    SIGNATURE_UNSUPPORTED,
    LOG_PROOF_MISSING,
    CERTIFICATE_TIME_MISSING,
    TRUSTED_ROOT_STALE,
    KEY_REVOKED,
    KEY_OUT_OF_TIME,
    TIMESTAMP_MISSING,
    SIGNATURE_KIND,
    SIGNING_REFUSED,
)
