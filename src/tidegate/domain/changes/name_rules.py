"""What can be wrong with the name of a package a project newly asks for, in plain words."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

_SSDF = ("NIST SSDF PW.4.1", "OWASP CICD-SEC-3")

SQUATTED = Rule(
    id="name-squatted",
    control=Control.DEPENDENCIES,
    level=Level.WARN,
    says="a newly asked package has nearly the name of a well-known one",
    why="names one slip away from a well-known package are registered by those who wait for the slip; one that is also "
    "younger than 30 days or runs code when installed shuts the gate",
    fix="ask for the well-known package if that was meant, else except this name with what was found out about it",
    frameworks=_SSDF,
)
UNFAMILIAR = Rule(
    id="dependency-unfamiliar",
    control=Control.DEPENDENCIES,
    level=Level.WARN,
    says="a newly asked package is nobody's well-known package, or very young",
    why="generated code invents names and others register what it invents: a name nobody uses yet deserves a look "
    "before it is installed anywhere",
    fix="look at the package, its source and its age; then keep it, or name it in the list of `review.popular`",
    frameworks=_SSDF,
)

RULES = (SQUATTED, UNFAMILIAR)
