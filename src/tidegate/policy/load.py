"""A policy file becomes a Policy, or all its faults at once with their lines.

Everything a policy names (keys, a trusted root) is read through the same reader, hence from the same ref, and enters
the digest by content.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from tidegate.domain.claims import source
from tidegate.domain.secrets import custom
from tidegate.errors import Fault, FormatError, PolicyError, UserError
from tidegate.formats.records import canonical
from tidegate.formats.yaml_documents import load as load_yaml
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.policy import baseline, presets, vex
from tidegate.policy.faults import Marks, did_you_mean, explain, line_of
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.policy.trust import IdentityTrust, KeyTrust

DEFAULT_PATH = "tidegate.yaml"
_POLICY_LIMIT = 1 << 20
_FILE_LIMIT = 4 << 20
_DEPTH = 5

Read = Callable[[str, int], bytes | None]
"""Content of a path at the policy's ref, at most so many bytes; None when it is not there."""


def load(
    path: str,
    read: Read,
    *,
    ref: str = "",
    adopted: date | None = None,
    known_rules: Collection[str] = (),
    unwritten: str = "",
) -> Policy:
    """The policy at `path`; the built-in baseline when the default path is not there.

    `unwritten` is the baseline of secret scanning to take where the one the policy names is not there yet: for the
    command that writes it. Raises PolicyError with every fault, UserError when a named policy is missing.
    """
    raw = _fetch(read, path, _POLICY_LIMIT)
    if raw is None:
        if path != DEFAULT_PATH:
            raise UserError(f"there is no policy at `{path}`", hint="check the path given to `--policy`")
        return _finish(
            {"version": 1, "extends": presets.DEFAULT}, {}, read, "built-in baseline", ref, adopted, (), True, unwritten
        )
    plain, marks = _parse(raw, path)
    return _finish(plain, marks, read, path, ref, adopted, known_rules, False, unwritten)


def _finish(
    plain: dict[str, Any],
    marks: Marks,
    read: Read,
    path: str,
    ref: str,
    adopted: date | None,
    known_rules: Collection[str],
    first: bool,
    unwritten: str,
) -> Policy:
    merged, chain = _extend(plain, marks, read, path, 0)
    try:
        model = PolicyModel.model_validate_json(json.dumps(merged))
    except ValidationError as error:
        raise PolicyError(_by_line(explain(error, marks, path))) from None
    files, faults = _named_files(model, read, path, marks)
    faults += _baseline(model, files, read, path, marks, unwritten)
    faults += _cross_checks(model, chain, known_rules, path, marks)
    faults += _pinned_root(model, files, path, marks)
    faults += _detectors(model, path, marks)
    faults += _vex(model, files, path, marks)
    warnings = _both_lists(model, files) + _by_name_alone(model)
    if "strict" in chain:
        faults += [Fault(warning, path, line_of(("trust",), marks)) for warning in warnings]
    if faults:
        raise PolicyError(_by_line(faults))
    effective = {"policy": merged, "files": {name: str(Digest.of(text.encode())) for name, text in files.items()}}
    return Policy(
        model=model,
        files=files,
        digest=str(Digest.of(canonical(effective))),
        path=path,
        ref=ref,
        presets=chain,
        first_adoption=first,
        adopted=adopted,
        warnings=tuple(warnings),
    )


def _by_line(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.line or 0))


def _fetch(read: Read, path: str, limit: int) -> bytes | None:
    try:
        return read(path, limit)
    except FormatError as error:
        raise PolicyError((Fault(error.message, path),)) from error


def _parse(raw: bytes, path: str) -> tuple[dict[str, Any], Marks]:
    try:
        document = load_yaml(raw, limit=_POLICY_LIMIT, what="the policy")
    except FormatError as error:
        raise PolicyError((Fault(error.message, path, error.line, error.hint),)) from error
    if not isinstance(document.value, dict):
        raise PolicyError((Fault("a policy is a mapping", path, 1, "the shortest policy is `version: 1`"),))
    return document.value, document.marks


def _extend(
    plain: dict[str, Any], marks: Marks, read: Read, path: str, depth: int
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Merge a document over what it extends; without `extends` that is the baseline."""
    parent = plain.get("extends", None if path.startswith("preset ") else presets.DEFAULT)
    if parent is None:
        return plain, ()
    line = line_of(("extends",), marks)
    if not isinstance(parent, str):
        raise PolicyError((Fault("`extends` names a preset or a file", path, line),))
    if depth >= _DEPTH:
        raise PolicyError((Fault(f"`extends` goes deeper than {_DEPTH}, or in a circle", path, line),))
    if parent in presets.NAMES:
        raw: bytes | None = presets.read(parent)
        name = f"preset {parent}"
    elif "://" in parent or parent.startswith("git+"):
        raise PolicyError((Fault("a policy cannot extend a URL yet", path, line, "copy the file into the repository"),))
    else:
        raw, name = _fetch(read, parent, _POLICY_LIMIT), parent
    if raw is None:
        hint = did_you_mean(parent, presets.NAMES) or f"the presets are {', '.join(presets.NAMES)}"
        raise PolicyError((Fault(f"`extends: {parent}` is neither a preset nor a file", path, line, hint),))
    above, above_marks = _parse(raw, name)
    base, chain = _extend(above, above_marks, read, name, depth + 1)
    return _merge(base, plain), (*chain, parent)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings merge, everything else (lists too) is replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _named_files(model: PolicyModel, read: Read, path: str, marks: Marks) -> tuple[dict[str, str], list[Fault]]:
    wanted: list[tuple[str, tuple[str | int, ...], str]] = []
    for kind in ("builders", "verifiers", "approvers", "rebuilders"):
        for number, entry in enumerate(getattr(model.trust, kind)):
            if isinstance(entry, KeyTrust):
                wanted.append((entry.key, ("trust", kind, number, "key"), "PUBLIC KEY"))
    if model.trust.root:
        wanted.append((model.trust.root, ("trust", "root"), ""))
    if model.trust.instance:
        wanted.append((model.trust.instance, ("trust", "instance"), ""))
    wanted += _data_files(model)
    if model.controls.deployment.signer:
        wanted.append((model.controls.deployment.signer, ("controls", "deployment", "signer"), "PUBLIC KEY"))
    files: dict[str, str] = {}
    faults = []
    for name, loc, kind in wanted:
        text, fault = _text_file(name, kind, read)
        if fault:
            faults.append(Fault(fault, path, line_of(loc, marks)))
        else:
            files[name] = text
    return files, faults


def _data_files(model: PolicyModel) -> list[tuple[str, tuple[str | int, ...], str]]:
    """Files of row 2 that are data and no keys."""
    rules = model.controls.dependencies
    where: tuple[str | int, ...] = ("controls", "dependencies")
    wanted = [(name, (*where, key), "") for key, name in (("kev", rules.kev), ("epss", rules.epss)) if name]
    wanted += [(name, (*where, "vex", number), "") for number, name in enumerate(rules.vex)]
    wanted += [(name, (*where, "review", "popular", kind), "") for kind, name in rules.review.popular.items()]
    if rules.registry.publishers:
        wanted.append((rules.registry.publishers, (*where, "registry", "publishers"), ""))
    return wanted


def _baseline(
    model: PolicyModel, files: dict[str, str], read: Read, path: str, marks: Marks, unwritten: str
) -> list[Fault]:
    """Put the baseline of secret scanning among the files; the faults in it, each with its line there."""
    name = model.controls.secrets.baseline
    if name is None:
        return []
    line = line_of(("controls", "secrets", "baseline"), marks)
    try:
        raw = read(name, _FILE_LIMIT)
    except FormatError as error:
        return [Fault(f"`{name}`: {error.message}", path, line)]
    if raw is None and not unwritten:
        told = f"`{name}` is not there at the policy's commit"
        return [Fault(told, path, line, "`tidegate baseline adopt` writes it; then commit it")]
    files[name], faults = baseline.check(name, raw if raw is not None else unwritten.encode())
    return list(faults)


def _text_file(name: str, kind: str, read: Read) -> tuple[str, str]:
    try:
        raw = read(name, _FILE_LIMIT)
    except FormatError as error:
        return "", f"`{name}`: {error.message}"
    if raw is None:
        return "", f"`{name}` is not there at the policy's commit"
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return "", f"`{name}` is not UTF-8 text"
    if "PRIVATE KEY" in text:
        return "", f"`{name}` is a private key; name the public one, and replace this pair"
    if kind and f"-----BEGIN {kind}-----" not in text:
        return "", f"`{name}` is not a PEM public key"
    return text, ""


def _cross_checks(
    model: PolicyModel, chain: tuple[str, ...], known_rules: Collection[str], path: str, marks: Marks
) -> list[Fault]:
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
    named: list[tuple[str, tuple[str | int, ...]]] = []
    for control in Control:
        named += [(rule, ("controls", control.value, "rules", rule)) for rule in model.controls.of(control).rules]
    named += [(entry.rule, ("exceptions", number, "rule")) for number, entry in enumerate(model.exceptions)]
    for rule, loc in named:
        if known_rules and rule not in known_rules:
            hint = did_you_mean(rule, sorted(known_rules))
            faults.append(Fault(f"there is no rule `{rule}`", path, line_of(loc, marks), hint))
    for number, exclusion in enumerate(model.exclude):
        if exclusion.path.strip("/") in ("", "."):
            faults.append(
                Fault("`exclude` cannot name the whole repository", path, line_of(("exclude", number), marks))
            )
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
