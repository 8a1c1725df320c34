"""What the address of a requirement says: where it is from, its version, and its digest."""

import re

from tidegate.formats.filenames import python_file
from tidegate.formats.locks import pins
from tidegate.model.digest import Digest
from tidegate.model.package import Source, SourceKind, file_name


def digest_of(url: str) -> list[Digest]:
    """The digest pip holds a download against where its address carries one (`#sha256=…`)."""
    found = re.search(r"[#&](sha256|sha384|sha512|sha1|md5)=([0-9A-Fa-f]+)", url)
    one = pins.digest(f"{found[1]}:{found[2]}") if found else None
    return [one] if one is not None else []


def source_of(url: str) -> tuple[Source, str]:
    """The source and, where the file name says it, the version."""
    scheme = url.split(":", 1)[0].lower()
    address, _, _ = url.partition("#")
    if scheme.startswith("git+"):
        address = re.sub(r"^git\+", "", address, flags=re.IGNORECASE)
        head, slash, path = address.partition("://")[2].partition("/")
        repository, at, ref = path.partition("@")
        base = f"{scheme[4:]}://{head}{slash}{repository}"
        return pins.git(base, ref if at else ""), ""
    if "+" in scheme:
        return Source(SourceKind.UNKNOWN, url=url), ""
    if scheme == "file":
        return pins.path(address), ""
    named = python_file(file_name(address))
    return pins.direct(address), named[1] if named else ""
