"""What we wrote ourselves is as valid as what we read of others, before anybody gets it."""

import json

from tidegate.errors import FormatError
from tidegate.formats.sbom import spdx_validation, validation
from tidegate.formats.sbom.fields import Json
from tidegate.formats.sbom.validation import LIMIT


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
        from tidegate.formats.sbom import xml_validation  # few write XML

        xml_validation.parse(document)
    else:
        known(json.loads(text))


def known(plain: object) -> tuple[str, Json]:
    """The name of a JSON document's format, and the document when it is valid. Raises FormatError."""
    if isinstance(plain, dict) and "spdxVersion" in plain and "bomFormat" not in plain:
        return "spdx-json", spdx_validation.check(plain)
    return "cyclonedx-json", validation.check(plain)
