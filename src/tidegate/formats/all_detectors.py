"""The table of records that say a package is inside an artifact."""

from tidegate.formats.inside.jars import MAVEN
from tidegate.formats.inside.node_packages import NODE
from tidegate.formats.inside.python_packages import DIST_INFO, VENDORED

DETECTORS = (DIST_INFO, VENDORED, NODE, MAVEN)
