"""What can be wrong with the claim that an artifact can be rebuilt, in words for the one who has to mend it."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule


def _rule(ident: str, says: str, why: str, fix: str, *, level: Level = Level.FAIL) -> Rule:
    return Rule(ident, Control.PROVENANCE, level, says, why, fix, ("NIST SSDF PW.6.2",))


REBUILD_MISSING = _rule(
    "rebuild-missing",
    "nobody trusted states that the artifact was rebuilt from its source",
    "what only one machine can build may hold what only that machine knows of",
    "run `tidegate rebuild` in a job without tokens, `tidegate rebuild --sign STATEMENT` in another, then "
    "`tidegate check` again",
)
REBUILD_UNTRUSTED = _rule(
    "rebuild-untrusted",
    "a rebuild is signed by somebody the policy does not trust to rebuild",
    "anybody can write that a build came out the same",
    "sign it as one of `trust.rebuilders`, or name the signer exactly there",
)
REBUILD_MALFORMED = _rule(
    "rebuild-malformed",
    "a rebuild cannot be read or does not verify",
    "a statement that does not verify was changed or made up",
    "remove it from the attestations, and sign the rebuild's statement again",
)
REBUILD_DIFFERENT = _rule(
    "rebuild-different",
    "the artifact came out different when it was built again",
    "bytes that do not follow from the source came from somewhere else, if only from a clock",
    "mend what makes the build differ (the statement names the members and the likely causes), then release again",
)
REBUILD_BY_BUILDER = _rule(
    "rebuild-by-builder",
    "only the builder itself states that its artifact can be rebuilt",
    "whoever holds the builder holds both halves of the comparison",
    "rebuild under another identity, best on another machine",
    level=Level.WARN,
)

REBUILD_RULES = (REBUILD_MISSING, REBUILD_UNTRUSTED, REBUILD_MALFORMED, REBUILD_DIFFERENT, REBUILD_BY_BUILDER)
