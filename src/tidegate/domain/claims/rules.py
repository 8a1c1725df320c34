"""Every rule of rows 5, 7 and 8."""

from tidegate.domain.claims.deployment_rules import ARTIFACT_CHANGED, DEPLOYMENT_RULES
from tidegate.domain.claims.provenance_rules import PROVENANCE_RULES
from tidegate.domain.claims.signing_rules import SIGNING_REFUSED, SIGNING_RULES

RULES = SIGNING_RULES + PROVENANCE_RULES + DEPLOYMENT_RULES

__all__ = ["ARTIFACT_CHANGED", "DEPLOYMENT_RULES", "PROVENANCE_RULES", "RULES", "SIGNING_REFUSED", "SIGNING_RULES"]
