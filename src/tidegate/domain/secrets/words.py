"""The long words of some bytes: what is left of a file once everything that cannot hold a token is gone."""

SHORTEST = 20

_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/="
_TABLE = bytes(byte if byte in _CHARACTERS else 0x20 for byte in range(256))
_SLICE = 1 << 20
_OVERLAP = 1 << 12


def long_words(data: bytes) -> bytes:
    """Every unbroken run of token characters that is at least `SHORTEST` long, once, in no order."""
    found: set[bytes] = set()
    for at in range(0, len(data), _SLICE):
        piece = data[at : at + _SLICE + _OVERLAP]
        found.update(word for word in piece.translate(_TABLE).split() if len(word) >= SHORTEST)
    return b" ".join(found)
