"""An SBOM somebody made, whatever its format: read strictly, checked against its schema, and given as our model."""

from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.sbom import cyclonedx_reading, spdx_reading, xml_reading
from tidegate.formats.sbom.own import known
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
    name, plain = known(loads(document, limit=LIMIT, what="the SBOM"))
    return Read(name, spdx_reading.bom(plain) if name == "spdx-json" else cyclonedx_reading.bom(plain))


def _is_xml(document: bytes) -> bool:
    if len(document) > LIMIT:
        raise FormatError(f"the SBOM has more than {LIMIT} bytes")
    return document.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
