"""CycloneDX VEX: the `vulnerabilities` of a BOM with their analysis (CycloneDX 1.4 to 1.7)."""

from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats.vex.statement import MAX_STATEMENTS, Statement, Status, exact_purl, moment, objects, text

STATES = {
    "resolved": Status.FIXED,
    "resolved_with_pedigree": Status.FIXED,
    "not_affected": Status.NOT_AFFECTED,
    "false_positive": Status.NOT_AFFECTED,
    "exploitable": Status.AFFECTED,
    "in_triage": Status.UNDER_INVESTIGATION,
}
"""`analysis.state` in the words of OpenVEX."""


def is_cyclonedx(document: dict[str, object]) -> bool:
    return document.get("bomFormat") == "CycloneDX"


def statements(document: dict[str, object]) -> Iterator[Statement]:
    """Every analysed vulnerability of a component named by purl with its version. Raises FormatError.

    The document must be valid by its schema. References into other documents are left out.
    """
    metadata = _object(document.get("metadata"))
    author = _author(metadata)
    purls = {
        text(each.get("bom-ref"), "`bom-ref`"): each.get("purl")
        for each in objects(document.get("components"), "`components`")
        if each.get("bom-ref")
    }
    count = 0
    for entry in objects(document.get("vulnerabilities"), "`vulnerabilities`"):
        analysis = _object(entry.get("analysis"))
        status = STATES.get(text(analysis.get("state"), "`state`"))
        if status is None:
            continue  # named, and not judged: nothing is said
        names = _names(entry)
        when = moment(analysis.get("lastUpdated") or entry.get("updated") or metadata.get("timestamp"))
        reason = _reason(analysis, status)
        for target in objects(entry.get("affects"), "`affects`"):
            count += 1
            if count > MAX_STATEMENTS:
                raise FormatError(f"the document makes more than {MAX_STATEMENTS} statements")
            ref = text(target.get("ref"), "`ref`")
            purl = exact_purl(purls.get(ref, ref))
            if purl is not None and not target.get("versions"):
                yield Statement(names, purl, status, author, when, reason)


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _author(metadata: dict[str, object]) -> str:
    """The one author; of several nobody could say whose word it is."""
    authors = [text(each.get("name"), "an author") for each in objects(metadata.get("authors"), "`authors`")]
    named = authors or [text(_object(metadata.get("supplier")).get("name"), "`supplier`")]
    if len(named) != 1 or not named[0]:
        raise FormatError("the document has not exactly one author")
    return named[0]


def _names(entry: dict[str, object]) -> tuple[str, ...]:
    references = objects(entry.get("references"), "`references`")
    names = [text(entry.get("id"), "`id`"), *(text(each.get("id"), "`id`") for each in references)]
    if not names[0]:
        raise FormatError("a vulnerability has no `id`")
    return tuple(dict.fromkeys(filter(None, names)))


def _reason(analysis: dict[str, object], status: Status) -> str:
    words = [text(analysis.get(key), f"`{key}`") for key in ("justification", "detail")]
    if status is Status.NOT_AFFECTED and not any(words):
        raise FormatError("a `not_affected` has neither a justification nor a detail")
    return ": ".join(filter(None, words)) or status.value
