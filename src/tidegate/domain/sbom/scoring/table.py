"""Scores as a table for people and as JSON for the evidence folder; the same input gives the same bytes."""

import json
from collections.abc import Iterator, Sequence
from math import floor

from tidegate.domain.sbom.build import Parts
from tidegate.domain.sbom.scoring.check import because
from tidegate.domain.sbom.scoring.fields import DocumentField
from tidegate.domain.sbom.scoring.score import Score, Told
from tidegate.formats.text import shown

MEDIA_TYPE = "application/json"

Json = dict[str, object]


def line(results: Sequence[Score]) -> str:
    """`ntia-2021 6.0 of 7, cisa-2025 8.9 of 11, …`."""
    return ", ".join(map(str, results))


def table(results: Sequence[Score]) -> Iterator[str]:
    """One line a standard, and below it one a field."""
    for each in results:
        yield f"{each}  {each.standard.title}{'' if each.met else '  (not met)'}"
        for row, additional in _rows(each):
            mark = "-" if row.lacking else "+"
            where = "additional" if additional else ""
            yield f"  {mark} {row.field.says:<38}{_share(row):<16}{row.field.rule.id:<30}{where}".rstrip()
            if row.lacking and row.first:
                more = ", …" if row.lacking > len(row.first) else ""
                yield f"      without: {', '.join(map(shown, row.first))}{more}"


def document(results: Sequence[Score], made_of: Parts | None = None) -> str:
    """The same as JSON; `because` says what only the maker of an SBOM can know."""
    plain = {"version": 1, "standards": [_standard(each, made_of) for each in results]}
    return json.dumps(plain, indent=1, ensure_ascii=True) + "\n"


def _standard(score: Score, made_of: Parts | None) -> Json:
    return {
        "name": score.standard.name,
        "title": score.standard.title,
        "points": floor(score.points * 1000) / 1000,
        "of": len(score.told),
        "met": score.met,
        "fields": [_field(row, additional, made_of) for row, additional in _rows(score)],
    }


def _field(row: Told, additional: bool, made_of: Parts | None) -> Json:
    reason = because(row.field, made_of) if row.lacking and made_of is not None else ""
    plain: Json = {"rule": row.field.rule.id, "field": row.field.says, "asked": row.asked, "lacking": row.lacking}
    more: Json = {"additional": additional, "first": [shown(name) for name in row.first], "because": reason}
    return plain | {key: value for key, value in more.items() if value}


def _rows(score: Score) -> Iterator[tuple[Told, bool]]:
    for place, row in enumerate(score.told):
        yield row, place >= len(score.standard.required)


def _share(row: Told) -> str:
    if isinstance(row.field, DocumentField):
        return "no" if row.lacking else "yes"
    return f"{row.asked - row.lacking} of {row.asked}"
