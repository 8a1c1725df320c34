"""Every format an SBOM is written in."""

from collections.abc import Callable
from dataclasses import dataclass

from tidegate.formats import cyclonedx
from tidegate.formats.sbom import cyclonedx_xml, spdx_json
from tidegate.formats.sbom.cyclonedx_plain import Spec
from tidegate.formats.sbom_model import Bom


@dataclass(frozen=True, slots=True)
class Format:
    """`ending` is the file name's, `predicate` the in-toto predicate type, "" for what is not attested."""

    name: str
    ending: str
    media_type: str
    predicate: str
    render: Callable[[Bom, Spec], str]


CYCLONEDX = "https://cyclonedx.org/bom"
SPDX = "https://spdx.dev/Document"

FORMATS = {
    each.name: each
    for each in (
        Format("cyclonedx-json", "cdx.json", cyclonedx.MEDIA_TYPE, CYCLONEDX, cyclonedx.render),
        Format("cyclonedx-xml", "cdx.xml", cyclonedx_xml.MEDIA_TYPE, "", cyclonedx_xml.render),
        Format("spdx-json", "spdx.json", spdx_json.MEDIA_TYPE, SPDX, spdx_json.render),
    )
}
