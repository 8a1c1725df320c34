"""What a file of evidence is called: the artifact's name, and an ending that says what it holds."""

SIGNATURE = ".sigstore.json"
ATTESTATIONS = ".attestations.jsonl"
VERDICT = ".vsa.sigstore.json"
RESULT = ".svr.sigstore.json"
"""The verdict's second form."""
IMAGE_SIGNATURES = ".cosign.jsonl"
"""cosign's older signatures of an image, one a line."""

ATTESTED = (
    ATTESTATIONS,
    ".attestations.json",
    ".provenance.sigstore.json",
    ".intoto.jsonl",
    ".publish.attestation",
    ".slsa.attestation",
    ".provenance",
)
"""Files of attestations, as tidegate and other tools call them."""
