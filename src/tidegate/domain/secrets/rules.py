"""The rules of secret scanning."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

_REVOKE = "revoke it at the provider first, then take it out and load it from the environment or a secret store"

IN_TREE = Rule(
    "secret-in-tree",
    Control.SECRETS,
    Level.FAIL,
    "a credential lies in the repository",
    "everyone who can read the repository, now or later, can use it",
    _REVOKE,
    ("NIST SSDF PS.1", "OWASP CICD-SEC-6"),
)
IN_HISTORY = Rule(
    "secret-in-history",
    Control.SECRETS,
    Level.FAIL,
    "a credential lies in an earlier commit",
    "deleting a file does not delete its history; every clone still has it",
    "revoke it at the provider; rewriting history is no substitute",
    ("NIST SSDF PS.1", "OWASP CICD-SEC-6"),
)
IN_ARTIFACT = Rule(
    "secret-in-artifact",
    Control.SECRETS,
    Level.FAIL,
    "a credential lies in an artifact",
    "an artifact is published, and copies of it cannot be called back",
    "revoke it, keep its file out of the build, and build again",
    ("NIST SSDF PS.1", "OWASP CICD-SEC-6"),
)
IN_MESSAGE = Rule(
    "secret-in-message",
    Control.SECRETS,
    Level.FAIL,
    "a credential lies in a commit or tag message",
    "messages travel with every clone and are shown by every web view",
    "revoke it at the provider; rewriting the message is no substitute",
    ("NIST SSDF PS.1", "OWASP CICD-SEC-6"),
)
HISTORY = Rule(
    "history-incomplete",
    Control.SECRETS,
    Level.FAIL,
    "the history that was to be searched is not all here",
    "a shallow or partial clone hides the commits a credential may lie in",
    "fetch the whole history, such as with `fetch-depth: 0`, or ask for `history: none` in the policy",
)
UNSCANNED = Rule(
    "file-unscanned",
    Control.SECRETS,
    Level.FAIL,
    "a file could not be searched for credentials",
    "what was not searched may hold anything",
    "make it a readable regular file (an archive: of at most 64 MiB, not nested deeper than three), or remove it",
)
LINK = Rule(
    "link-unscanned",
    Control.SECRETS,
    Level.WARN,
    "an untracked link was not followed",
    "links may leave the repository; what they lead to is not part of it",
    "ignore the link or remove it",
)
SUBMODULE = Rule(
    "submodule-unscanned",
    Control.SECRETS,
    Level.WARN,
    "a submodule's own files were not searched",
    "a submodule is another repository; what an artifact takes from it is searched there",
    "run the gate in the submodule's repository",
)
ARTIFACT = Rule(
    "artifact-unscanned",
    Control.SECRETS,
    Level.FAIL,
    "an artifact, or a part of it, could not be searched for credentials",
    "what was not searched may hold anything, and it is published",
    "build the artifact again with a packer that writes plain, unencrypted members and nothing beside them",
)
IMAGE = Rule(
    "image-unscanned",
    Control.SECRETS,
    Level.FAIL,
    "an image, or a layer of it, was not searched for credentials",
    "a layer keeps what a later one deletes, and what nobody searched may hold anything",
    "build the image with plain or gzip layers of its own and push all of them; give it to `check` with `--image`",
)
NESTED = Rule(
    "nested-archive-unreadable",
    Control.SECRETS,
    Level.WARN,
    "an archive inside another, or in the repository, cannot be unpacked wholly",
    "its bytes were searched as they are; what they hold packed was not",
    "remove the archive, or look at it yourself",
)
SUSPECTED = Rule(
    "secret-suspected",
    Control.SECRETS,
    Level.WARN,
    "a value given to a secret's name looks like a password or key",
    "passwords have no form of their own, and most leaked credentials are passwords",
    "load it from the environment or a secret store; if it is none, adopt it (`tidegate baseline adopt`) or say so "
    "beside it (`tidegate:allow secret-suspected reason=… owner=… expires=…`)",
    ("NIST SSDF PS.1", "OWASP CICD-SEC-6"),
)
AUDIT = Rule(
    "secret-audit",
    Control.SECRETS,
    Level.WARN,
    "detect-secrets would list this",
    "`profile: detect-secrets` shows what its keyword and entropy plugins find; most of it is no credential",
    "look at it, and adopt what is none (`tidegate baseline adopt`)",
)
TOO_MANY = Rule(
    "secrets-too-many",
    Control.SECRETS,
    Level.FAIL,
    "there are more credentials than can be listed",
    "those not listed cannot be accepted one by one",
    "mend the listed ones and run again",
)

RULES = (
    IN_TREE,
    IN_HISTORY,
    IN_ARTIFACT,
    IN_MESSAGE,
    HISTORY,
    UNSCANNED,
    LINK,
    SUBMODULE,
    ARTIFACT,
    IMAGE,
    NESTED,
    SUSPECTED,
    AUDIT,
    TOO_MANY,
)

TIERS = {
    **dict.fromkeys((IN_TREE.id, IN_HISTORY.id, IN_ARTIFACT.id, IN_MESSAGE.id), "block"),
    SUSPECTED.id: "warn",
    AUDIT.id: "audit",
}
"""The rules that speak of a credential, each with its tier. A baseline can accept these; never that something was not
searched."""
SOFT = frozenset(rule for rule, tier in TIERS.items() if tier != "block")
"""What a comment in the source can accept; a provider's token never."""
