"""The rules of reconciliation: lockfile, SBOM, artifact and source commit tell the same story."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

_SBOM, _FAIL, _WARN = Control.SBOM, Level.FAIL, Level.WARN
_DECLARE = "commit the file, or name it in `controls.sbom.generated` with the reason why a build makes it"

SOURCE_UNPROVEN = Rule(
    "source-unproven",
    _SBOM,
    _WARN,
    "there is no commit to compare the artifact with",
    "what is in an artifact and not in its source is where a backdoor hides from everyone who reads the source",
    "run the gate in a git checkout of the commit the artifact was built from",
)
FILE_UNEXPLAINED = Rule(
    "file-unexplained",
    _SBOM,
    _WARN,
    "a file of an artifact is not in the source commit, and no rule says why",
    "nobody who reviewed the source has seen it",
    _DECLARE,
)
BUILD_SCRIPT_UNEXPLAINED = Rule(
    "build-script-unexplained",
    _SBOM,
    _FAIL,
    "a file that runs by itself at build, install or start is not the source commit's",
    "the backdoor of xz came in a build script that was in the tarball and not in git",
    "build from a clean checkout; commit the script, or name it in `controls.sbom.generated` with a reason",
)
FILE_ALTERED = Rule(
    "file-altered",
    _SBOM,
    _WARN,
    "a file of an artifact differs from the source commit's",
    "what runs is not what was reviewed",
    "build from a clean checkout of the commit; a file the build rewrites belongs in `controls.sbom.generated`",
)
BLOB_FORGED = Rule(
    "blob-forged",
    _SBOM,
    _FAIL,
    "a file has the git id of a file of the commit, and another content",
    "only a deliberate collision of SHA-1 does that: one file was reviewed, another is released",
    "treat the artifact and whoever made it as hostile",
)
COMPONENT_UNEXPLAINED = Rule(
    "component-unexplained",
    _SBOM,
    _WARN,
    "a bundled file belongs to no package anybody named",
    "a library without name and version is looked up among no advisories",
    "bundle it with its metadata, embed an SBOM that names it and declare the file in `controls.sbom.generated`",
)
COMPONENT_UNPROVEN = Rule(
    "component-unproven",
    _SBOM,
    _WARN,
    "files inside an artifact are said to be of a locked package, and nothing here proves it",
    "a bundled library can be changed without a trace in lockfile or source",
    "depend on the package instead of bundling it, or commit what is bundled",
)
PACKAGE_UNLOCKED = Rule(
    "package-unlocked",
    _SBOM,
    _WARN,
    "an artifact holds a package that no lockfile of the release pins",
    "what is installed with the release is then not what was reviewed",
    "lock it, commit it, or name the file that says so in `controls.sbom.generated` with a reason",
)
COMPONENT_UNLOCKED = Rule(
    "component-unlocked",
    _SBOM,
    _FAIL,
    "the SBOM names a package that no lockfile pins and no artifact holds",
    "an SBOM that lists what is not there hides what is: nobody can tell which part of it is true",
    "make the SBOM again from the lockfiles and artifacts of this release",
)
GENERATED_UNUSED = Rule(
    "generated-unused",
    _SBOM,
    _WARN,
    "a rule of `controls.sbom.generated` explains no file",
    "a rule nobody needs is a door left open for the next file of that name",
    "take it out of the policy",
)

RULES = (
    SOURCE_UNPROVEN,
    FILE_UNEXPLAINED,
    BUILD_SCRIPT_UNEXPLAINED,
    FILE_ALTERED,
    BLOB_FORGED,
    COMPONENT_UNEXPLAINED,
    COMPONENT_UNPROVEN,
    PACKAGE_UNLOCKED,
    COMPONENT_UNLOCKED,
    GENERATED_UNUSED,
)
EXPLAINED = frozenset(
    {
        rule.id
        for rule in (
            SOURCE_UNPROVEN,
            FILE_UNEXPLAINED,
            FILE_ALTERED,
            COMPONENT_UNEXPLAINED,
            COMPONENT_UNPROVEN,
            PACKAGE_UNLOCKED,
        )
    }
)
"""Rules whose findings the policy's `explain` makes a warning or a fail."""
