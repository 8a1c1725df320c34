"""A policy file becomes a Policy, or all its faults at once with their lines.

Everything a policy names (keys, a trusted root) is read through the same reader, hence from the same ref, and enters
the digest by content.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from tidegate.errors import Fault, FormatError, PolicyError, UserError
from tidegate.formats.records import canonical
from tidegate.formats.yaml_documents import load as load_yaml
from tidegate.model.digest import Digest
from tidegate.policy import cross_checks, named_files, presets, remote
from tidegate.policy.faults import Marks, did_you_mean, explain, line_of
from tidegate.policy.named_files import Read
from tidegate.policy.schema import Policy, PolicyModel

DEFAULT_PATH = "tidegate.yaml"
_POLICY_LIMIT = 1 << 20
_DEPTH = 5


def load(
    path: str,
    read: Read,
    *,
    ref: str = "",
    adopted: date | None = None,
    known_rules: Collection[str] = (),
    unwritten: str = "",
    fetch: remote.Fetch | None = None,
) -> Policy:
    """The policy at `path`; the built-in baseline when the default path is not there.

    `unwritten` is the baseline of secret scanning to take where the one the policy names is not there yet: for the
    command that writes it. `fetch` brings what `extends: git+https://…` names. Raises PolicyError with every fault,
    UserError when a named policy is missing, UndecidedError when one elsewhere cannot be fetched.
    """
    raw = _fetch(read, path, _POLICY_LIMIT)
    if raw is None:
        if path != DEFAULT_PATH:
            raise UserError(f"there is no policy at `{path}`", hint="check the path given to `--policy`")
        return _finish(
            {"version": 1, "extends": presets.DEFAULT}, {}, read, "built-in baseline", ref, adopted, (), True, unwritten
        )
    plain, marks = _parse(raw, path)
    return _finish(plain, marks, read, path, ref, adopted, known_rules, False, unwritten, fetch)


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
    fetch: remote.Fetch | None = None,
) -> Policy:
    remote.check_version(plain, path, marks)
    merged, chain = _extend(plain, marks, read, path, 0, fetch)
    try:
        model = PolicyModel.model_validate_json(json.dumps(merged))
    except ValidationError as error:
        raise PolicyError(_by_line(explain(error, marks, path))) from None
    files, faults = named_files.read_all(model, read, path, marks, unwritten)
    faults += cross_checks.faults(model, files, chain, known_rules, path, marks)
    warnings = cross_checks.warnings(model, files)
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
    plain: dict[str, Any], marks: Marks, read: Read, path: str, depth: int, fetch: remote.Fetch | None
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
        raw, told = remote.read(parent, fetch, Fault("", path, line))
        above, above_marks = _parse(raw, parent)
        remote.check_version(above, parent, above_marks)
        base, chain = _extend(above, above_marks, remote.nothing, parent, depth + 1, fetch)
        return _merge(base, plain), (*chain, told)
    else:
        raw, name = _fetch(read, parent, _POLICY_LIMIT), parent
    if raw is None:
        hint = did_you_mean(parent, presets.NAMES) or f"the presets are {', '.join(presets.NAMES)}"
        raise PolicyError((Fault(f"`extends: {parent}` is neither a preset nor a file", path, line, hint),))
    above, above_marks = _parse(raw, name)
    remote.check_version(above, name, above_marks)
    base, chain = _extend(above, above_marks, read, name, depth + 1, fetch)
    return _merge(base, plain), (*chain, parent)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings merge, everything else (lists too) is replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
