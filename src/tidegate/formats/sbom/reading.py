"""An SBOM somebody made, whatever its format: read strictly, checked against its schema, and given as our model."""

import json
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.sbom import (
    cyclonedx_reading,
    spdx_reading,
    spdx_validation,
    validation,
    xml_reading,
    xml_validation,
)
from tidegate.formats.sbom.fields import Json
from tidegate.formats.sbom.validation import LIMIT
from tidegate.formats.sbom_model import Bom
from tidegate.formats.strict_json import loads


@dataclass(frozen=True, slots=True)
class Read:
    """`format` is a name of the policy's (`cyclonedx-json`, `cyclonedx-xml`, `spdx-json`)."""

    format: str
    bom: Bom


def read(document: bytes) -> Bom:
    """CycloneDX JSON 1.2 to 1.7, CycloneDX XML 1.0 to 1.7, SPDX 2.3 JSON; at most `LIMIT` bytes. Raises FormatError."""
    return recognise(document).bom


def recognise(document: bytes) -> Read:
    """The same, and which format it was."""
    if _is_xml(document):
        return Read("cyclonedx-xml", xml_reading.bom(document))
    name, plain = _plain(document)
    return Read(name, spdx_reading.bom(plain) if name == "spdx-json" else cyclonedx_reading.bom(plain))


def check_own(text: str) -> None:
    """Is what we just wrote a document `read` accepts? Raises FormatError.

    JSON is read as our own writer makes it: from dictionaries, so that no key can be there twice.
    """
    try:
        document = text.encode() if text.startswith("<") else b""
        size = len(document) or len(text.encode())
    except UnicodeEncodeError:
        raise FormatError("the SBOM is not UTF-8") from None
    if size > LIMIT:
        raise FormatError(f"the SBOM has more than {LIMIT} bytes")
    if document:
        xml_validation.parse(document)
    else:
        _known(json.loads(text))


def _is_xml(document: bytes) -> bool:
    if len(document) > LIMIT:
        raise FormatError(f"the SBOM has more than {LIMIT} bytes")
    return document.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _plain(document: bytes) -> tuple[str, Json]:
    return _known(loads(document, limit=LIMIT, what="the SBOM"))


def _known(plain: object) -> tuple[str, Json]:
    if isinstance(plain, dict) and "spdxVersion" in plain and "bomFormat" not in plain:
        return "spdx-json", spdx_validation.check(plain)
    return "cyclonedx-json", validation.check(plain)
