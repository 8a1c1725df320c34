"""Well-known JavaScript libraries copied into static files, by the banner their own builds put first.

Only titles of the table count: a banner is words, and a name nobody can match would be invented. What carries no
known banner stays unknown.
"""

import re
from collections.abc import Iterator

from tidegate.formats.inside.detector import Detector, package
from tidegate.model.package import Locked

LIMIT = 600
NAMES = {
    "alpine.js": "alpinejs",
    "angularjs": "angular",
    "axios": "axios",
    "backbone.js": "backbone",
    "bootstrap": "bootstrap",
    "chart.js": "chart.js",
    "datatables": "datatables.net",
    "dompurify": "dompurify",
    "handlebars": "handlebars",
    "highlight.js": "highlight.js",
    "jquery": "jquery",
    "jquery javascript library": "jquery",
    "jquery migrate": "jquery-migrate",
    "jquery ui": "jquery-ui",
    "knockout javascript library": "knockout",
    "marked": "marked",
    "moment.js": "moment",
    "requirejs": "requirejs",
    "select2": "select2",
    "underscore.js": "underscore",
    "vue": "vue",
    "vue.js": "vue",
}
"""What the library calls itself, in lower case, to its name at npm."""

_BANNER = re.compile(
    r"\s*/[*/][\s*/!]*(?:@(?:license|preserve)\s[\s*/!]*)*"
    r"([A-Za-z0-9][A-Za-z0-9 .]{1,40}?)[\s*/!]{0,20}(?:\s-\s|,|:|\s)\s{0,8}(?:[Vv]ersion\s{0,8}:?\s{0,8})?v?"
    r"([0-9]{1,4}(?:\.[0-9]{1,6}){1,3}(?:-[0-9A-Za-z.]{1,30})?)(?=[\s|,;(*]|$)"
)


def _read(_path: str, raw: bytes) -> Iterator[Locked]:
    match = _BANNER.match(raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))
    name = NAMES.get(match[1].lower()) if match else None
    if match and name:
        yield package("npm", name, match[2])


def _wants(path: str, head: bytes) -> bool:
    return path.endswith(".js") and "node_modules/" not in path and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"/")


BANNERS = Detector(how="banner", wants=_wants, limit=LIMIT, read=_read, head=True)
