"""The table of records that say a package is inside an artifact."""

from tidegate.formats.inside.banners import BANNERS
from tidegate.formats.inside.cargo_programs import CARGO
from tidegate.formats.inside.gems import GEMS
from tidegate.formats.inside.go_programs import GO
from tidegate.formats.inside.jars import MAVEN
from tidegate.formats.inside.node_packages import NODE, TARBALL
from tidegate.formats.inside.python_packages import DIST_INFO, SDIST, VENDORED
from tidegate.formats.inside.sboms import EMBEDDED
from tidegate.formats.inside.vendored import CRATES, MODULES, PACKED_CRATE

DETECTORS = (DIST_INFO, VENDORED, NODE, MAVEN, EMBEDDED, CRATES, MODULES, BANNERS, GEMS, GO, CARGO)
OF_ARCHIVES = (SDIST, TARBALL, PACKED_CRATE)
"""Records at the top of an archive that lies inside another: they speak of that archive."""
