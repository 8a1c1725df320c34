"""npm packages that lie in a `node_modules` folder, by their `package.json`."""

import re
from collections.abc import Iterator, Mapping

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.inside.detector import Detector, NamelessError, package
from tidegate.model.package import Locked

LIMIT = 2 << 20
_PATH = re.compile(r"(?:^|/)node_modules/(?:@[^/]+/)?[^/@][^/]*/package\.json$")


def _read(_path: str, raw: bytes) -> Iterator[Locked]:
    document = strict_json.loads(raw.removeprefix(b"\xef\xbb\xbf"), limit=LIMIT, what="package.json")
    if not isinstance(document, dict):
        raise FormatError("is no object")
    if "name" not in document and "version" not in document:
        raise NamelessError("says neither name nor version")
    yield package(
        "npm",
        document.get("name"),
        document.get("version"),
        requires=[*_names(document.get("dependencies")), *_names(document.get("optionalDependencies"))],
        licence=licence(document),
    )


def licence(document: Mapping[str, object]) -> str:
    """`license` as a text, or the `type` of older forms, joined by `OR` where several are offered; else ""."""
    value = document.get("license") or document.get("licenses")
    offered = value if isinstance(value, list) else [value]
    names = [each.get("type") if isinstance(each, dict) else each for each in offered[:10]]
    return " OR ".join(name[:200] for name in names if isinstance(name, str) and name)


def _names(wanted: object) -> list[str]:
    return list(wanted) if isinstance(wanted, dict) else []


TARBALL = Detector(how="npm", wants=lambda path, _head: path == "package/package.json", limit=LIMIT, read=_read)
NODE = Detector(how="npm", wants=lambda path, _head: _PATH.search(path) is not None, limit=LIMIT, read=_read)
