"""A VEX document of either dialect."""

from tidegate.errors import FormatError
from tidegate.formats import cyclonedx as bom
from tidegate.formats.strict_json import loads
from tidegate.formats.vex import cyclonedx, openvex
from tidegate.formats.vex.statement import LIMIT, Statement


def parse(raw: bytes) -> tuple[Statement, ...]:
    """Its statements about exact package versions, in its order. Raises FormatError."""
    document = loads(raw, limit=LIMIT, what="the VEX document")
    if not isinstance(document, dict):
        raise FormatError("the VEX document is not a JSON object")
    if openvex.is_openvex(document):
        return tuple(openvex.statements(document))
    if cyclonedx.is_cyclonedx(document):
        bom.validate(raw)
        return tuple(cyclonedx.statements(document))
    raise FormatError("the document is neither OpenVEX nor CycloneDX")
