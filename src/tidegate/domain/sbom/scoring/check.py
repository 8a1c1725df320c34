"""What an SBOM lacks as findings: one a field, with how many components lack it and why, where that is known."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from tidegate.domain.sbom.build import Parts
from tidegate.domain.sbom.packages import LOCAL
from tidegate.domain.sbom.scoring import fields
from tidegate.domain.sbom.scoring.fields import DocumentField, Field
from tidegate.domain.sbom.scoring.score import Score, Told
from tidegate.domain.sbom.scoring.standards import BSI_2_1
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Level, found
from tidegate.model.package import LockFile, SourceKind

_MANY = 3
_HASHLESS = LOCAL | {SourceKind.BUNDLED, SourceKind.GIT}


def lacks(results: Sequence[Score], listed: Iterable[str], release: str, made_of: Parts | None) -> Iterator[Finding]:
    """One finding a field: a fail where a standard in `listed` requires it, else a warning.

    What BSI alone asks for is not told unless it is listed: most teams do not have to meet it. Without `made_of` the
    document is somebody else's and nobody knows why.
    """
    wanted = frozenset(listed)
    required = {field for each in results if each.standard.name in wanted for field in each.standard.required}
    told: dict[Field, Told] = {}
    asking: dict[Field, list[str]] = {}
    for each in results:
        if each.standard is BSI_2_1 and each.standard.name not in wanted:
            continue
        for row in each.told:
            told.setdefault(row.field, row)
            asking.setdefault(row.field, []).append(each.standard.name)
    for field, row in told.items():
        if row.lacking:
            finding = found(field.rule, release, _message(row, asking[field], made_of), release=release)
            yield replace(finding, level=Level.FAIL) if field in required else finding


def gaps(results: Sequence[Score]) -> str:
    """Each field of NTIA and CISA that is not there throughout: `supplier (4 of 4), author of the SBOM`."""
    told = {row.field: row for each in results if each.standard is not BSI_2_1 for row in each.told if row.lacking}
    return ", ".join(
        row.field.says if isinstance(row.field, DocumentField) else f"{row.field.says} ({row.lacking} of {row.asked})"
        for row in told.values()
    )


def _message(row: Told, standards: list[str], made_of: Parts | None) -> str:
    asked = f"asked for by {', '.join(standards)}"
    reason = because(row.field, made_of) if made_of is not None else ""
    tail = f": {reason}" if reason else ""
    if isinstance(row.field, DocumentField):
        return f"{row.field.rule.says} ({asked}){tail}"
    names = ", ".join(f"`{shown(name)}`" for name in row.first)
    return f"{row.lacking} of {row.asked} components have no {row.field.says}, {names} first ({asked}){tail}"


def because(field: Field, made_of: Parts) -> str:
    """Why our own SBOM lacks it, "" where there is no more to say than that it does."""
    if field in (fields.SUPPLIER, fields.CREATOR):
        return "no lockfile records who made a package"
    if field in (fields.LICENCE, fields.ORIGINAL):
        return _silent(made_of, "no licence", lambda lock: any(each.licence for each in lock.packages))
    if field is fields.DISTRIBUTION:
        return "a lockfile holds what authors declared, which nobody has concluded from"
    if field is fields.HASH:
        without = sum(each.source.kind in _HASHLESS for lock in made_of.locks for each in lock.packages)
        return f"{without} are folders, checkouts or parts of others, which have no file" if without else ""
    if field is fields.SHA512:
        return _silent(made_of, "no SHA-512", _has_sha512)
    if field is fields.DEPLOYABLE_URI:
        return _silent(made_of, "no addresses", lambda lock: any(each.urls for each in lock.packages))
    if field in (fields.FILENAME, fields.ARCHIVE, fields.STRUCTURED):
        return "it is not known which of its files a package is installed from"
    if field is fields.EXECUTABLE:
        return "a lockfile does not say what is inside a package"
    return ""


def _has_sha512(lock: LockFile) -> bool:
    return any(digest.algorithm == "sha512" for each in lock.packages for digest in each.hashes)


def _silent(made_of: Parts, what: str, speaks: Callable[[LockFile], bool]) -> str:
    paths = [lock.path for lock in made_of.locks if lock.packages and not speaks(lock)]
    if not paths:
        return ""
    more = f" and {len(paths) - _MANY} more" if len(paths) > _MANY else ""
    verb = "records" if len(paths) == 1 else "record"
    return f"{', '.join(f'`{shown(path)}`' for path in paths[:_MANY])}{more} {verb} {what}"
