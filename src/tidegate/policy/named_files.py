"""Every file a policy names (keys, a trusted root, data, a baseline) is read by its own reader, or is a fault."""

from collections.abc import Callable

from tidegate.errors import Fault, FormatError
from tidegate.policy import baseline
from tidegate.policy.faults import Marks, line_of
from tidegate.policy.schema import PolicyModel
from tidegate.policy.trust import KeyTrust

_FILE_LIMIT = 4 << 20

Read = Callable[[str, int], bytes | None]
"""Content of a path at the policy's ref, at most so many bytes; None when it is not there."""

Named = tuple[str, tuple[str | int, ...], str]
"""(path, where the policy names it, kind of PEM block it must hold or "")"""


def read_all(
    model: PolicyModel, read: Read, path: str, marks: Marks, unwritten: str
) -> tuple[dict[str, str], list[Fault]]:
    """The text of every file the policy at `path` names, and the faults of the others; for `unwritten` see `load`."""
    files: dict[str, str] = {}
    faults = []
    for name, loc, kind in _wanted(model):
        text, fault = _text_file(name, kind, read)
        if fault:
            faults.append(Fault(fault, path, line_of(loc, marks)))
        else:
            files[name] = text
    return files, faults + _baseline(model, files, read, path, marks, unwritten)


def _wanted(model: PolicyModel) -> list[Named]:
    wanted: list[Named] = []
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
    return wanted


def _data_files(model: PolicyModel) -> list[Named]:
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
