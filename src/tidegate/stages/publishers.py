"""Who publishes what the projects ask for, as the registries declare it now: a proposal for the reviewed file."""

from dataclasses import dataclass

from tidegate.domain.changes import continuity, metadata
from tidegate.domain.changes.asked import Asked
from tidegate.domain.changes.metadata_rules import GONE, UNKNOWN
from tidegate.domain.changes.subjects import questions, subjects
from tidegate.errors import FormatError
from tidegate.formats import publishers_file
from tidegate.model.inventory import Inventory
from tidegate.policy.schema import Policy
from tidegate.ports import PackageIndex
from tidegate.stages.registry import debts, reach

_SILENT = frozenset({UNKNOWN.id, GONE.id})


@dataclass(frozen=True, slots=True)
class Proposal:
    """`text` is the whole file, "" when `fault` says why what is known could not be read.

    `added` are the purls it has besides the known ones, `owed` says which registry gave no answer, `unknown` why of a
    package nothing is known.
    """

    text: str = ""
    added: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    fault: str = ""


def propose(inventory: Inventory, index: PackageIndex, policy: Policy, known: str) -> Proposal:
    """Ask about every package the projects ask for themselves; `known` is the file so far, "" for none."""
    try:
        record = publishers_file.parse(known.encode("utf-8", "surrogatepass")) if known else {}
    except FormatError as error:
        where = f" (line {error.line})" if error.line else ""
        return Proposal(fault=f"{error.message}{where}")
    direct = Asked.of(inventory.locks, inventory.manifests)
    of = subjects((), inventory.locks, direct)
    range_ = reach(policy)
    # What is recorded already stays as it is, so nobody need be asked about it.
    wanted = [subject for subject in of if subject.package.project not in record]
    asked = questions(wanted, range_)
    answers = index.ask(asked)
    proposed = continuity.proposal(wanted, answers, record)
    told = [one.message for one in metadata.check(wanted, answers, range_) if one.rule in _SILENT]
    missing = [
        f"nothing is recorded of `{subject.package.project}`: {why}"
        for subject in wanted
        if (answer := answers.answers.get(subject.named)) and (why := answer.unknown.get(subject.package.version))
    ]
    return Proposal(
        publishers_file.render(proposed),
        tuple(sorted(proposed.keys() - record.keys())),
        tuple(blind.reason for blind in debts(answers, {(one.ecosystem, one.name) for one in asked})),
        tuple(dict.fromkeys((*told, *missing))),
    )
