"""CycloneDX JSON checked against its own schema, without touching the network.

The schema files are the ones the installed `cyclonedx-python-lib` ships.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path

from tidegate.errors import FormatError
from tidegate.formats.strict_json import loads

LIMIT = 64 * 1024 * 1024
MAX_ERRORS = 5

_READABLE = frozenset({"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"})
# Versions whose plain schema tolerates unknown keys have a second, strict one.
_STRICT = frozenset({"1.2", "1.3"})
_BARE = frozenset({"hashes", "properties", "externalReferences"})
"""No schema lets a `bom-ref` stand inside these, which are most of a document."""
_SCHEMA_NAME = re.compile(r"[a-z0-9.-]{1,60}\.SNAPSHOT\.schema\.json")


def validate(document: str | bytes) -> None:
    """Check a document of any JSON version from 1.2 on. Raises FormatError that names the first errors.

    Beyond the schema: no two components or services share a `bom-ref`, and every reference in the dependency graph
    and in the compositions points to one.
    """
    raw = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
    check(loads(raw, limit=LIMIT, what="the SBOM"))


def check(plain: object) -> dict[str, object]:
    """The document itself when it is valid, as `validate` says. Raises FormatError."""
    if not isinstance(plain, dict) or plain.get("bomFormat") != "CycloneDX":
        raise FormatError("the SBOM is not CycloneDX JSON")
    version = plain.get("specVersion")
    if not isinstance(version, str) or version not in _READABLE:
        raise FormatError(f"the SBOM has a `specVersion` that is none of {', '.join(sorted(_READABLE))}")
    faults = list(islice(_faults(version)(plain), MAX_ERRORS)) or _dangling(plain)
    if faults:
        raise FormatError("the SBOM is not valid CycloneDX: " + "; ".join(faults))
    return plain


@cache
def _faults(version: str) -> Callable[[object], Iterator[str]]:
    """What a document breaks in the schema of a version, fault by fault. Imported late: it takes 30 ms."""
    import jsonschema_rs

    strict = "-strict" if version in _STRICT else ""
    schema = _schema(f"bom-{version}{strict}.SNAPSHOT.schema.json")
    validator = jsonschema_rs.validator_for(schema, retriever=_retrieve, validate_formats=True)

    def tell(plain: object) -> Iterator[str]:
        for error in validator.iter_errors(plain):
            place = "/".join(str(step) for step in error.instance_path)
            yield f"/{place}: {error.message}"[:300]

    return tell


def _retrieve(uri: str) -> dict[str, object]:
    """A schema next to the main one, by the last part of its address; any other address is refused."""
    return _schema(uri.partition("#")[0].rpartition("/")[2])


@cache
def _schema(name: str) -> dict[str, object]:
    if not _SCHEMA_NAME.fullmatch(name):
        raise ValueError(f"no such schema: {name[:80]}")
    from cyclonedx.schema import _res  # only who validates needs it

    schema: dict[str, object] = json.loads(Path(_res.__file__).with_name(name).read_bytes())
    return schema


@cache
def spdx_identifiers() -> frozenset[str]:
    """The licence identifiers CycloneDX knows."""
    known = _schema("spdx.SNAPSHOT.schema.json").get("enum")
    return frozenset(known) if isinstance(known, list) else frozenset()


def _dangling(plain: dict[str, object]) -> list[str]:
    """References that point nowhere and names given twice; the schema cannot say either."""
    parts = {key: value for key, value in plain.items() if key in ("metadata", "components", "services")}
    counted = Counter(_refs(parts))
    faults = [f"the bom-ref {ref[:100]!a} is given twice" for ref, times in sorted(counted.items()) if times > 1]
    seen = counted.keys() | set(_refs({key: value for key, value in plain.items() if key not in parts}))
    entries = [*_objects(plain.get("dependencies")), *_objects(plain.get("compositions"))]
    for entry in entries:
        named = [entry.get("ref"), *_strings(entry.get("dependsOn")), *_strings(entry.get("provides"))]
        named += [*_strings(entry.get("assemblies")), *_strings(entry.get("dependencies"))]
        faults += [
            f"the reference {ref[:100]!a} points to nothing"
            for ref in named
            if isinstance(ref, str) and ref not in seen and not ref.startswith("urn:cdx:")
        ]
    return faults[:MAX_ERRORS]


def _refs(plain: object) -> Iterable[str]:
    """Every `bom-ref`, however deep; strict reading has bounded the depth."""
    stack = [plain]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            ref = node.get("bom-ref")
            if isinstance(ref, str):
                yield ref
            stack += [
                each for key, each in node.items() if (type(each) is dict or type(each) is list) and key not in _BARE
            ]
        elif isinstance(node, list):
            stack += [each for each in node if type(each) is dict or type(each) is list]


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
