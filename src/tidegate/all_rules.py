"""Every rule there is, for `explain`, for policies that name one, and for the reports."""

from tidegate.acts import SIGNING_REFUSED
from tidegate.domain.changes.all_rules import RULES as CHANGES
from tidegate.domain.claims.rules import RULES as CLAIMS
from tidegate.domain.grants.rules import RULES as GRANTS
from tidegate.domain.locks.rules import RULES as LOCKS
from tidegate.domain.matching.rules import RULES as MATCHING
from tidegate.domain.reconcile.rules import RULES as RECONCILE
from tidegate.domain.sbom.rules import RULES as SBOM
from tidegate.domain.sbom.scoring.rules import RULES as COMPLETENESS
from tidegate.domain.secrets.rules import RULES as SECRETS
from tidegate.judge import NOTHING_EXAMINED, POLICY_CHANGED

_ROOMS = (*LOCKS, *MATCHING, *CHANGES, *SECRETS, *GRANTS, *CLAIMS, *SBOM, *COMPLETENESS, *RECONCILE)

RULES = {rule.id: rule for rule in (*_ROOMS, NOTHING_EXAMINED, POLICY_CHANGED, SIGNING_REFUSED)}
