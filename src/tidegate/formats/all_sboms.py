"""Every format an SBOM is written in."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.formats.sbom.cyclonedx_plain import Spec
    from tidegate.formats.sbom_model import Bom


@dataclass(frozen=True, slots=True)
class Format:
    """`ending` is the file name's, `predicate` the in-toto predicate type, "" for what is not attested.

    `module` of `tidegate.formats` writes it, and is imported when it does.
    """

    name: str
    ending: str
    media_type: str
    predicate: str
    module: str

    def render(self, bom: "Bom", spec: "Spec") -> str:
        text: str = import_module(f"tidegate.formats.{self.module}").render(bom, spec)
        return text


CYCLONEDX = "https://cyclonedx.org/bom"
SPDX = "https://spdx.dev/Document"

FORMATS = {
    each.name: each
    for each in (
        Format("cyclonedx-json", "cdx.json", "application/vnd.cyclonedx+json", CYCLONEDX, "cyclonedx"),
        Format("cyclonedx-xml", "cdx.xml", "application/vnd.cyclonedx+xml", "", "sbom.cyclonedx_xml"),
        Format("spdx-json", "spdx.json", "application/spdx+json", SPDX, "sbom.spdx_json"),
    )
}
