"""What is asked of a policy that is well formed: that its parts fit each other and the files it names."""

from collections.abc import Collection, Mapping

from tidegate.domain.claims import source
from tidegate.domain.secrets import custom
from tidegate.errors import Fault
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.policy import vex
from tidegate.policy.faults import Marks, did_you_mean, line_of
from tidegate.policy.schema import PolicyModel
from tidegate.policy.trust import IdentityTrust, KeyTrust


def faults(
    model: PolicyModel,
    files: Mapping[str, str],
    chain: tuple[str, ...],
    known_rules: Collection[str],
    path: str,
    marks: Marks,
) -> list[Fault]:
    """What is wrong, each with its line in the policy at `path`; `chain` are the presets it extends."""
    told = _limits(model, chain, path, marks) + _unknown_rules(model, known_rules, path, marks)
    told += _pinned_root(model, files, path, marks)
    told += _detectors(model, path, marks)
    told += _vex(model, files, path, marks)
    return told


def warnings(model: PolicyModel, files: Mapping[str, str]) -> list[str]:
    """What is allowed and dangerous; the strict preset makes faults of it."""
    return _both_lists(model, files) + _by_name_alone(model)


def _limits(model: PolicyModel, chain: tuple[str, ...], path: str, marks: Marks) -> list[Fault]:
    """Words that are well formed and cannot be meant: a limit taken away, a number nobody can reach."""
    faults = []
    if "strict" in chain and model.controls.dependencies.database.max_age == "unlimited":
        line = line_of(("controls", "dependencies", "database", "max_age"), marks)
        faults.append(Fault("`max_age: unlimited` is refused under `strict`", path, line))
    wanted, able = model.controls.provenance.approvals, len(model.trust.approvers)
    if wanted > able:
        line = line_of(("controls", "provenance", "approvals"), marks)
        message = f"`approvals: {wanted}` cannot be reached with {able} of `trust.approvers`"
        faults.append(Fault(message, path, line, "name more approvers"))
    if model.controls.sbom.rebuild and not model.trust.rebuilders:
        line = line_of(("controls", "sbom", "rebuild"), marks)
        faults.append(Fault("`rebuild: true` cannot be met without `trust.rebuilders`", path, line, "name one"))
    for number, exclusion in enumerate(model.exclude):
        if exclusion.path.strip("/") in ("", "."):
            faults.append(
                Fault("`exclude` cannot name the whole repository", path, line_of(("exclude", number), marks))
            )
    return faults


def _unknown_rules(model: PolicyModel, known_rules: Collection[str], path: str, marks: Marks) -> list[Fault]:
    faults = []
    named: list[tuple[str, tuple[str | int, ...]]] = []
    for control in Control:
        named += [(rule, ("controls", control.value, "rules", rule)) for rule in model.controls.of(control).rules]
    named += [(entry.rule, ("exceptions", number, "rule")) for number, entry in enumerate(model.exceptions)]
    for rule, loc in named:
        if known_rules and rule not in known_rules:
            hint = did_you_mean(rule, sorted(known_rules))
            faults.append(Fault(f"there is no rule `{rule}`", path, line_of(loc, marks), hint))
    return faults


def _pinned_root(model: PolicyModel, files: Mapping[str, str], path: str, marks: Marks) -> list[Fault]:
    """A pinned trusted root is the root in use or the policy is wrong: a rolled-back root must not slip in."""
    pin, name = model.trust.root_sha256, model.trust.root
    if pin is None:
        return []
    line = line_of(("trust", "root_sha256"), marks)
    if name is None:
        return [Fault("`trust.root_sha256` pins a `trust.root` that is not named", path, line, "name the file")]
    if name in files and Digest.of(files[name].encode()).value != pin:
        return [Fault(f"`{name}` is not the pinned root", path, line, "pin the root you reviewed")]
    return []


def _detectors(model: PolicyModel, path: str, marks: Marks) -> list[Fault]:
    """A regular expression that could hang the search, or one that is never asked, is a fault of the policy."""
    told = ((number, custom.faults(rule)) for number, rule in enumerate(model.controls.secrets.detectors))
    where = ("controls", "secrets", "detectors")
    return [Fault(why, path, line_of((*where, number, "regex"), marks), custom.HINT) for number, why in told if why]


def _vex(model: PolicyModel, files: Mapping[str, str], path: str, marks: Marks) -> list[Fault]:
    named = [(number, name) for number, name in enumerate(model.controls.dependencies.vex) if name in files]
    told = [(number, vex.faults(model, name, files[name])) for number, name in named]
    return [Fault(fault, path, line_of(("controls", "dependencies", "vex", n), marks)) for n, fault in told if fault]


def _both_lists(model: PolicyModel, files: Mapping[str, str]) -> list[str]:
    """Identities that may both build and judge: whoever holds one can vouch for himself."""

    def identity(entry: KeyTrust | IdentityTrust) -> str:
        if isinstance(entry, KeyTrust):
            text = files.get(entry.key, entry.key)
            # What stands around the PEM block does not make another key of it.
            return "".join(text.partition("-----BEGIN")[2].partition("-----END")[0].split()) or text
        repository = source.repository(source.absolute(entry.source_repository, entry.issuer))
        return f"{entry.issuer} {repository} {source.absolute(entry.signer_workflow, entry.issuer)}".lower()

    builders = {identity(entry) for entry in model.trust.builders}
    signer = model.controls.deployment.signer
    judges = [*model.trust.verifiers, *([KeyTrust(key=signer)] if signer else [])]
    shared = {identity(entry): entry for entry in judges if identity(entry) in builders}.values()
    return [
        f"`{entry.key if isinstance(entry, KeyTrust) else entry.signer_workflow}` is both builder and verifier: "
        "whoever holds it can vouch for himself"
        for entry in shared
    ]


def _by_name_alone(model: PolicyModel) -> list[str]:
    """Repositories trusted by a name alone: whoever takes over the name is trusted with it."""
    entries = [*model.trust.builders, *model.trust.verifiers]
    named = [e.source_repository for e in entries if isinstance(e, IdentityTrust) and not e.source_repository_id]
    return [
        f"`{name}` is trusted by its name, which can be taken over: add its `source_repository_id`"
        for name in dict.fromkeys(named)
    ]
