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
LOCK_UNAUDITED = Rule(
    id="lock-unaudited",
    control=Control.DEPENDENCIES,
    level=Level.FAIL,
    says="a lockfile could not be read, so none of its packages were compared with advisories",
    why="packages in an unreadable lockfile are installed all the same",
    fix="mend the lockfile, or let its package manager write it again",
    frameworks=_SSDF,
)

RULES = (VULNERABLE, MALICIOUS, UNAUDITED, UNEVALUABLE, LOCK_UNAUDITED)
