"""A policy as its loader made it, read in a worker without paying for the checks a second time.

The loader checked every value in the parent; importing what it checks with takes longer than most rows do. So plain
values of `controls` come from the JSON itself, and everything else (trust, dates, methods) from the real policy, which
is made when it is asked for.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from tidegate.policy.schema import Policy

_TABLES = frozenset({"rules", "popular", "indexes"})
"""Mappings whose keys are the team's; every other mapping below `controls` is a section with fields."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN = (str, bool, int, float, type(None))


def lean(plain: Mapping[str, Any]) -> "Policy":
    """The policy whose JSON (`model_dump_json(by_alias=True)`) this is; it reads like a `Policy`."""

    @cache
    def real() -> "Policy":
        from tidegate.policy.schema import Policy

        return Policy.model_validate_json(json.dumps(plain))

    fields = {name: plain[name] for name in ("files", "digest", "path", "ref")}
    fields["controls"] = _Section(plain["model"]["controls"], lambda: real().controls)
    return cast("Policy", _Node(fields, real))


class _Node:
    """`fields` by attribute; what is not among them is the real object's."""

    __slots__ = ("_fields", "_real")
    _fields: Mapping[str, Any]
    _real: Callable[[], Any]

    def __init__(self, fields: Mapping[str, Any], real: Callable[[], Any]) -> None:
        object.__setattr__(self, "_fields", fields)
        object.__setattr__(self, "_real", real)

    def __getattr__(self, name: str) -> Any:
        fields = self._fields
        return fields[name] if name in fields else getattr(self._real(), name)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a policy is not changed: {name}")


class _Section(_Node):
    """One section of `controls`: its plain values and its sections."""

    __slots__ = ()

    def __init__(self, plain: Mapping[str, Any], real: Callable[[], Any]) -> None:
        fields: dict[str, Any] = {}
        for key, value in plain.items():
            name = key.replace("-", "_")
            if isinstance(value, dict) and key not in _TABLES:
                fields[name] = _Section(value, lambda name=name: getattr(real(), name))  # type: ignore[misc]
            elif _is_plain(value):
                fields[name] = value
        super().__init__(fields, real)


def _is_plain(value: object) -> bool:
    """Is this the value itself, not what stands for it in JSON?"""
    if isinstance(value, str):
        return _DATE.fullmatch(value) is None
    if isinstance(value, dict):
        return all(isinstance(each, str) for each in value.values())
    if isinstance(value, list):
        return all(isinstance(each, str) and _is_plain(each) for each in value)
    return isinstance(value, _PLAIN)
