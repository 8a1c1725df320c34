"""What can be wrong with manifests, lockfiles and the packages they pin."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

_SSDF = ("NIST SSDF PW.4.1", "OWASP CICD-SEC-3")


def _rule(ident: str, says: str, why: str, fix: str, level: Level = Level.FAIL) -> Rule:
    return Rule(ident, Control.LOCKFILES, level, says, why, fix, _SSDF)


LOCK_MISSING = _rule(
    "lock-missing",
    "asks for packages and has no lockfile",
    "without a lockfile each build takes whatever versions are newest that minute, reviewed by nobody",
    "lock it (`uv lock`, `poetry lock`, `pip-compile --generate-hashes`, `npm install --package-lock-only`) and commit",
)
LOCK_UNTRACKED = _rule(
    "lock-untracked",
    "the lockfile is not the one in the commit",
    "a release is built from a commit; a lockfile git does not hold, or holds differently, was reviewed by nobody",
    "`git add` the lockfile and commit it",
)
LOCK_STALE = _rule(
    "lock-stale",
    "the lockfile is not in step with its manifest",
    "a stale lock is ignored or rewritten by the installer, so what is built is not what was locked",
    "lock again (`uv lock`, `poetry lock`, `pip-compile`, `npm install --package-lock-only`) and commit the result",
)
LOCK_UNCOMPARED = _rule(
    "lock-uncompared",
    "the lockfile cannot be compared with all the manifest asks for",
    "dependencies computed at build time or tied to one platform cannot be checked against the lock",
    "write the dependencies down in the manifest, or accept this with an exception",
    Level.WARN,
)
LOCK_UNSUPPORTED = _rule(
    "lock-unsupported",
    "is of a package manager or format version tidegate does not read",
    "what is not read is not checked, and passing it over would look like a pass",
    "use a package manager and version whose lockfiles are read, or `exclude` the path with a reason",
)
LOCK_MALFORMED = _rule(
    "lock-malformed",
    "cannot be read as a lockfile",
    "two tools may read a broken lockfile differently; attackers count on it",
    "generate the lockfile anew; resolve merge conflicts with the package manager, not by hand",
)
MANIFEST_MALFORMED = _rule(
    "manifest-malformed",
    "cannot be read as a manifest",
    "a manifest that cannot be read cannot be compared with its lock",
    "mend the file",
)
LOCK_EMPTY = _rule(
    "lock-empty",
    "the lockfile holds no package although the manifest asks for some",
    "an empty lockfile locks nothing: every check on it passes and the installer resolves anew",
    "lock again and commit the result",
)
PACKAGE_UNPINNED = _rule(
    "package-unpinned",
    "is not pinned to one version",
    "a range, a tag or a branch can mean other code tomorrow",
    "pin the exact version (`==1.2.3`), for git the full commit",
)
PACKAGE_UNHASHED = _rule(
    "package-unhashed",
    "has no hash",
    "without a hash the registry, a mirror or a proxy can serve other bytes under the same version",
    "lock with hashes (`pip-compile --generate-hashes`, `uv lock`, `npm install --package-lock-only`)",
)
PIN_MOVABLE = _rule(
    "pin-movable",
    "is pinned by a name its owner can move",
    "a tag can be moved to other content; a digest or a full commit cannot",
    "pin an image by digest (`image:tag@sha256:…`), a hook by its commit (`pre-commit autoupdate --freeze`)",
    Level.WARN,
)
PIN_UNHASHED = _rule(
    "pin-unhashed",
    "is pinned by its version or commit alone, as its kind of lock holds no hash",
    "whoever controls the repository can serve other content under the same name",
    "commit what is fetched (`helm dependency build`, then `git add charts`), or accept this with an exception",
    Level.WARN,
)
HASH_WEAK = _rule(
    "hash-weak",
    "is pinned by a broken hash alone",
    "MD5 and SHA-1 collisions are cheap; two files with one such hash can be made at will",
    "lock again with a current package manager, which writes SHA-256 or SHA-512",
)
HASH_MALFORMED = _rule(
    "hash-malformed",
    "carries something that is no hash",
    "an installer may skip a hash it cannot read, and then checks nothing",
    "lock again; a hash is never written by hand",
)
SOURCE_NOT_ALLOWED = _rule(
    "source-not-allowed",
    "comes from a place the policy does not allow",
    "who controls the host controls the code; a changed address is the plainest way to poison a lockfile",
    "take it from an allowed registry, or name the host in `controls.lockfiles.sources`",
)
INDEX_MIXED = _rule(
    "index-mixed",
    "two registries can serve the same name",
    "whoever registers an internal name on the other registry gets their code installed (dependency confusion)",
    "use one index that proxies the other, or bind each package to one index",
)
NAME_INTERNAL = _rule(
    "name-internal",
    "is a name of your own and comes from a public registry",
    "anybody may register that name in public; installers then take a stranger's package for yours",
    "bind the name to your own index (`--index-url`, `[tool.uv.sources]`, a scope in `.npmrc`) and lock again",
)
URL_MISMATCH = _rule(
    "url-mismatch",
    "the locked file is another package or version than the entry says",
    "reviewers and scanners read the name, the installer follows the address",
    "lock again from a clean state and look at what changed",
)
HASH_CONFLICT = _rule(
    "hash-conflict",
    "the same version is locked with different hashes",
    "a registry never changes a published file; one of the two locks points at other code",
    "find out which hash the registry has, and lock the other one again",
)
TREE_UNREAD = _rule(
    "tree-unread",
    "holds manifests and packages that are not read here",
    "a submodule is another repository, and a committed `node_modules` is what a lock should say; neither is compared",
    "run the gate in the submodule's repository; take `node_modules` out of git and let the lockfile say what is in it",
    Level.WARN,
)
MANIFEST_UNCLAIMED = _rule(
    "manifest-unclaimed",
    "lies outside the root of every release",
    "no release answers for it, so nothing it asks for is checked",
    "widen a release's `root`, add a release, or remove the file",
    Level.WARN,
)

RULES = (
    LOCK_MISSING,
    LOCK_UNTRACKED,
    LOCK_STALE,
    LOCK_UNCOMPARED,
    LOCK_UNSUPPORTED,
    LOCK_MALFORMED,
    MANIFEST_MALFORMED,
    LOCK_EMPTY,
    PACKAGE_UNPINNED,
    PACKAGE_UNHASHED,
    PIN_MOVABLE,
    PIN_UNHASHED,
    HASH_WEAK,
    HASH_MALFORMED,
    SOURCE_NOT_ALLOWED,
    INDEX_MIXED,
    NAME_INTERNAL,
    URL_MISMATCH,
    HASH_CONFLICT,
    TREE_UNREAD,
    MANIFEST_UNCLAIMED,
)
BY_ID = {rule.id: rule for rule in RULES}
