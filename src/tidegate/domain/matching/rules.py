"""What can be wrong with the dependencies of a release, in plain words."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

_SSDF = ("NIST SSDF PW.4.4", "NIST SSDF RV.1.1")

VULNERABLE = Rule(
    id="dependency-vulnerable",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="a locked package has a known vulnerability",
    why="what is locked is what is shipped: a published fault in it is a published fault in the release",
    fix="upgrade the package to a fixed version and lock again, or except this one advisory with a reason and an end",
    frameworks=_SSDF,
)
MALICIOUS = Rule(
    id="dependency-malicious",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="a locked package is known malware",
    why="installing it is enough to run it, on build machines first; no threshold softens this",
    fix="remove the package, treat every machine that installed it as compromised, and renew the secrets it could read",
    frameworks=(*_SSDF, "OWASP CICD-SEC-3"),
)
UNAUDITED = Rule(
    id="dependency-unaudited",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="a locked package cannot be compared with advisories",
    why="advisories know registry packages by name and version; a package nobody can look up is unknown, not clean",
    fix="lock a released version from a registry, use an offline database for private packages, or except the package",
    frameworks=_SSDF,
)
UNEVALUABLE = Rule(
    id="advisory-unevaluable",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="an advisory names a locked package and does not say which versions are affected",
    why="nothing decides whether the locked version is affected, so it may well be",
    fix="read the advisory; upgrade if the version is affected, else except this one advisory with what was found",
    frameworks=_SSDF,
)
PIN_UNAUDITED = Rule(
    id="pin-unaudited",
    control=Control.DEPENDENCIES,
    level=Level.WARN,
    says="what pins a build besides packages is named by no advisory database",
    why="images, providers, charts and hooks run in the build; that none of them is vulnerable, nobody has said",
    fix="renew pins regularly and scan images with a scanner of images, or except the file with a reason and an end",
    frameworks=_SSDF,
)
ENGINES_DISAGREE = Rule(
    id="engines-disagree",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="one engine applies an advisory to a locked package and the other does not",
    why="one of the two is wrong, and the one that stays silent may be the one that is relied on elsewhere",
    fix="read the advisory and compare its versions; upgrade if affected, else except this one advisory with a reason",
    frameworks=_SSDF,
)
LOCK_UNAUDITED = Rule(
    id="lock-unaudited",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="a lockfile could not be read, so none of its packages were compared with advisories",
    why="packages in an unreadable lockfile are installed all the same",
    fix="mend the lockfile, or let its package manager write it again",
    frameworks=_SSDF,
)
IMAGE_UNAUDITED = Rule(
    id="image-unaudited",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="packages of an image could not be compared with advisories",
    why="what an image brings is what runs; what nobody could name or read in it is unknown, not clean",
    fix="build on a distribution whose advisories OSV has, keep its package database in the image, "
    "and let every layer be read; or except it with a reason and an end",
    frameworks=_SSDF,
)
INSIDE_UNAUDITED = Rule(
    id="inside-unaudited",
    control=Control.DEPENDENCIES,
    level=Level.WARN,
    says="packages inside an artifact are of a kind no advisory names",
    why="libraries copied in from elsewhere have faults like any other, and no advisory of an ecosystem is about them",
    fix="look them up by hand, or except them with a reason and an end",
    frameworks=_SSDF,
)
INSIDE_UNREAD = Rule(
    id="inside-unread",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="a record of a package inside an artifact could not be read, so it was not compared with advisories",
    why="a damaged record hides the package from advisories and from nobody who runs it",
    fix="mend or remove what was copied in and build the artifact again, "
    "or look the package up by hand and except it with a reason and an end",
    frameworks=_SSDF,
)
EXPLOITS_MALFORMED = Rule(
    id="exploits-malformed",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="a list of exploited vulnerabilities that the policy names cannot be read",
    why="what the list would have made graver is judged too lightly without it",
    fix="fetch the list again (CISA's JSON catalogue, FIRST's CSV of scores) and commit it whole, or take its key out",
    frameworks=_SSDF,
)

RULES = (
    VULNERABLE,
    MALICIOUS,
    UNAUDITED,
    UNEVALUABLE,
    ENGINES_DISAGREE,
    LOCK_UNAUDITED,
    PIN_UNAUDITED,
    IMAGE_UNAUDITED,
    INSIDE_UNAUDITED,
    INSIDE_UNREAD,
    EXPLOITS_MALFORMED,
)
