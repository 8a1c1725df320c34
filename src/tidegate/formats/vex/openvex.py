"""OpenVEX 0.2.0 documents (OPENVEX-SPEC.md)."""

from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats.vex.statement import MAX_STATEMENTS, Statement, Status, exact_purl, moment, objects, text

CONTEXT = "https://openvex.dev/ns"
VERSIONED = f"{CONTEXT}/v0.2.0"


def is_openvex(document: dict[str, object]) -> bool:
    context = document.get("@context")
    return isinstance(context, str) and (context == CONTEXT or context.startswith(f"{CONTEXT}/"))


def statements(document: dict[str, object]) -> Iterator[Statement]:
    """Every statement about a package version named by purl. Raises FormatError.

    One about a component *inside* a product speaks of that product alone, and which one that is nobody here knows: it
    is left out, as are products without purl.
    """
    author = text(document.get("author"), "`author`")
    if document.get("@context") not in (CONTEXT, VERSIONED):
        raise FormatError("only OpenVEX 0.2.0 is read")
    if not author:
        raise FormatError("the document has no author")
    count = 0
    for entry in objects(document.get("statements"), "`statements`"):
        status = _status(entry)
        names = _names(entry.get("vulnerability"))
        when = moment(
            entry.get("last_updated")
            or entry.get("timestamp")
            or document.get("last_updated")
            or document.get("timestamp")
        )
        reason = _reason(entry, status)
        for product in objects(entry.get("products"), "`products`"):
            count += 1
            if count > MAX_STATEMENTS:
                raise FormatError(f"the document makes more than {MAX_STATEMENTS} statements")
            purl = _purl(product)
            if purl is not None and not product.get("subcomponents"):
                yield Statement(names, purl, status, author, when, reason)


def _status(entry: dict[str, object]) -> Status:
    try:
        return Status(text(entry.get("status"), "`status`"))
    except ValueError:
        raise FormatError("a statement has a status OpenVEX does not know") from None


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, dict):
        raise FormatError("a statement does not name its vulnerability")
    aliases = value.get("aliases")
    if aliases is not None and not isinstance(aliases, list):
        raise FormatError("`aliases` is not a list")
    names = [text(value.get("name"), "`name`"), *(text(each, "an alias") for each in aliases or [])]
    if not names[0]:
        raise FormatError("a statement does not name its vulnerability")
    return tuple(dict.fromkeys(filter(None, names)))


def _purl(product: dict[str, object]) -> str | None:
    identifiers = product.get("identifiers")
    named = identifiers.get("purl") if isinstance(identifiers, dict) else None
    return exact_purl(named if named is not None else product.get("@id"))


def _reason(entry: dict[str, object], status: Status) -> str:
    """Why; a `not_affected` without a reason is not valid OpenVEX ("Justification")."""
    words = [text(entry.get(key), f"`{key}`") for key in ("justification", "impact_statement")]
    if status is Status.NOT_AFFECTED and not any(words):
        raise FormatError("a `not_affected` has neither a justification nor an impact statement")
    return ": ".join(filter(None, [*words, text(entry.get("status_notes"), "`status_notes`")])) or status.value
