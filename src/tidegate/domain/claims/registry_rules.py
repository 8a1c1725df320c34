"""What can be wrong with what a registry serves; that it does not answer at all is no fault of the release."""

from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule

REGISTRY_INVALID = Rule(
    id="registry-answer-invalid",
    control=Control.DEPLOYMENT,
    level=Level.FAIL,
    says="the registry serves something else than was asked for",
    why="bytes that do not fit their digest, or evidence that is none, were changed or made up on the way",
    fix="find out who changed it; push image and evidence again and deploy by digest",
)
REGISTRY_RULES = (REGISTRY_INVALID,)
