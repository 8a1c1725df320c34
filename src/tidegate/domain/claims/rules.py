"""Every rule of rows 5, 7 and 8."""

from tidegate.domain.claims.deployment_rules import ARTIFACT_CHANGED, DEPLOYMENT_RULES
from tidegate.domain.claims.identity_rules import IDENTITY_RULES
from tidegate.domain.claims.provenance_rules import PROVENANCE_RULES
from tidegate.domain.claims.rebuild_rules import REBUILD_RULES
from tidegate.domain.claims.registry_rules import REGISTRY_RULES
from tidegate.domain.claims.release_rules import APPROVAL_RULES, RELEASE_RULES
from tidegate.domain.claims.signing_rules import SIGNING_REFUSED
from tidegate.domain.claims.signing_rules import SIGNING_RULES as _SIGNATURE_RULES

SIGNING_RULES = _SIGNATURE_RULES + IDENTITY_RULES
_TRACED = PROVENANCE_RULES + APPROVAL_RULES + REBUILD_RULES
RULES = SIGNING_RULES + _TRACED + DEPLOYMENT_RULES + RELEASE_RULES + REGISTRY_RULES

__all__ = [
    "APPROVAL_RULES",
    "ARTIFACT_CHANGED",
    "DEPLOYMENT_RULES",
    "PROVENANCE_RULES",
    "REBUILD_RULES",
    "RULES",
    "SIGNING_REFUSED",
    "SIGNING_RULES",
]
