"""The reviewed file that records who published each dependency: strict YAML (or JSON), one entry a package.

    version: 1
    publishers:
      pkg:pypi/requests: [{kind: github, repository: psf/requests, workflow: publish.yml}]
      pkg:npm/lodash: []            # published without attestations, and known to be

An entry is a list: releases of any of these publishers are accepted.
"""

import json
import re
from collections.abc import Mapping

from tidegate.errors import FormatError
from tidegate.formats.text import shown
from tidegate.formats.yaml_documents import Document, Plain, load
from tidegate.model.publication import Publisher

LIMIT = 4 << 20
MAX_PUBLISHERS = 20
Record = Mapping[str, tuple[Publisher, ...]]
"""Publishers by purl without version; an empty tuple means that none was attested."""

_PURL = re.compile(r"pkg:[a-z]+/[A-Za-z0-9.%_~/+-]+")
_MEMBERS = frozenset({"kind", "repository", "workflow"})


def parse(raw: bytes) -> Record:
    """Read the file. Raises FormatError with the line of the first fault; an unknown key is one."""
    document = load(raw, limit=LIMIT, what="the file of publishers")
    top = document.value
    if not isinstance(top, dict) or set(top) != {"version", "publishers"}:
        raise _fault(document, "is not `version` and `publishers`")
    if top["version"] != 1 or isinstance(top["version"], bool):
        raise _fault(document, "is of a version nobody here can read", "version")
    entries = top["publishers"]
    if not isinstance(entries, dict):
        raise _fault(document, "has no mapping `publishers`", "publishers")
    return {purl: _entry(document, purl, entry) for purl, entry in entries.items()}


def _entry(document: Document, purl: str, entry: Plain) -> tuple[Publisher, ...]:
    if not _PURL.fullmatch(purl):
        raise _fault(document, f"names `{shown(purl)}`, which is no purl without version", "publishers", purl)
    if not isinstance(entry, list) or len(entry) > MAX_PUBLISHERS:
        message = f"gives `{shown(purl)}` no list of at most {MAX_PUBLISHERS} publishers; `[]` is none"
        raise _fault(document, message, "publishers", purl)
    return tuple(_publisher(document, purl, one) for one in entry)


def _publisher(document: Document, purl: str, one: Plain) -> Publisher:
    fits = isinstance(one, dict) and set(one) <= _MEMBERS and all(isinstance(value, str) for value in one.values())
    if not fits or not isinstance(one, dict) or not one.get("kind") or not one.get("repository"):
        message = f"gives `{shown(purl)}` a publisher that is not `kind`, `repository` and `workflow`"
        raise _fault(document, message, "publishers", purl)
    return Publisher(str(one["kind"]).lower(), str(one["repository"]), str(one.get("workflow", "")))


def _fault(document: Document, message: str, *path: str) -> FormatError:
    return FormatError(f"the file of publishers {message}", line=document.line(*path))


def render(record: Record) -> str:
    """The file's text, in order of purl: the same record always gives the same bytes."""
    lines = ["# Who published each dependency, as its registry declares it; reviewed by people."]
    lines += ["version: 1", "publishers:" if record else "publishers: {}"]
    for purl in sorted(record):
        if not record[purl]:
            lines.append(f"  {json.dumps(purl)}: []")
            continue
        lines.append(f"  {json.dumps(purl)}:")
        for one in sorted(record[purl]):
            members = {"kind": one.kind, "repository": one.repository, "workflow": one.workflow}
            spelled = ", ".join(f"{key}: {json.dumps(value)}" for key, value in members.items() if value)
            lines.append(f"    - {{{spelled}}}")
    return "\n".join(lines) + "\n"
