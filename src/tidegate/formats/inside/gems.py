"""Installed Ruby gems, by the specifications RubyGems writes; they are programs and only looked at, never run."""

import re
from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats.inside.detector import Detector, package
from tidegate.model.package import Locked

LIMIT = 1 << 20
_PATH = re.compile(r"(?:^|/)specifications/(?:default/)?[^/]+\.gemspec$")
_NAME = re.compile(r"^[ \t]*s\.name[ \t]*=[ \t]*[\"']([A-Za-z0-9._-]{1,200})[\"']", re.MULTILINE)
_VERSION = re.compile(r"^[ \t]*s\.version[ \t]*=[ \t]*[\"']([0-9][0-9A-Za-z.-]{0,100})[\"']", re.MULTILINE)
_LICENCE = re.compile(r"^[ \t]*s\.licenses[ \t]*=[ \t]*\[([^\]\n]{1,300})\]", re.MULTILINE)


def _read(_path: str, raw: bytes) -> Iterator[Locked]:
    text = raw.decode("utf-8", "replace")
    names, versions = set(_NAME.findall(text)), set(_VERSION.findall(text))
    if len(names) != 1 or len(versions) != 1:
        raise FormatError("the specification does not say one name and one version")
    licence = _LICENCE.search(text)
    words = re.findall(r"[\"']([^\"']{1,100})[\"']", licence[1]) if licence else []
    yield package("RubyGems", names.pop(), versions.pop(), licence=" OR ".join(words))


GEMS = Detector(how="gem", wants=lambda path, _head: _PATH.search(path) is not None, limit=LIMIT, read=_read)
