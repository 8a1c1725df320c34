"""Made-up credentials, assembled at run time: no file of the project holds one."""

import base64
import json
import random
import string
from collections.abc import Iterator
from urllib.parse import quote

ALNUM = string.ascii_letters + string.digits


def some(length: int, alphabet: str = ALNUM, seed: object = 7) -> str:
    """Varied text, the same for the same seed."""
    rng = random.Random(f"{seed} {length}")
    return "".join(rng.choice(alphabet) for _ in range(length))


def github(seed: object = 7) -> str:
    return "gh" + "p_" + some(36, seed=seed)


def password(seed: object = 7) -> str:
    """A weak value of the warn tier: letters and digits, no word."""
    return some(9, string.ascii_letters, seed) + some(4, string.digits, seed) + "!" + some(4, seed=seed)


def images(value: str) -> Iterator[str]:
    """The value, every piece of 12 characters, and what common encodings make of it, wherever in a text it begins."""
    yield value
    for at in range(len(value) - 11):
        yield value[at : at + 12]
    raw = value.encode()
    yield raw.hex()
    yield raw.hex().upper()
    yield "".join(f"%{byte:02x}" for byte in raw)
    yield "".join(f"%{byte:02X}" for byte in raw)
    yield "".join(f"\\u{byte:04x}" for byte in raw)
    yield quote(value, safe="")
    yield json.dumps(value)[1:-1]
    yield raw.decode().encode("utf-16-le").decode("latin-1")
    for lead in range(3):
        # What lies before it shifts its base64; the characters that mix with their neighbours are left out.
        text = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
        yield text[lead and 4 : -2]
        yield base64.urlsafe_b64encode(b"\0" * lead + raw).decode().rstrip("=")[lead and 4 : -2]
