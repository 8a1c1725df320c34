"""What a Fulcio certificate says about its holder: the typed subject name and the claims of the CI that asked."""

from cryptography import x509

from tidegate.errors import FormatError

ARC = "1.3.6.1.4.1.57264.1."
CLAIMS = {
    8: "issuer",
    9: "build_signer_uri",
    10: "build_signer_digest",
    11: "runner_environment",
    12: "source_repository_uri",
    13: "source_repository_digest",
    14: "source_repository_ref",
    15: "source_repository_id",
    16: "source_repository_owner_uri",
    17: "source_repository_owner_id",
    18: "build_config_uri",
    19: "build_config_digest",
    20: "build_trigger",
    21: "run_invocation_uri",
    22: "visibility",
    23: "deployment_environment",
    24: "token_subject",
}
OLDER = {1: "issuer", 2: "build_trigger", 3: "source_repository_digest", 6: "source_repository_ref"}
"""Extensions of bare text that the later ones replaced and must equal where both are there."""
_UTF8_STRING = 0x0C


def claims(certificate: x509.Certificate) -> tuple[tuple[str, str], ...]:
    """The Fulcio extensions .8 to .24 by name (fulcio `docs/oid-info.md`), in the order of their numbers.

    Raises FormatError when one is not a DER UTF8String or contradicts the older extension it replaced.
    """
    raw = {
        extension.oid.dotted_string: extension.value.value
        for extension in certificate.extensions
        if isinstance(extension.value, x509.UnrecognizedExtension)
    }
    found = tuple((name, utf8(raw[f"{ARC}{n}"])) for n, name in CLAIMS.items() if f"{ARC}{n}" in raw)
    known = dict(found)
    for number, name in OLDER.items():
        old = raw.get(f"{ARC}{number}")
        if old is not None and name in known and old != known[name].encode():
            raise FormatError(f"the certificate names two values for the {name.replace('_', ' ')}")
    return found


def subject(certificate: x509.Certificate) -> str:
    """The one subject alternative name: a URI as it stands, any other kind prefixed so that it equals no URI."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if len(names) != 1:
        raise FormatError("the certificate does not have exactly one subject name")
    name = next(iter(names))
    if isinstance(name, x509.UniformResourceIdentifier):
        return name.value
    if isinstance(name, x509.RFC822Name):
        return f"email:{name.value}"
    return "other:"


def utf8(der: bytes) -> str:
    """A DER UTF8String, whole and without trailing bytes. Raises FormatError."""
    if len(der) < 2 or der[0] != _UTF8_STRING:
        raise FormatError("a certificate extension is not a UTF8String")
    length, start = der[1], 2
    if length & 0x80:
        size = length & 0x7F
        if size not in (1, 2) or len(der) < 2 + size:
            raise FormatError("a certificate extension has a length that cannot be read")
        length, start = int.from_bytes(der[2 : 2 + size], "big"), 2 + size
    if len(der) != start + length:
        raise FormatError("a certificate extension has the wrong length")
    try:
        return der[start:].decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("a certificate extension is not UTF-8") from None
