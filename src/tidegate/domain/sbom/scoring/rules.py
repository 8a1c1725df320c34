"""The rules of completeness: one a field, whichever standards ask for it."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

NTIA = "NTIA 2021"
CISA = "CISA 2025 (draft of 2025-08-22)"
BSI = "BSI TR-03183-2 v2.1.0"


def _rule(id_: str, says: str, why: str, fix: str, *frameworks: str) -> Rule:
    return Rule(id_, Control.SBOM, Level.WARN, says, why, fix, frameworks)


_CREATOR = "say who you are in `controls.sbom.author` of the policy, with an e-mail or web address"
_MADE = "take the SBOM of tidegate, or a newer one of the tool that made it"
_UPSTREAM = "nothing a lockfile can mend; take the field from the registry or the package, or leave the standard out"

AUTHOR = _rule(
    "sbom-author-missing",
    "the SBOM does not say who made it",
    "a statement nobody stands for cannot be asked about; the tool that wrote it is not its author",
    _CREATOR,
    f"{NTIA} author of SBOM data",
    f"{CISA} SBOM author",
)
TIMESTAMP = _rule(
    "sbom-timestamp-missing",
    "the SBOM does not say when it was made",
    "nobody can tell whether it is older than what it describes",
    "make it from a commit, whose time it takes",
    f"{NTIA} timestamp",
    f"{CISA} timestamp",
    f"{BSI} 5.2.1 timestamp",
)
TOOL = _rule(
    "sbom-tool-missing",
    "the SBOM does not name the tool that made it",
    "what a tool cannot see is missing in all it makes",
    _MADE,
    f"{CISA} tool name",
)
CONTEXT = _rule(
    "sbom-context-missing",
    "the SBOM does not say from which phase it comes",
    "what was asked for before a build and what was found after it are different things",
    "write CycloneDX, which has a place for it",
    f"{CISA} generation context",
)
CONTACT = _rule(
    "sbom-contact-missing",
    "the SBOM's creator has neither an e-mail nor a web address",
    "a name alone cannot be written to",
    _CREATOR,
    f"{BSI} 5.2.1 creator of the SBOM",
)
URI = _rule(
    "sbom-uri-missing",
    "the SBOM has no URI of its own",
    "other documents cannot refer to it",
    _MADE,
    f"{BSI} 5.2.3 SBOM-URI",
)
FORMAT = _rule(
    "sbom-format-old",
    "the SBOM is older than CycloneDX 1.6 or SPDX 3.0.1",
    "older formats have no place for fields the guideline asks for",
    "write CycloneDX 1.6 or 1.7",
    f"{BSI} 4 SBOM formats",
)
VULNERABILITIES = _rule(
    "sbom-vulnerability-inside",
    "the SBOM itself lists vulnerabilities",
    "what a release holds does not change; what is known of it does every day, and belongs into a document of its own",
    "keep vulnerabilities in VEX or CSAF documents",
    f"{BSI} 3.1 no vulnerability information",
)
NAME = _rule(
    "component-name-missing",
    "a component has no name",
    "what has no name cannot be looked up",
    _MADE,
    f"{NTIA} component name",
    f"{CISA} component name",
    f"{BSI} 5.2.2 component name",
)
VERSION = _rule(
    "component-version-missing",
    "a component has no version",
    "an advisory is about versions",
    "lock it to a version",
    f"{NTIA} version of the component",
    f"{CISA} component version",
    f"{BSI} 5.2.2 component version",
)
SUPPLIER = _rule(
    "supplier-missing",
    "a component does not say who made it",
    "who stands behind a package is the first question when it turns bad",
    _UPSTREAM,
    f"{NTIA} supplier name",
    f"{CISA} software producer",
)
IDENTIFIER = _rule(
    "identifier-missing",
    "a component has no identifier such as a package URL",
    "databases are asked by identifier; a name alone names many things",
    _MADE,
    f"{NTIA} other unique identifiers",
    f"{CISA} software identifiers",
    f"{BSI} 5.2.4 other unique identifiers",
)
RELATION = _rule(
    "relation-missing",
    "nothing in the SBOM needs or holds a component",
    "nobody can tell how it came in and what would have to change to get it out",
    "use a lockfile that records who needs whom",
    f"{NTIA} dependency relationship",
    f"{CISA} dependency relationship",
)
HASH = _rule(
    "hash-missing",
    "a component has no strong digest",
    "nobody can tell whether a file is the one described",
    "lock again with hashes",
    f"{CISA} component hash",
)
LICENCE = _rule(
    "licence-missing",
    "a component has no licence",
    "nobody can tell under which terms it may be passed on",
    _UPSTREAM,
    f"{CISA} license",
)
CREATOR = _rule(
    "component-creator-missing",
    "a component's creator has neither an e-mail nor a web address",
    "a name alone cannot be written to when a vulnerability is found",
    _UPSTREAM,
    f"{BSI} 5.2.2 component creator",
)
FILENAME = _rule(
    "filename-missing",
    "a component does not say the name of its file",
    "a file on a disk is then found by its digest alone",
    "use a lockfile that records one file a package",
    f"{BSI} 5.2.2 filename of the component",
)
COMPLETENESS = _rule(
    "completeness-missing",
    "a component does not say what it needs and whether that is all",
    "an empty list and an unknown one look the same",
    _MADE,
    f"{BSI} 5.2.2 dependencies on other components",
)
DISTRIBUTION = _rule(
    "distribution-licence-missing",
    "nobody concluded under which licence a component is passed on",
    "what an author declared is not always what holds for the copy at hand",
    "conclude licences with a tool made for that, and judge its SBOM with `source: file`",
    f"{BSI} 5.2.2 distribution licences",
)
SHA512 = _rule(
    "sha512-missing",
    "a component has no SHA-512",
    "the guideline accepts no other digest",
    "nothing where the registry's digest is another one",
    f"{BSI} 5.2.2 hash value of the deployable component",
)
EXECUTABLE = _rule(
    "executable-unsaid",
    "a component does not say whether it can be executed",
    "what runs is looked at first",
    _UPSTREAM,
    f"{BSI} 5.2.2 executable property",
)
ARCHIVE = _rule(
    "archive-unsaid",
    "a component does not say whether it is an archive",
    "what holds other files has to be opened",
    _UPSTREAM,
    f"{BSI} 5.2.2 archive property",
)
STRUCTURED = _rule(
    "structured-unsaid",
    "a component does not say whether its parts can still be told apart",
    "what has lost its structure cannot be taken apart again",
    _UPSTREAM,
    f"{BSI} 5.2.2 structured property",
)
SOURCE_URI = _rule(
    "source-uri-missing",
    "a component does not say where its source is",
    "what cannot be read cannot be reviewed",
    _UPSTREAM,
    f"{BSI} 5.2.4 source code URI",
)
DEPLOYABLE_URI = _rule(
    "deployable-uri-missing",
    "a component does not say where its file is fetched from",
    "the file described cannot be fetched and compared",
    "use a lockfile that records addresses",
    f"{BSI} 5.2.4 URI of the deployable form",
)
ORIGINAL = _rule(
    "original-licence-missing",
    "a component has no licence its author declared as an SPDX expression",
    "words that are no expression cannot be compared",
    _UPSTREAM,
    f"{BSI} 5.2.4 original licences",
)

RULES = (
    AUTHOR,
    TIMESTAMP,
    TOOL,
    CONTEXT,
    CONTACT,
    URI,
    FORMAT,
    VULNERABILITIES,
    NAME,
    VERSION,
    SUPPLIER,
    IDENTIFIER,
    RELATION,
    HASH,
    LICENCE,
    CREATOR,
    FILENAME,
    COMPLETENESS,
    DISTRIBUTION,
    SHA512,
    EXECUTABLE,
    ARCHIVE,
    STRUCTURED,
    SOURCE_URI,
    DEPLOYABLE_URI,
    ORIGINAL,
)
