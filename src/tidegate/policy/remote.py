"""Policies that others keep: which versions may read one, and one of another repository at exactly one commit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tidegate.errors import Fault, FormatError, PolicyError
from tidegate.model.digest import Digest
from tidegate.policy.faults import Marks, line_of
from tidegate.policy.values import Requirement

Fetch = Callable[[str, str, str], bytes]
"""The file at (address, commit, path). FormatError when it is not there, UndecidedError when nobody can be asked."""

_FORM = "git+https://HOST/PATH@COMMIT#FILE"
_ADDRESS = re.compile(r"git\+(https://[^\s@#?]{3,1000})@([0-9a-f]{40}|[0-9a-f]{64})#([^\s#]{1,500})")
_BEFORE = "Value error, "


def check_version(plain: Mapping[str, Any], path: str, marks: Marks) -> None:
    """Before anything else is read of it: an older version must not complain of keys it does not know."""
    asked = plain.get("requires")
    if not isinstance(asked, str):
        return  # absent, or of another type, which the schema says
    try:
        TypeAdapter[str](Requirement).validate_python(asked)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix(_BEFORE)
        raise PolicyError((Fault(message, path, line_of(("requires",), marks)),), hint="see `requires`") from None


def read(address: str, fetch: Fetch | None, at: Fault) -> tuple[bytes, str]:
    """The policy an address names, and what the chain says of it: the address and the digest of what was there."""
    fits = _ADDRESS.fullmatch(address)
    if fits is None or ".." in fits[3].split("/"):
        hint = "a commit stays what it is; a branch or a tag does not"
        raise PolicyError((replace(at, message=f"`extends` from elsewhere is written `{_FORM}`", hint=hint),))
    if fetch is None:
        raise PolicyError((replace(at, message="a policy is not fetched here", hint="copy it into the repository"),))
    try:
        raw = fetch(fits[1], fits[2], fits[3])
    except FormatError as error:
        raise PolicyError((replace(at, message=error.message, hint=error.hint),)) from error
    return raw, f"{address} {Digest.of(raw)}"


def nothing(_path: str, _limit: int) -> None:
    """What a fetched policy may extend besides presets and other addresses: its own repository is not at hand."""
