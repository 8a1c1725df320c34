"""Manifests read as the inventory reads them, beside the files that are named as present."""

import json

from tidegate.formats.manifests import table
from tidegate.model.package import Manifest


def parse(path: str, raw: bytes | str, *present: str) -> Manifest:
    return table.parse(path, raw.encode() if isinstance(raw, str) else raw, frozenset({path, *present}))


def project(text: str, *present: str) -> Manifest:
    return parse("pyproject.toml", text, *present)


def package(content: object, *present: str, path: str = "package.json") -> Manifest:
    return parse(path, json.dumps(content), *present)
