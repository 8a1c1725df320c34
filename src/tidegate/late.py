"""The standard library's dataclasses, made without writing and compiling six methods for each.

That takes longer than the rest of a command's start: every process imports a hundred classes, and makes or compares but
a few of them. So `errors`, `model` and `ports` use this one: `__init__` is written when it is first looked for, and the
other methods are not written but shared.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, fields
from dataclasses import dataclass as _dataclass
from operator import attrgetter, ge, gt, le, lt
from types import FunctionType
from typing import TYPE_CHECKING, Any

_ORDER = {"__lt__": lt, "__le__": le, "__gt__": gt, "__ge__": ge}


def _late(*, frozen: bool = False, slots: bool = False, order: bool = False) -> Callable[[Any], Any]:
    """The standard decorator with these switches; a field's are `default`, `default_factory`, `repr` and `compare`."""

    def decorate(kind: Any) -> Any:
        text, kind.__doc__ = kind.__doc__, "given"  # without one, the standard library derives it from the signature
        made: Any = _dataclass(init=False, repr=False, eq=False, slots=slots)(kind)
        made.__doc__ = text
        key = _key(made)
        methods: dict[str, object] = {"__init__": _Later(made, frozen), "__repr__": _shown, "__eq__": _equal(key)}
        methods["__hash__"] = (lambda self: hash(key(self))) if frozen else None
        if frozen:
            methods |= {"__getstate__": _state, "__setstate__": _restore}
        if order:
            methods |= {name: _ordered(key, compare) for name, compare in _ORDER.items()}
        for name in methods.keys() - vars(kind).keys():
            setattr(made, name, methods[name])
        if frozen:
            made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
        return made

    return decorate


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _late


class _Later:
    """Stands for `__init__` until somebody looks for it."""

    def __init__(self, kind: Any, frozen: bool) -> None:
        self.kind, self.frozen = kind, frozen

    def __get__(self, thing: object, kind: type) -> object:
        self.kind.__init__ = real = _init(self.kind, self.frozen)
        return real.__get__(thing, kind)


def _init(kind: Any, frozen: bool) -> FunctionType:
    words, lines = ["self"], []
    names: dict[str, Any] = {"_put_": object.__setattr__, "_none_": MISSING}
    for each in fields(kind):
        name, default, make = each.name, f"_default_{each.name}_", f"_make_{each.name}_"
        value = name
        if each.default_factory is not MISSING:
            names[make] = each.default_factory
            words.append(f"{name}=_none_")
            value = f"{make}() if {name} is _none_ else {name}"
        elif each.default is not MISSING:
            names[default] = each.default
            words.append(f"{name}={default}")
        else:
            words.append(name)
        lines.append(f" _put_(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    if hasattr(kind, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec("\n".join([f"def __init__({', '.join(words)}):", *lines, " pass"]), names)  # noqa: S102 - names of our fields
    made: FunctionType = names["__init__"]
    made.__annotations__ = {each.name: each.type for each in fields(kind)} | {"return": None}
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    made.__module__ = kind.__module__
    return made


def _key(kind: Any) -> Callable[[object], tuple[object, ...]]:
    """What is compared of a value."""
    names = [each.name for each in fields(kind) if each.compare]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _equal(key: Callable[[object], object]) -> Callable[[object, object], bool]:
    def equal(self: object, other: object) -> bool:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _ordered(key: Callable[[object], object], compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    def ordered(self: object, other: object) -> bool:
        return compare(key(self), key(other)) if other.__class__ is self.__class__ else NotImplemented

    return ordered


def _shown(self: Any) -> str:
    told = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({told})"


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, each.name) for each in fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)
