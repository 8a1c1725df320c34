"""CycloneDX JSON, written so that the same content is the same bytes, and checked against its own schema."""

from tidegate.formats.sbom.cyclonedx_plain import Spec, head, plain
from tidegate.formats.sbom.json_lines import document, lines
from tidegate.formats.sbom.validation import LIMIT, validate
from tidegate.formats.sbom_model import Bom

__all__ = ["LIMIT", "SPEC", "Spec", "render", "validate"]

SPEC: Spec = "1.6"


def render(bom: Bom, spec: Spec = SPEC) -> str:
    """The document, ending in a newline; every component and every entry of the graph is a line of its own."""
    content = lines(plain(bom, spec, stream=True))
    return document(lines(head(content, spec)), content)
