"""What a compiled program looks like from its first bytes, and how much of one is looked at."""

LIMIT = 256 << 20

_MACH = frozenset({b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce"})
ELF = b"\x7fELF"


def is_program(head: bytes) -> bool:
    """ELF, PE or Mach-O for one kind of machine."""
    return head.startswith((ELF, b"MZ")) or head[:4] in _MACH
