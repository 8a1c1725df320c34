"""The grant ledger as a document for the evidence: the same bytes for the same workflows and the same policy."""

import json
from collections.abc import Mapping

from tidegate.domain.grants.ledger import Entry, Grant, Ledger, narrower
from tidegate.domain.grants.scopes import WRITABLE

NAME = "ci-grants.json"
MEDIA_TYPE = "application/json"
SCHEMA = "tidegate-ci-grants/1"
Plain = object


def render(ledger: Ledger, declared: Mapping[str, str]) -> str:
    """`declared` maps a grant's `about` to the reason the policy gives; a scope `*` stands for `everything`."""
    told = {grant.about for grant in ledger.grants if grant.reason is None and grant.about in declared}
    document = {
        "schema": SCHEMA,
        "grants": len(ledger.grants),
        "explained": ledger.explained,
        "declared": len(told),
        "everything": sorted(WRITABLE),
        "called_by": dict(sorted(ledger.called_by.items())),
        "jobs": [_entry(entry, declared) for entry in ledger.entries],
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def _entry(entry: Entry, declared: Mapping[str, str]) -> dict[str, Plain]:
    plain: dict[str, Plain] = {
        "workflow": entry.path,
        "job": entry.job,
        "line": entry.line,
        "block": entry.from_,
        "permissions": None if entry.held is None else dict(entry.held),
        "writes": [_grant(grant, declared) for grant in entry.grants],
    }
    if entry.calls:
        plain["calls"] = entry.calls
    without = [grant.scope for grant in entry.grants if grant.reason is None and grant.about not in declared]
    if without:
        plain["narrower"] = narrower(entry, without)
    return plain


def _grant(grant: Grant, declared: Mapping[str, str]) -> dict[str, Plain]:
    plain: dict[str, Plain] = {"scope": grant.scope, "line": grant.line}
    reason = grant.reason
    if reason is not None:
        where = f"{reason.path}:{reason.line}" if reason.line else reason.path
        plain["reason"] = {"kind": reason.kind, "what": reason.what, "source": reason.source, "at": where}
    elif grant.about in declared:
        plain["reason"] = {"kind": "policy", "what": declared[grant.about]}
    return plain
