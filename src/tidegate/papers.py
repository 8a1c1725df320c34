"""What the files of a run's evidence are called, and what the parent writes into them unsigned."""

import json
from collections.abc import Mapping, Sequence

from tidegate.formats import claimed, endings
from tidegate.formats.approval import APPROVAL_V1
from tidegate.formats.rebuild import REBUILD_V1
from tidegate.formats.records import dump, to_plain
from tidegate.model.control import Control
from tidegate.model.evidence import Report
from tidegate.model.release import Artifact, Release
from tidegate.model.verdict import PolicyFacts, Verdict


def signature(artifact: Artifact) -> str:
    return artifact.name + endings.SIGNATURE


def attestations(artifact: Artifact) -> str:
    return artifact.name + endings.ATTESTATIONS


def verdict(artifact: Artifact) -> str:
    return artifact.name + endings.VERDICT


def result(artifact: Artifact) -> str:
    """The verdict's second form."""
    return artifact.name + endings.RESULT


def only_approved(text: str) -> bool:
    """Do attestations hold nothing but approvals and rebuilds, so that provenance has still to be made?"""
    lines = (line.encode() for line in text.split("\n") if line.strip())
    return all(claimed.predicate_type(line) in {APPROVAL_V1, REBUILD_V1} for line in lines)


def grown(text: str, bundles: Sequence[str]) -> str:
    """Attestations with these bundles added, one a line; what is there stays as it is."""
    there = text if text.endswith("\n") or not text else text + "\n"
    return there + "".join(f"{json.dumps(json.loads(bundle), separators=(',', ':'))}\n" for bundle in bundles)


def examined(
    policy: PolicyFacts, releases: Sequence[Release], verdicts: Sequence[Verdict], reports: Mapping[Control, Report]
) -> str:
    """Rows 1 to 7 as they were judged, with every report, so that they can be judged again without a scanner."""
    plain = {
        "version": 1,
        "policy": to_plain(policy),
        "releases": to_plain(tuple(releases)),
        "verdicts": [to_plain(v) for v in sorted(verdicts, key=lambda v: (list(Control).index(v.control), v.release))],
        "reports": {control.value: to_plain(_slim(reports[control])) for control in sorted(reports)},
    }
    return dump(plain) + "\n"


def _slim(report: Report) -> dict[str, object]:
    """A report without the documents it produced; those lie beside it."""
    plain: dict[str, object] = to_plain(report)
    plain["produced"] = [{"name": p.name, "digest": str(p.digest)} for p in report.produced]
    plain.pop("rules", None)
    return plain
