"""Java libraries by the `pom.properties` Maven puts into their jars."""

import re
from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats.inside.detector import Detector, package
from tidegate.model.package import Locked

LIMIT = 64 << 10
_PATH = re.compile(r"(?:^|/)META-INF/maven/[^/]+/[^/]+/pom\.properties$")


def _read(_path: str, raw: bytes) -> Iterator[Locked]:
    """Java properties as Maven writes them, in Latin-1: `groupId`, `artifactId`, `version`, each once."""
    values: dict[str, str] = {}
    for line in raw.decode("latin-1").splitlines():
        key, equals, value = line.strip().partition("=")
        if not equals or line.lstrip().startswith(("#", "!")):
            continue
        if values.setdefault(key.strip(), value.strip()) != value.strip():
            raise FormatError(f"`{key.strip()[:40]}` is given twice")
    group, artifact = values.get("groupId", ""), values.get("artifactId", "")
    if not group or not artifact or not values.get("version"):
        raise FormatError("group, artifact or version is missing")
    yield package("Maven", f"{group}:{artifact}", values["version"])


MAVEN = Detector(how="jar", wants=lambda path, _head: _PATH.search(path) is not None, limit=LIMIT, read=_read)
