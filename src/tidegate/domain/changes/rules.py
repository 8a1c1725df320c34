"""What can be wrong with a change of dependencies, in plain words."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

_SSDF = ("NIST SSDF PW.4.1", "NIST SSDF PW.4.4", "OWASP CICD-SEC-3")


def _rule(ident: str, says: str, why: str, fix: str, level: Level = Level.FAIL) -> Rule:
    return Rule(ident, Control.DEPENDENCIES, level, says, why, fix, _SSDF)


HASH_CHANGED = _rule(
    "hash-changed",
    "the same version is locked with other bytes than before",
    "a registry never changes a published file, so one of the two locks is wrong or the registry was tampered with",
    "find out which hash the registry has; lock again from a clean cache, and do not merge what stays different",
)
HASH_UNCOMPARED = _rule(
    "hash-uncompared",
    "versions that stayed are locked with another kind of hash than before",
    "nothing says that the old and the new hash are of the same bytes",
    "check a few of them against the registry, then except this one lockfile with an end",
)
FILES_ADDED = _rule(
    "files-added",
    "a version that was locked before has further files now",
    "files uploaded to an old release later are what someone who took over a publisher's account adds",
    "look at the release's page: when was the file uploaded, and by whom?",
    Level.WARN,
)
SOURCE_SWITCHED = _rule(
    "source-switched",
    "a package comes from another place than before",
    "who controls the place controls the code; a switched source is the plainest way to poison a lockfile",
    "lock it from where it came, or except this package once the move is known to be meant",
)
ALIAS_SWITCHED = _rule(
    "alias-switched",
    "a name installs another package than before",
    "the code that imports the name does not change, what it runs does",
    "ask for the package under its own name, or except this once the switch is known to be meant",
)
COMMIT_MOVED = _rule(
    "commit-moved",
    "the same version of a git dependency is locked at another commit",
    "a commit can be anything, even one of a stranger's fork; a version that stays hides that the code did not",
    "ask for the new commit or tag in the manifest, so that the change is seen there too",
)
SCRIPT_ADDED = _rule(
    "install-script-added",
    "a package runs code when it is installed, and did not before",
    "an install script runs on every developer's and build machine before anyone has looked at the package",
    "read the script; then except this version, or install with `--ignore-scripts`",
)
WHEEL_MISSING = _rule(
    "wheel-missing",
    "is locked without a wheel, so its build code runs at installation",
    "a source distribution runs code when it is installed; a release that has lost its wheels is unusual",
    "look why there is no wheel, or lock the version before",
    Level.WARN,
)
DEPRECATED = _rule(
    "package-deprecated",
    "its maintainers have deprecated it",
    "nobody mends a deprecated package, and an abandoned name may be taken over",
    "replace it with what its maintainers point to",
    Level.WARN,
)
YANKED = _rule(
    "package-yanked",
    "its maintainers have withdrawn this release",
    "a release is yanked because it is broken, or because it should never have been published",
    "lock another version",
)
DOWNGRADED = _rule(
    "package-downgraded",
    "is locked at a lower version than before",
    "an older version brings back what newer ones mended",
    "keep the newer version, or say in the change why not",
    Level.WARN,
)
LICENCE = _rule(
    "licence-not-allowed",
    "is under a licence the policy does not allow",
    "a licence binds whoever ships the code",
    "replace the package, or allow the licence in `controls.dependencies.review.licences`",
)
LICENCE_UNKNOWN = _rule(
    "licence-unknown",
    "does not say its licence, so it was not compared with the policy",
    "what is not known is not allowed; many lockfiles do not record licences",
    "look it up; where licences must be known, set this rule to `fail` and except what was looked up",
    Level.WARN,
)
COOLDOWN = _rule(
    "cooldown-unmet",
    "was published more recently than the policy accepts",
    "most malicious releases are found and removed within days",
    "wait, or lock an older version; a release that mends what the version before suffers from is let through",
)
COOLDOWN_UNKNOWN = _rule(
    "cooldown-unknown",
    "nothing says when it was published, so its age was not judged",
    "the policy asks for an age and the lockfile does not record upload times",
    "use a format that records them (uv, pylock), or let tidegate ask: `controls.dependencies.registry.ask`",
    Level.WARN,
)
BASE_MISSING = _rule(
    "base-missing",
    "there is nothing to compare the dependencies with",
    "without the state before, a switched source or a changed hash cannot be seen; that is no pass",
    "fetch the history: `git fetch --unshallow --tags` (`fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab)",
)
BASE_CUT_OFF = "this is a shallow clone without the release before, so changed dependencies cannot be seen"
BASE_UNREADABLE = _rule(
    "base-unreadable",
    "cannot be read as it was before this change, so nothing was compared",
    "what cannot be compared may hold any change",
    "review this file by hand, then except it with an end; the next change compares again",
)
LOCK_REMOVED = _rule(
    "lock-removed",
    "the lockfile is gone and its manifest is still there",
    "without a lockfile each build takes whatever versions are newest that minute, reviewed by nobody",
    "put the lockfile back, or remove the manifest as well",
)
LOCK_SWITCHED = _rule(
    "lock-switched",
    "the lockfile was replaced by another kind or format version",
    "everything is locked anew, and what one format records another does not",
    "make such a move in a change of its own, without changing versions",
    Level.WARN,
)
LOCK_ALONE = _rule(
    "lock-changed-alone",
    "the lockfile changed and none of its manifests did",
    "an ordinary update looks like this; so does a lockfile edited by hand",
    "lock again from the base and see whether the result is the same",
    Level.WARN,
)
MANIFEST_ALONE = _rule(
    "manifest-changed-alone",
    "the manifest asks for something else than before and its lockfile did not change",
    "what is installed is what is locked, so the change does nothing yet, or the lock is out of step",
    "lock again and commit the result",
    Level.WARN,
)
CONFIG_WEAKENED = _rule(
    "config-weakened",
    "the package manager's own configuration is weaker than before",
    "registries, TLS checks, install scripts and cooldowns are settings; one line turns a safeguard off",
    "undo the setting, or except it once it is known to be meant",
)
CONFIG_UNREADABLE = _rule(
    "config-unreadable",
    "a changed configuration of a package manager cannot be read",
    "what cannot be read may turn any safeguard off",
    "mend the file",
)

RULES = (
    HASH_CHANGED,
    HASH_UNCOMPARED,
    FILES_ADDED,
    SOURCE_SWITCHED,
    ALIAS_SWITCHED,
    COMMIT_MOVED,
    SCRIPT_ADDED,
    WHEEL_MISSING,
    DEPRECATED,
    YANKED,
    DOWNGRADED,
    LICENCE,
    LICENCE_UNKNOWN,
    COOLDOWN,
    COOLDOWN_UNKNOWN,
    BASE_MISSING,
    BASE_UNREADABLE,
    LOCK_REMOVED,
    LOCK_SWITCHED,
    LOCK_ALONE,
    MANIFEST_ALONE,
    CONFIG_WEAKENED,
    CONFIG_UNREADABLE,
)
