"""Plain data taken apart with checked types; a wrong type is a FormatError that names the place."""

from typing import cast

from tidegate.errors import FormatError


def table(value: object, what: str) -> dict[str, object]:
    """A mapping with text keys; None is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FormatError(f"{what} is not a table")
    return cast("dict[str, object]", value)


def array(value: object, what: str) -> list[object]:
    """A list; None is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise FormatError(f"{what} is not a list")
    return cast("list[object]", value)


def tables(value: object, what: str) -> list[dict[str, object]]:
    return [table(_present(item, what), what) for item in array(value, what)]


def text(value: object, what: str) -> str:
    """A string; None is ""."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FormatError(f"{what} is not text")
    return value


def texts(value: object, what: str) -> list[str]:
    return [text(_present(item, what), what) for item in array(value, what)]


def bounded(packages: int, limit: int) -> None:
    """Raises FormatError for a lockfile of more packages than are read."""
    if packages > limit:
        raise FormatError(f"the lockfile holds more than {limit} packages")


def _present(item: object, what: str) -> object:
    if item is None:
        raise FormatError(f"{what} holds an empty item")
    return item
