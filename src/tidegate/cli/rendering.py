"""One release's SBOM as text, made in a worker: what it is made from was read from files anybody may have written."""

from pathlib import Path

from tidegate import __version__
from tidegate.cli.ordering import Delivery, Order
from tidegate.domain.sbom.about import about
from tidegate.domain.sbom.build import build, parts
from tidegate.errors import FormatError
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.sbom.own import check_own
from tidegate.model.inventory import Inventory
from tidegate.ports import CIFacts


def deliver(inventory: Inventory, order: Order, facts: CIFacts) -> Delivery:
    """Valid by its own schema, or not written; in a file, since an answer takes several times as long."""
    said = about(inventory.source, facts, order.author, order.epoch)
    bom = build(parts(order.release, inventory), inventory, __version__, said)
    del inventory
    text = FORMATS[order.format].render(bom, "1.7" if order.spec == "1.7" else "1.6")
    del bom  # reading it again takes most of the memory, and needs none of what it was made from
    try:
        check_own(text)
    except FormatError as error:
        return Delivery(fault=error.message)
    Path(order.out).write_bytes(text.encode())
    return Delivery()
