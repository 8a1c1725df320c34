"""What a bundle claims to hold, before anybody has verified it."""

from tidegate.errors import FormatError
from tidegate.formats import bundle, intoto


def predicate_type(raw: bytes) -> str:
    """The predicate type of the statement in a bundle, "" for anything that holds none."""
    try:
        envelope = bundle.parse(raw).envelope
        return intoto.parse(envelope.payload).predicate_type if envelope is not None else ""
    except FormatError:
        return ""
