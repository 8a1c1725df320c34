"""DER, just enough of it: what the certificate and timestamp services write and read themselves."""

from datetime import UTC, datetime


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element; its content is the parts in a row."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return tlv(0x31, *sorted(parts))


def integer(number: int) -> bytes:
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(data: bytes) -> bytes:
    return tlv(0x04, data)


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    out = bytearray([first * 40 + second])
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | (number & 0x7F))
        out += bytes(reversed(groups))
    return tlv(0x06, bytes(out))


def generalized(time: datetime) -> bytes:
    return tlv(0x18, time.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """(tag, content) of the elements in a row; ValueError when they do not fill the data exactly."""
    found = []
    while data:
        if len(data) < 2:
            raise ValueError("a DER element is cut off")
        tag, length, start = data[0], data[1], 2
        if length & 0x80:
            size = length & 0x7F
            length, start = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
        if len(data) < start + length:
            raise ValueError("a DER element is cut off")
        found.append((tag, data[start : start + length]))
        data = data[start + length :]
    return found
