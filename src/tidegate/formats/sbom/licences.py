"""What a component says of its licence: an SPDX expression in its normal spelling, or the words as they stand."""

from functools import lru_cache

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tidegate.formats.sbom.words import fit
from tidegate.formats.sbom_model import Component, Licence, Wording


def stated(component: Component) -> tuple[Licence, ...]:
    """What a document said of it, else the author's words as `parse` reads them; () where nobody says anything."""
    if component.licences:
        return component.licences
    words = " ".join(fit(component.licence).split())
    return (parse(words),) if words else ()


@lru_cache(maxsize=4096)
def parse(words: str) -> Licence:
    """An SPDX expression when it is one exactly, else a name: what is nearly one is not made into one."""
    try:
        return Licence(str(canonicalize_license_expression(words)))
    except (InvalidLicenseExpression, RecursionError, ValueError):
        return Licence(words, Wording.NAME)
