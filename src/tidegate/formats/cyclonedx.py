"""CycloneDX 1.6 JSON, written so that the same content is the same bytes, and checked against its own schema.

Order of input does not matter; nothing is random and no clock is read. Validation never touches the network: the
schema files are the ones the installed `cyclonedx-python-lib` ships.
"""

import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tidegate.errors import FormatError
from tidegate.formats.sbom_model import Bom, Component, Composition, Download, Occurrence
from tidegate.formats.strict_json import loads
from tidegate.model.digest import Digest

MEDIA_TYPE = "application/vnd.cyclonedx+json"
SPEC = "1.6"
LIMIT = 64 * 1024 * 1024
MAX_ERRORS = 5
MAX_TEXT = 1024

_READABLE = frozenset({"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"})
# Versions whose plain schema tolerates unknown keys have a second, strict one.
_STRICT = frozenset({"1.2", "1.3"})
_SERIALS = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/schema/bom/1.6")
_ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}

_SCHEMA_NAME = re.compile(r"[a-z0-9.-]{1,60}\.SNAPSHOT\.schema\.json")

Json = dict[str, object]


def render(bom: Bom) -> str:
    """The document, ending in a newline. `serialNumber` is a UUIDv5 over everything else in it."""
    body: Json = {
        "metadata": _metadata(bom),
        "components": [_component(each) for each in _sorted(bom.components)],
        "dependencies": [{"ref": _text(ref), "dependsOn": sorted(map(_text, to))} for ref, to in sorted(bom.edges)],
        "compositions": sorted(map(_composition, bom.compositions), key=lambda each: json.dumps(each, sort_keys=True)),
    }
    content = json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    head: Json = {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SERIALS, content)}",
        "version": 1,
    }
    return json.dumps(head | body, ensure_ascii=False, indent=1) + "\n"


def validate(document: str | bytes) -> None:
    """Check a document of any JSON version from 1.2 on. Raises FormatError that names the first errors.

    Beyond the schema: no two components or services share a `bom-ref`, and every reference in the dependency graph
    and in the compositions points to one.
    """
    raw = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
    plain = loads(raw, limit=LIMIT, what="the SBOM")
    if not isinstance(plain, dict) or plain.get("bomFormat") != "CycloneDX":
        raise FormatError("the SBOM is not CycloneDX JSON")
    version = plain.get("specVersion")
    if not isinstance(version, str) or version not in _READABLE:
        raise FormatError(f"the SBOM has a `specVersion` that is none of {', '.join(sorted(_READABLE))}")
    faults = list(islice(_faults(version)(plain), MAX_ERRORS)) or _dangling(plain)
    if faults:
        raise FormatError("the SBOM is not valid CycloneDX: " + "; ".join(faults))


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
    schema: dict[str, object] = json.loads((files("cyclonedx.schema._res") / name).read_text(encoding="utf-8"))
    return schema


def _dangling(plain: dict[str, object]) -> list[str]:
    """References that point nowhere and names given twice; the schema cannot say either."""
    parts = {key: value for key, value in plain.items() if key in ("metadata", "components", "services")}
    counted = Counter(_refs(parts))
    faults = [f"the bom-ref {ref[:100]!a} is given twice" for ref, times in sorted(counted.items()) if times > 1]
    seen = set(_refs(plain))
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
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _metadata(bom: Bom) -> Json:
    tool: Json = {"type": "application", "name": "tidegate", "version": _text(bom.tool_version)}
    plain: Json = {"timestamp": bom.timestamp} if bom.timestamp else {}
    return plain | {
        "lifecycles": [{"phase": phase} for phase in bom.phases],
        "tools": {"components": [tool]},
        "component": _component(bom.root),
    }


def _component(component: Component) -> Json:
    """Fields in a fixed order; an empty field is left out."""
    evidence = [_occurrence(each) for each in sorted(component.occurrences, key=_occurrence_order)]
    fields: Json = {
        "type": component.kind,
        "bom-ref": _text(component.ref),
        "group": _text(component.group),
        "name": _text(component.name),
        "version": _text(component.version),
        "scope": component.scope,
        "hashes": _hashes(component.hashes),
        "licenses": _licences(component.licence),
        "purl": _text(component.purl),
        "externalReferences": [
            _download(each) for each in sorted(component.downloads, key=lambda d: (d.url, d.comment))
        ],
        "components": [_component(each) for each in _sorted(component.parts)],
        "evidence": {"occurrences": evidence} if evidence else {},
        "properties": [{"name": _text(k), "value": _text(v)} for k, v in sorted(set(component.properties))],
    }
    return {key: value for key, value in fields.items() if value not in ("", [], {})}


def _sorted(components: Iterable[Component]) -> list[Component]:
    return sorted(components, key=lambda each: each.ref)


def _occurrence_order(occurrence: Occurrence) -> tuple[str, int]:
    return occurrence.location, occurrence.line or 0


def _occurrence(occurrence: Occurrence) -> Json:
    plain: Json = {"location": _text(occurrence.location)}
    return plain if occurrence.line is None else plain | {"line": occurrence.line}


def _download(download: Download) -> Json:
    fields: Json = {
        "type": download.kind,
        "url": download.url,
        "comment": _text(download.comment),
        "hashes": _hashes(download.hashes),
    }
    return {key: value for key, value in fields.items() if value not in ("", [])}


def _hashes(hashes: Iterable[Digest]) -> list[Json]:
    """Digests of files. Go's `h1` is one of a listing and has no name there."""
    files = sorted({each for each in hashes if each.algorithm in _ALGORITHMS})
    return [{"alg": _ALGORITHMS[each.algorithm], "content": each.value} for each in files]


def _licences(licence: str) -> list[Json]:
    """An SPDX expression when it is one, else the words as they stand; both as the author declared them."""
    words = " ".join(_text(licence).split())
    if not words:
        return []
    try:
        expression = canonicalize_license_expression(words)
    except (InvalidLicenseExpression, RecursionError, ValueError):
        return [{"license": {"name": words, "acknowledgement": "declared"}}]
    return [{"expression": str(expression), "acknowledgement": "declared"}]


def _composition(composition: Composition) -> Json:
    fields: Json = {
        "aggregate": composition.aggregate.value,
        "assemblies": sorted(map(_text, composition.assemblies)),
        "dependencies": sorted(map(_text, composition.dependencies)),
    }
    return {key: value for key, value in fields.items() if value != []}


def _text(text: str) -> str:
    """Text any JSON reader accepts: half surrogates (bytes of odd file names) are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()[:MAX_TEXT]
