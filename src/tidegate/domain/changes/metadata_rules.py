"""What can be wrong with a release by what its registry says of it, in plain words."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

_SSDF = ("NIST SSDF PW.4.1", "NIST SSDF PS.3.2", "OWASP CICD-SEC-3")


def _rule(id_: str, says: str, why: str, fix: str, level: Level = Level.FAIL) -> Rule:
    return Rule(id_, Control.DEPENDENCIES, level, says, why, fix, _SSDF)


QUARANTINED = _rule(
    "project-quarantined",
    "its registry has put the project in quarantine",
    "a registry quarantines what it believes to be malicious, before anybody has published an advisory",
    "remove the package until its registry has released it again",
)
RETIRED = _rule(
    "project-retired",
    "its project is archived or deprecated",
    "nobody mends what is retired, and its name may be taken over",
    "replace it with what its maintainers point to",
    Level.WARN,
)
GONE = _rule(
    "release-gone",
    "its registry has no such release any more",
    "registries take malware down: a locked release that has vanished was removed by them or by its maintainers",
    "find out why it was removed; lock another version, or replace the package",
)
PROVENANCE_LOST = _rule(
    "provenance-lost",
    "it is published with weaker evidence of its origin than releases before it",
    "a stolen token can publish a release, but not the attestations of the project's own workflow",
    "ask its maintainers why, and stay on the release before until they have answered",
)
PUBLISHER_CHANGED = _rule(
    "publisher-changed",
    "it was published by another repository or workflow than before",
    "whoever takes over a project, or its release pipeline, publishes from somewhere else",
    "find out whether the project moved; then record its publisher in the file of `registry.publishers`",
)
UNRECORDED = _rule(
    "publisher-unrecorded",
    "nobody has recorded who publishes it",
    "a change of publisher is seen only where somebody wrote down who it was",
    "`tidegate deps publishers` proposes the entry; review it and add it to the file of `registry.publishers`",
    Level.WARN,
)
UNKNOWN = _rule(
    "metadata-unknown",
    "its registry does not say what the policy asks for",
    "what is not known was not checked, and must not look as if it was",
    "look it up; where it must be known, set this rule to `fail`",
    Level.WARN,
)
MALFORMED = _rule(
    "publishers-malformed",
    "the file of publishers cannot be read",
    "a record nobody can read holds nobody to it",
    "mend the file; `tidegate deps publishers` writes a new proposal",
)

RULES = (
    QUARANTINED,
    RETIRED,
    GONE,
    PROVENANCE_LOST,
    PUBLISHER_CHANGED,
    UNRECORDED,
    UNKNOWN,
    MALFORMED,
)
