"""Model values to JSON and back, strictly: an unknown key, a missing one or a wrong type is a FormatError."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

from tidegate.errors import FormatError

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """A JSON-ready structure; dataclasses become objects, tuples and frozensets lists (the latter sorted)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    raise TypeError(f"no JSON form for {type(value).__name__}")


def dump(value: object) -> str:
    """Compact JSON of a model value, keys in field order."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))


def canonical(value: object) -> bytes:
    """Sorted, compact, UTF-8 JSON: the same value always gives the same bytes."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def load(cls: type[T], text: str | bytes) -> T:
    """Read what `dump` wrote. Raises FormatError with the path of the first thing that does not fit."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {type(error).__name__}") from error
    return from_plain(cls, plain)


def from_plain(cls: type[T], plain: object) -> T:
    """Build a model value from plain data, checking every type."""
    return typing.cast("T", _read(cls, plain, "$"))


@cache
def _fields(cls: type) -> tuple[tuple[str, Any, bool], ...]:
    hints = typing.get_type_hints(cls)
    return tuple(
        (
            f.name,
            hints[f.name],
            f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING,
        )
        for f in dataclasses.fields(cls)
    )


def _read(kind: Any, plain: object, where: str) -> object:
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_union(kind, plain, where)
    if origin in (tuple, frozenset):
        return _read_sequence(kind, origin, plain, where)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _read_object(kind, plain, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            member = kind(plain)
        except ValueError:
            raise FormatError(f"{where}: not a {kind.__name__}") from None
        # True and 3.0 equal members of an IntEnum.
        if type(plain) is not type(member.value):
            raise FormatError(f"{where}: not a {kind.__name__}")
        return member
    if kind in (date, datetime) and isinstance(plain, str):
        try:
            return kind.fromisoformat(plain)
        except ValueError:
            raise FormatError(f"{where}: not a date") from None
    if kind is float and type(plain) in (int, float):
        return float(typing.cast("float", plain))
    if kind in (str, int, bool, type(None)) and type(plain) is kind:
        return plain
    raise FormatError(f"{where}: expected {getattr(kind, '__name__', kind)}, found {type(plain).__name__}")


def _read_union(kind: Any, plain: object, where: str) -> object:
    arms = typing.get_args(kind)
    if plain is None and type(None) in arms:
        return None
    rest = [arm for arm in arms if arm is not type(None)]
    if len(rest) != 1:
        raise FormatError(f"{where}: ambiguous type")
    return _read(rest[0], plain, where)


def _read_sequence(kind: Any, origin: type, plain: object, where: str) -> object:
    if not isinstance(plain, list):
        raise FormatError(f"{where}: expected a list, found {type(plain).__name__}")
    args = typing.get_args(kind)
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        if len(args) != len(plain):
            raise FormatError(f"{where}: expected {len(args)} items, found {len(plain)}")
        return tuple(_read(arm, item, f"{where}[{i}]") for i, (arm, item) in enumerate(zip(args, plain, strict=True)))
    return origin(_read(args[0], item, f"{where}[{i}]") for i, item in enumerate(plain))


def _read_object(kind: type, plain: object, where: str) -> object:
    if not isinstance(plain, dict):
        raise FormatError(f"{where}: expected an object, found {type(plain).__name__}")
    fields = _fields(kind)
    unknown = set(plain) - {name for name, _, _ in fields}
    if unknown:
        raise FormatError(f"{where}: unknown key {sorted(unknown)[0]!r}")
    values: dict[str, object] = {}
    for name, hint, required in fields:
        if name in plain:
            values[name] = _read(hint, plain[name], f"{where}.{name}")
        elif required:
            raise FormatError(f"{where}: missing key {name!r}")
    try:
        return kind(**values)
    except ValueError as error:
        raise FormatError(f"{where}: {error}") from error
