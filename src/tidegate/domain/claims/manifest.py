"""The MANIFEST names every file a verdict rests on, with its sha256; the verdict names the MANIFEST."""

import re
from collections.abc import Iterator, Mapping

from tidegate.domain.claims import deployment_rules as rules
from tidegate.domain.claims.vsa import MANIFEST
from tidegate.errors import FormatError
from tidegate.formats.endings import ATTESTED, RESULT, SIGNATURE, VERDICT
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, found

LIMIT = 4 * 1024 * 1024
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\x00-\x1f\x7f]{1,255})")


def render(files: Mapping[str, Digest]) -> str:
    """`sha256  name` a line, sorted by name, as `sha256sum --check` reads it. Raises ValueError for a bad name."""
    lines = [f"{files[name].value}  {name}" for name in sorted(files)]
    for line in lines:
        if _LINE.fullmatch(line) is None:
            raise ValueError(f"not a name for an evidence file: {line[66:146]!a}")
    return "".join(f"{line}\n" for line in lines)


def parse(raw: bytes) -> dict[str, Digest]:
    """Read a MANIFEST. Raises FormatError for anything `render` does not write, such as a name twice."""
    if len(raw) > LIMIT:
        raise FormatError("the MANIFEST is too large")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("the MANIFEST is not UTF-8") from None
    if not text.endswith("\n"):
        raise FormatError("the MANIFEST is empty or cut off")
    files: dict[str, Digest] = {}
    for number, line in enumerate(text[:-1].split("\n"), 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in files or match[2] in {".", "..", MANIFEST}:
            raise FormatError("the MANIFEST has a line that is no `sha256  name`", line=number)
        files[match[2]] = Digest("sha256", match[1])
    return files


def check(raw: bytes | None, evidence: Mapping[str, Digest], release: str | None = None) -> Iterator[Finding]:
    """Every file the manifest names must be there, unchanged; what else bears on a verdict must be named by it."""
    if raw is None:
        yield found(rules.EVIDENCE_MISSING, MANIFEST, "the evidence has no MANIFEST", release=release)
        return
    try:
        named = parse(raw)
    except FormatError as error:
        yield found(rules.EVIDENCE_CHANGED, MANIFEST, error.message, release=release)
        return
    for name, digest in named.items():
        held = evidence.get(name)
        if held is None:
            yield found(rules.EVIDENCE_MISSING, name, f"the MANIFEST names `{name}`", release=release)
        elif not held.matches(digest):
            yield found(rules.EVIDENCE_CHANGED, name, f"`{name}` is not what the MANIFEST says", release=release)
    for name in sorted(set(evidence) - set(named)):
        if name.endswith((SIGNATURE, *ATTESTED)) and not name.endswith((VERDICT, RESULT)):
            yield found(rules.EVIDENCE_UNBOUND, name, f"the MANIFEST does not name `{name[:200]}`", release=release)
