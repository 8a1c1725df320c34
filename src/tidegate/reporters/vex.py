"""What a run knows about vulnerabilities of its dependencies, as OpenVEX 0.2.0 and as CycloneDX VEX.

An exception accepts a risk; it says "not affected" only where its owner wrote that down. Both documents are the same
bytes for the same run.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tidegate.model.exemption import Exemption
from tidegate.model.finding import Finding
from tidegate.model.verdict import Judged, Run
from tidegate.reporters import shown
from tidegate.reporters.escape import terminal

RULE = "dependency-vulnerable"
AUTHOR = "tidegate"
MAX_STATEMENTS = 5000

_CONTEXT = "https://openvex.dev/ns/v0.2.0"
_DOCUMENT = "https://openvex.dev/docs/public/vex-"
_SERIALS = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/capabilities/vex")
_STATES = {"affected": "exploitable", "not_affected": "not_affected", "fixed": "resolved"}
_JUSTIFICATIONS = {
    "component_not_present": "code_not_present",
    "vulnerable_code_not_present": "code_not_present",
    "vulnerable_code_not_in_execute_path": "code_not_reachable",
    "vulnerable_code_cannot_be_controlled_by_adversary": "protected_at_runtime",
    "inline_mitigations_already_exist": "protected_by_mitigating_control",
}
"""OpenVEX labels in the words of CycloneDX."""

_SUBJECT = re.compile(r"pkg:[!-~]{1,1000}?#[!-~]{1,200}")

Plain = dict[str, object]


@dataclass(frozen=True, slots=True)
class Word:
    """What is said about one vulnerability of one package: `says` is the reason or the action."""

    name: str
    aliases: tuple[str, ...]
    purl: str
    status: str
    justification: str
    says: str
    accepted: bool


def openvex(run: Run) -> str:
    """The document; "" when there is nothing to state, as OpenVEX knows no empty document."""
    words = _words(run)
    if not words:
        return ""
    body: Plain = {
        "@context": _CONTEXT,
        "author": AUTHOR,
        "role": "release gate",
        "timestamp": _time(run.finished),
        "version": 1,
        "tooling": _text(run.tool),
        "statements": [_statement(word, products) for word, products in words],
    }
    content = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return _rendered({"@id": _DOCUMENT + hashlib.sha256(content).hexdigest(), **body})


def _statement(word: Word, products: tuple[Plain, ...]) -> Plain:
    vulnerability: Plain = {"name": word.name}
    if word.aliases:
        vulnerability["aliases"] = list(word.aliases)
    told: Plain = {"vulnerability": vulnerability, "products": list(products), "status": word.status}
    if word.status == "not_affected" and word.justification:
        told["justification"] = word.justification
    key = {"not_affected": "impact_statement", "affected": "action_statement"}.get(word.status, "status_notes")
    return told | {key: word.says}


def cyclonedx(run: Run) -> str:
    """A BOM that holds vulnerabilities and the components they are in, nothing else (CycloneDX 1.6)."""
    words = [word for word, _ in _words(run)]
    body: Plain = {
        "metadata": {
            "timestamp": _time(run.finished),
            "authors": [{"name": AUTHOR}],
            "tools": {"components": [{"type": "application", "name": _text(run.tool)}]},
        },
        "components": [
            {"type": "library", "bom-ref": purl, "name": purl.partition("@")[0].rpartition("/")[2], "purl": purl}
            for purl in sorted({word.purl for word in words})
        ],
        "vulnerabilities": [_vulnerability(word) for word in words],
    }
    content = json.dumps(body, sort_keys=True, separators=(",", ":"))
    head: Plain = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SERIALS, content)}",
        "version": 1,
    }
    return _rendered(head | body)


def _vulnerability(word: Word) -> Plain:
    analysis: Plain = {"state": _STATES[word.status], "detail": word.says}
    if word.status == "not_affected" and word.justification:
        analysis["justification"] = _JUSTIFICATIONS[word.justification]
    if word.status == "affected":
        analysis["response"] = ["will_not_fix" if word.accepted else "update"]
    told: Plain = {"bom-ref": f"{word.purl}#{word.name}", "id": word.name}
    if word.aliases:
        told["references"] = [{"id": alias, "source": {"name": alias.partition("-")[0]}} for alias in word.aliases]
    return told | {"analysis": analysis, "affects": [{"ref": word.purl}]}


def _words(run: Run) -> list[tuple[Word, tuple[Plain, ...]]]:
    """Each subject once, with the products it is in; the gravest judgement of it counts."""
    found: dict[str, tuple[Word, Finding]] = {}
    for item in shown.shown(run):
        finding = item.finding
        if finding.rule == RULE and _SUBJECT.fullmatch(finding.about) and finding.about not in found:
            found[finding.about] = (_word(item.judged), finding)
    pairs = sorted(found.values(), key=lambda pair: pair[1].about)[:MAX_STATEMENTS]
    return [(word, tuple(_products(run, word.purl, finding))) for word, finding in pairs]


def _word(judged: Judged) -> Word:
    finding = judged.finding
    purl, _, name = finding.about.partition("#")
    aliases = tuple(dict.fromkeys(each.partition("#")[2] for each in finding.also if _SUBJECT.fullmatch(each)))
    exemption = judged.exemption
    if exemption is None:
        return Word(name, aliases, purl, "affected", "", _text(finding.fix or finding.message), accepted=False)
    status = exemption.status if exemption.status in _STATES else "affected"
    return Word(name, aliases, purl, status, _label(exemption), _accepted(exemption, status), accepted=True)


def _label(exemption: Exemption) -> str:
    return exemption.justification if exemption.justification in _JUSTIFICATIONS else ""


def _accepted(exemption: Exemption, status: str) -> str:
    reason, owner = _text(exemption.reason), _text(exemption.owner, 80)
    if status == "affected":
        return f"accepted {shown.until(exemption)} by {owner}: {reason}"
    return f"{reason} ({owner}, {shown.until(exemption)})"


def _products(run: Run, purl: str, finding: Finding) -> Iterator[Plain]:
    """The artifacts of the releases the finding counts against, the package inside them; or the package by itself."""
    digests = sorted(
        {
            artifact.digest.value
            for release in run.releases
            if finding.release in (None, release.name)
            for artifact in release.artifacts
        }
    )
    for digest in digests:
        yield {
            "@id": f"urn:sha256:{digest}",
            "hashes": {"sha-256": digest},
            "subcomponents": [{"@id": purl, "identifiers": {"purl": purl}}],
        }
    if not digests:
        yield {"@id": purl, "identifiers": {"purl": purl}}


def _time(text: str) -> str:
    """RFC 3339 in UTC; a run whose end cannot be read says the oldest time there is, so that it is never the newest."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return "1970-01-01T00:00:00Z"


def _text(text: str, limit: int = 1000) -> str:
    return terminal(text, limit) or "not said"


def _rendered(document: Plain) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
