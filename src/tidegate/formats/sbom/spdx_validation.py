"""SPDX 2.3 JSON checked against its schema, and for what the schema cannot say: every name once, every end there."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

from tidegate.errors import FormatError
from tidegate.formats.sbom.fields import Json, records, text, words
from tidegate.formats.strict_json import loads

VERSION = "SPDX-2.3"
LIMIT = 64 * 1024 * 1024
MAX_ERRORS = 5
DOCUMENT = "SPDXRef-DOCUMENT"
CONTEXT = "generation context: "
"""How the comment of our own documents begins; the phases of the life cycle follow, for which there is no field."""
NOTHING = frozenset({"NONE", "NOASSERTION"})


def validate(document: str | bytes) -> None:
    """Raises FormatError that names the first errors."""
    raw = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
    check(loads(raw, limit=LIMIT, what="the SBOM"))


def check(plain: object) -> Json:
    """The document itself when it is valid. Raises FormatError."""
    if not isinstance(plain, dict) or plain.get("spdxVersion") != VERSION:
        raise FormatError(f"the SBOM is not {VERSION} JSON")
    # A comment of the document and a schema's own name are written by other tools and change nothing.
    known = {key: value for key, value in plain.items() if key not in ("$schema", "comment")}
    faults = list(islice(_faults()(known), MAX_ERRORS)) or list(islice(_structure(plain), MAX_ERRORS))
    if faults:
        raise FormatError("the SBOM is not valid SPDX: " + "; ".join(faults))
    return plain


@cache
def _faults() -> Callable[[object], Iterator[str]]:
    import jsonschema_rs  # it takes 30 ms

    schema = json.loads((files("tidegate.formats.sbom") / "schemas/spdx-2.3-schema.json").read_text(encoding="utf-8"))
    validator = jsonschema_rs.validator_for(schema, retriever=_refuse, validate_formats=True)

    def tell(plain: object) -> Iterator[str]:
        for error in validator.iter_errors(plain):
            place = "/".join(str(step) for step in error.instance_path)
            yield f"/{place}: {error.message}"[:300]

    return tell


def _refuse(uri: str) -> dict[str, object]:
    raise ValueError(f"no such schema: {uri[:80]}")


def _structure(plain: Json) -> Iterator[str]:
    """SPDX 2.3 clauses 6.2, 6.3, 6.5 and 11: fixed values, identifiers given once, relationships between known ends."""
    if text(plain, "SPDXID") != DOCUMENT:
        yield f"/SPDXID: not `{DOCUMENT}`"
    if text(plain, "dataLicense") != "CC0-1.0":
        yield "/dataLicense: not `CC0-1.0`"
    if not text(plain, "documentNamespace"):
        yield "/documentNamespace: missing"
    elements = [*records(plain, "packages"), *records(plain, "files"), *records(plain, "snippets")]
    counted = Counter(text(each, "SPDXID") for each in elements)
    for name, times in sorted(counted.items()):
        if times > 1 or not name.startswith("SPDXRef-"):
            yield f"the identifier {name[:100]!a} is given twice or is none"
    known = {*counted, DOCUMENT} | NOTHING
    ends = [
        text(each, key) for each in records(plain, "relationships") for key in ("spdxElementId", "relatedSpdxElement")
    ]
    for end in (*ends, *words(plain, "documentDescribes")):
        if end not in known and not end.startswith("DocumentRef-"):
            yield f"the reference {end[:100]!a} points to nothing"
