"""Model values to JSON and back, strictly: an unknown key, a missing one or a wrong type is a FormatError."""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

from tidegate.errors import FormatError

T = TypeVar("T")

_PLAIN = frozenset({str, int, bool, float, type(None)})
# A reader is made once for each type: an inventory holds thousands of packages, and looking at type hints for each of
# their fields costs more than reading them.
_Reader = Callable[[object], object]


class _Misfit(Exception):
    """What does not fit; `where` is filled in step by step on the way out, innermost step first."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.where: list[str] = []


def to_plain(value: object) -> Any:
    """A JSON-ready structure; dataclasses become objects, tuples and frozensets lists (the latter sorted)."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple or kind is list:
        return [to_plain(item) for item in typing.cast("list[object]", value)]
    names = _names(kind)
    if names is not None:
        return {name: to_plain(getattr(value, name)) for name in names}
    return _other_to_plain(value)


def _other_to_plain(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | float | str):
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


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    return tuple(f.name for f in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


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
    kind: Any = cls
    try:
        return typing.cast("T", _reader(kind)(plain))
    except _Misfit as error:
        raise FormatError(f"${''.join(reversed(error.where))}: {error.message}") from error.__cause__


@cache
def _reader(kind: Any) -> _Reader:
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(kind)
    if origin is tuple and not _is_row(kind):
        return _pair(typing.get_args(kind))
    if origin in (tuple, frozenset):
        return _row(origin, typing.get_args(kind)[0])
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _object(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    if kind in (date, datetime):
        return _time(kind)
    return _scalar(kind)


def _is_row(kind: Any) -> bool:
    args = typing.get_args(kind)
    return len(args) == 2 and args[1] is Ellipsis


def _expected(what: str, plain: object) -> _Misfit:
    return _Misfit(f"expected {what}, found {type(plain).__name__}")


def _scalar(kind: Any) -> _Reader:
    name = getattr(kind, "__name__", str(kind))
    known = kind in (str, int, bool, type(None))

    def read(plain: object) -> object:
        if known and type(plain) is kind:
            return plain
        if kind is float and type(plain) in (int, float):
            return float(typing.cast("float", plain))
        raise _expected(name, plain)

    return read


def _time(kind: type[date]) -> _Reader:
    def read(plain: object) -> object:
        if not isinstance(plain, str):
            raise _expected(kind.__name__, plain)
        try:
            return kind.fromisoformat(plain)
        except ValueError:
            raise _Misfit("not a date") from None

    return read


def _enum(kind: type[Enum]) -> _Reader:
    # True and 3.0 equal members of an IntEnum, so the type is part of the key.
    members = {(type(member.value), member.value): member for member in kind}

    def read(plain: object) -> object:
        try:
            return members[type(plain), plain]
        except (KeyError, TypeError):
            raise _Misfit(f"not a {kind.__name__}") from None

    return read


def _union(kind: Any) -> _Reader:
    arms = typing.get_args(kind)
    optional = type(None) in arms
    rest = [arm for arm in arms if arm is not type(None)]
    inner = _reader(rest[0]) if len(rest) == 1 else None

    def read(plain: object) -> object:
        if plain is None and optional:
            return None
        if inner is None:
            raise _Misfit("ambiguous type")
        return inner(plain)

    return read


def _pair(arms: tuple[Any, ...]) -> _Reader:
    readers = tuple(_reader(arm) for arm in arms)

    def read(plain: object) -> object:
        if not isinstance(plain, list):
            raise _expected("a list", plain)
        if len(plain) != len(readers):
            raise _Misfit(f"expected {len(readers)} items, found {len(plain)}")
        done: list[object] = []
        try:
            for inner, item in zip(readers, plain, strict=True):
                done.append(inner(item))
        except _Misfit as error:
            error.where.append(f"[{len(done)}]")
            raise
        return tuple(done)

    return read


def _row(origin: type, arm: Any) -> _Reader:
    inner = _reader(arm)

    def read(plain: object) -> object:
        if not isinstance(plain, list):
            raise _expected("a list", plain)
        done: list[object] = []
        try:
            for item in plain:
                done.append(inner(item))
        except _Misfit as error:
            error.where.append(f"[{len(done)}]")
            raise
        return origin(done)

    return read


def _object(kind: type) -> _Reader:
    # Filled in behind the function, since a class may hold others of its own kind.
    fields: list[tuple[str, _Reader, bool]] = []
    names: set[str] = set()

    def read(plain: object) -> object:
        if not fields:
            fields.extend(_fields(kind))
            names.update(name for name, _, _ in fields)
        if not isinstance(plain, dict):
            raise _expected("an object", plain)
        if not plain.keys() <= names:
            raise _Misfit(f"unknown key {sorted(plain.keys() - names)[0]!r}")
        values: dict[str, object] = {}
        for name, inner, required in fields:
            if name in plain:
                try:
                    values[name] = inner(plain[name])
                except _Misfit as error:
                    error.where.append(f".{name}")
                    raise
            elif required:
                raise _Misfit(f"missing key {name!r}")
        try:
            return kind(**values)
        except ValueError as error:
            raise _Misfit(str(error)) from error

    return read


def _fields(kind: type) -> list[tuple[str, _Reader, bool]]:
    hints = typing.get_type_hints(kind)
    return [
        (f.name, _reader(hints[f.name]), f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING)
        for f in dataclasses.fields(kind)
    ]
