"""Wheels made for tests: members, a RECORD that tells the truth about them, and ways to break either."""

import base64
import hashlib
import io
import warnings
import zipfile
from collections.abc import Mapping

NAME = "demo-1.0-py3-none-any.whl"
INFO = "demo-1.0.dist-info"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\n"
WHEEL = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def row(path: str, data: bytes) -> str:
    """A row of RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}\n"


def members(
    files: Mapping[str, bytes], metadata: bytes = METADATA, info: str = INFO, end: str = "\n"
) -> dict[str, bytes]:
    """Files, metadata, and RECORD about all of them."""
    whole = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": WHEEL}
    record = "".join(row(path, data) for path, data in whole.items()) + f"{info}/RECORD,,\n"
    return {**whole, f"{info}/RECORD": record.replace("\n", end).encode()}


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """A zip file of these members in their order, made by hand: times fixed, modes of a Unix tool."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")
        archive.comment = comment
        for path, data in files.items():
            info = zipfile.ZipInfo(path, (2020, 2, 2, 2, 2, 2))
            info.create_system, info.external_attr, info.compress_type = 3, 0o100644 << 16, method
            archive.writestr(info, data)
    return out.getvalue()


def wheel(files: Mapping[str, bytes] | None = None, metadata: bytes = METADATA) -> bytes:
    return packed(members({"demo/__init__.py": b"x = 1\n"} if files is None else files, metadata))
