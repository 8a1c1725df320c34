"""The rules of SBOM generation."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

_SBOM, _FAIL, _WARN = Control.SBOM, Level.FAIL, Level.WARN

MISSING = Rule(
    "sbom-missing",
    _SBOM,
    _FAIL,
    "the release has no artifact to describe",
    "an SBOM of nothing tells nobody what is inside the release",
    "build the artifacts and name them in `releases`",
)
INVALID = Rule(
    "sbom-invalid",
    _SBOM,
    _FAIL,
    "the SBOM breaks its own format",
    "tools that read it will refuse it or read something else",
    "look at the part of the lockfile or artifact the message names",
)
DRIFT = Rule(
    "sbom-drift",
    _SBOM,
    _FAIL,
    "an artifact needs a package that no lockfile of the release pins",
    "what is installed with the release is then not what was reviewed",
    "add the dependency to the manifest and lock again, or build the artifact again",
)
INCOMPLETE = Rule(
    "sbom-incomplete",
    _SBOM,
    _FAIL,
    "a lockfile of the release could not be read, so its packages are not in the SBOM",
    "a missing part looks like a part that is not there",
    "mend the lockfile or remove it",
)
IMAGE = Rule(
    "image-unlisted",
    _SBOM,
    _FAIL,
    "the SBOM does not say what is inside an image",
    "an SBOM that leaves an image's layers out looks complete and is not",
    "give `check` an image whose manifest and layers can be read, from its registry or as an OCI layout",
)
LAYER_UNREAD = Rule(
    "layer-unread",
    _SBOM,
    _FAIL,
    "a layer of an image cannot be read",
    "what it brings, or takes away from the layers below, is not known",
    "build the image with layers of its own, plain or packed with gzip, and push it again",
)
BLOB_MISSING = Rule(
    "blob-missing",
    _SBOM,
    _FAIL,
    "an image names something that is not there",
    "it cannot run as it is, and whoever fills the gap later decides what is in it",
    "push the whole image again",
)
BLOB_MISMATCH = Rule(
    "blob-mismatch",
    _SBOM,
    _FAIL,
    "an image names something by a digest or size that it does not have",
    "the bytes that are served are not those that were built",
    "find out who changed them, then build and push the image again",
)
IMAGE_MALFORMED = Rule(
    "image-malformed",
    _SBOM,
    _FAIL,
    "an image contradicts itself or cannot be read",
    "runtimes and scanners would see different images",
    "build the image again with a current builder",
)
DATABASE_UNREAD = Rule(
    "package-database-unread",
    _SBOM,
    _FAIL,
    "what an image's distribution installed cannot be read",
    "its packages are then neither in the SBOM nor looked up among advisories",
    "keep the package database of dpkg or apk in the image, or except it with a reason and an end",
)
UNBOUND = Rule(
    "sbom-unbound",
    _SBOM,
    _FAIL,
    "the SBOM does not name an artifact of the release by its digest",
    "nobody can tell which file it describes",
    "run the check again on the final artifacts",
)
UNIDENTIFIED = Rule(
    "component-unidentified",
    _SBOM,
    _FAIL,
    "the SBOM lists a component without package URL that fits nothing in lockfiles or artifacts",
    "nobody can tell what it is, and it is looked up among no advisories",
    "make the SBOM again with a tool that writes package URLs, from this release",
)
LACKING = Rule(
    "component-missing",
    _SBOM,
    _FAIL,
    "the SBOM does not list a package the release runs with",
    "what is not listed is looked up among no advisories by whoever receives it",
    "make the SBOM again from the lockfiles and artifacts of this release",
)
MISMATCH = Rule(
    "component-mismatch",
    _SBOM,
    _FAIL,
    "the SBOM gives a component a digest that no lockfile knows",
    "the file it describes is not the file that was locked",
    "make the SBOM again from this release; if the digest stays, find out where that file came from",
)
COMPONENT = Rule(
    "component-incomplete",
    _SBOM,
    _WARN,
    "a component has no version or no digest",
    "it cannot be matched with advisories or with the file that was installed",
    "lock again with versions and hashes",
)
HOSTILE = Rule(
    "archive-hostile",
    _SBOM,
    _FAIL,
    "an artifact holds members made to escape or to deceive",
    "unpacking it can write outside its folder, or show one file and install another",
    "build the artifact again in a clean place",
)
UNREADABLE = Rule(
    "archive-unreadable",
    _SBOM,
    _FAIL,
    "an artifact cannot be read as what its name says",
    "what cannot be read cannot be described",
    "build the artifact again, or give it a name that fits its kind",
)
RECORD = Rule(
    "record-mismatch",
    _SBOM,
    _FAIL,
    "an artifact's own list of files does not match its files",
    "it was changed after it was built, or built by a broken tool",
    "build the artifact again",
)
METADATA = Rule(
    "metadata-missing",
    _SBOM,
    _FAIL,
    "an artifact lacks the metadata its kind must have",
    "name, version and dependencies cannot be known without it",
    "build the artifact with a standard build tool",
)
METADATA_MALFORMED = Rule(
    "metadata-malformed",
    _SBOM,
    _FAIL,
    "an artifact's metadata cannot be read, or says another name or version than its file name",
    "installers and people would see different packages",
    "build the artifact with a standard build tool and do not rename it",
)
LICENCE_FILE = Rule(
    "licence-file-missing",
    _SBOM,
    _WARN,
    "an artifact's metadata names a licence file that is not inside",
    "most licences ask that their text goes with every copy",
    "build the artifact again where the licence files are, or mend `license-files`",
)
PACKAGE_UNREAD = Rule(
    "package-unread",
    _SBOM,
    _WARN,
    "a record of a package inside an artifact cannot be read",
    "the package is then neither in the SBOM nor looked up among advisories",
    "mend or remove what was copied in, or look at the package yourself",
)
PACKAGE_UNNAMED = Rule(
    "package-unnamed",
    _SBOM,
    _WARN,
    "a record of a package inside an artifact says neither name nor version",
    "what it stands for, if it stands for anything, is neither in the SBOM nor looked up among advisories",
    "leave it out of what is shipped, or look at what lies beside it",
)
UNOPENED = Rule(
    "artifact-unopened",
    _SBOM,
    _WARN,
    "an archive that is shipped was not opened",
    "packages, secrets and files in it were looked at by nobody",
    "ship a zip file, a tar archive (gzip, bzip2, xz) or an image, or check what is in it before it is packed",
)
EMBEDDED = Rule(
    "embedded-sbom-invalid",
    _SBOM,
    _FAIL,
    "an SBOM inside an artifact cannot be read",
    "what it wants to say was bundled is then known to nobody, though it looks as if it had been said",
    "make it CycloneDX or SPDX 2.3 that its own schema accepts",
)
PROBLEM = Rule(
    "artifact-problem",
    _SBOM,
    _FAIL,
    "something is wrong with an artifact",
    "what is wrong with an artifact is wrong with the release",
    "build the artifact again",
)

RULES = (
    MISSING,
    INVALID,
    DRIFT,
    INCOMPLETE,
    IMAGE,
    LAYER_UNREAD,
    BLOB_MISSING,
    BLOB_MISMATCH,
    IMAGE_MALFORMED,
    DATABASE_UNREAD,
    UNBOUND,
    UNIDENTIFIED,
    LACKING,
    MISMATCH,
    COMPONENT,
    HOSTILE,
    UNREADABLE,
    RECORD,
    METADATA,
    METADATA_MALFORMED,
    LICENCE_FILE,
    PACKAGE_UNREAD,
    PACKAGE_UNNAMED,
    UNOPENED,
    EMBEDDED,
    PROBLEM,
)
OF_ARTIFACTS = {
    rule.id: rule
    for rule in (
        IMAGE,
        LAYER_UNREAD,
        BLOB_MISSING,
        BLOB_MISMATCH,
        IMAGE_MALFORMED,
        DATABASE_UNREAD,
        HOSTILE,
        UNREADABLE,
        RECORD,
        METADATA,
        METADATA_MALFORMED,
        LICENCE_FILE,
        PACKAGE_UNREAD,
        PACKAGE_UNNAMED,
        UNOPENED,
        EMBEDDED,
        PROBLEM,
    )
}
