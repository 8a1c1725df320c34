"""What each standard asks for, by its own edition. CISA's is the draft put up for comment, not a final text."""

from dataclasses import dataclass

from tidegate.domain.sbom.scoring import fields
from tidegate.domain.sbom.scoring.fields import Field


@dataclass(frozen=True, slots=True)
class Standard:
    """`required` must be there; `additional` must be there where they exist, which a document cannot show."""

    name: str
    title: str
    required: tuple[Field, ...]
    additional: tuple[Field, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        return (*self.required, *self.additional)


NTIA_2021 = Standard(
    "ntia-2021",
    "NTIA minimum elements for an SBOM, data fields (12 July 2021)",
    (
        fields.SUPPLIER,
        fields.NAME,
        fields.VERSION,
        fields.IDENTIFIER,
        fields.RELATION,
        fields.AUTHOR,
        fields.TIMESTAMP,
    ),
)
CISA_2025 = Standard(
    "cisa-2025",
    "CISA 2025 minimum elements for an SBOM, data fields (draft for comment of 22 August 2025)",
    (
        fields.AUTHOR,
        fields.SUPPLIER,
        fields.NAME,
        fields.VERSION,
        fields.IDENTIFIER,
        fields.HASH,
        fields.LICENCE,
        fields.RELATION,
        fields.TOOL,
        fields.TIMESTAMP,
        fields.CONTEXT,
    ),
)
BSI_2_1 = Standard(
    "bsi-tr-03183-2",
    "BSI TR-03183-2 v2.1.0, required and additional fields (20 August 2025)",
    (
        fields.FORMAT,
        fields.NO_VULNERABILITIES,
        fields.CONTACT,
        fields.TIMESTAMP,
        fields.CREATOR,
        fields.NAME,
        fields.VERSION,
        fields.FILENAME,
        fields.COMPLETENESS,
        fields.DISTRIBUTION,
        fields.SHA512,
        fields.EXECUTABLE,
        fields.ARCHIVE,
        fields.STRUCTURED,
    ),
    (
        fields.URI,
        fields.SOURCE_URI,
        fields.DEPLOYABLE_URI,
        fields.IDENTIFIER,
        fields.ORIGINAL,
    ),
)

STANDARDS = (NTIA_2021, CISA_2025, BSI_2_1)
