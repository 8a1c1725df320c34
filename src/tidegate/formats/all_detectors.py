"""The table of records that say a package is inside an artifact."""

from tidegate.formats.inside.banners import BANNERS
from tidegate.formats.inside.cargo_programs import CARGO
from tidegate.formats.inside.gems import GEMS
from tidegate.formats.inside.go_programs import GO
from tidegate.formats.inside.jars import MAVEN
from tidegate.formats.inside.node_packages import NODE
from tidegate.formats.inside.python_packages import DIST_INFO, VENDORED
from tidegate.formats.inside.sboms import EMBEDDED
from tidegate.formats.inside.vendored import CRATES, MODULES

DETECTORS = (DIST_INFO, VENDORED, NODE, MAVEN, EMBEDDED, CRATES, MODULES, BANNERS, GEMS, GO, CARGO)
