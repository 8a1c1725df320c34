"""A configuration as a flat list: dotted key, text, line. Passwords and tokens are left out when it is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.errors import FormatError

LIMIT = 4 << 20
MAX_SETTINGS = 20_000
MAX_DEPTH = 12
_WORD = r"(?:auth|authtoken|password|token|secret|credential|username|ident)$"
_SECRET = re.compile(rf"(?:^|[^A-Za-z]|[a-z](?=[A-Z]))(?i:{_WORD})")


@dataclass(frozen=True, slots=True)
class Setting:
    """One value. A list gives one setting an item, all with the same key; `line` is 1-based."""

    key: str
    value: str
    line: int | None = None


def flatten(value: object, lines: "Lines", prefix: str = "", depth: int = 0) -> Iterator[Setting]:
    """Every scalar below a value. Raises FormatError beyond `MAX_DEPTH` levels."""
    if depth > MAX_DEPTH:
        raise FormatError("the configuration is nested too deeply")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, lines, f"{prefix}.{key}" if prefix else str(key), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from flatten(item, lines, prefix, depth + 1)
    elif value is not None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield Setting(prefix, text, lines.of(prefix))


def kept(settings: Iterator[Setting]) -> tuple[Setting, ...]:
    """Bounded, and without what may be a secret. Raises FormatError."""
    found: list[Setting] = []
    for setting in settings:
        if _SECRET.search(setting.key) and setting.value not in ("true", "false"):
            continue
        if len(found) >= MAX_SETTINGS:
            raise FormatError(f"the configuration holds more than {MAX_SETTINGS} settings")
        found.append(setting)
    return tuple(found)


class Lines:
    """Where a key is first written as one; for a document whose parser keeps no lines."""

    _KEY = re.compile(r"""^[ \t\[{,]*(?:["']?)([A-Za-z0-9@_./-]+)["']?[ \t]*(?=[:=\]])""")

    def __init__(self, text: str) -> None:
        self._first: dict[str, int] = {}
        for number, line in enumerate(text.split("\n"), 1):
            match = self._KEY.match(line[:400])
            if match:
                self._first.setdefault(match[1].rsplit(".", 1)[-1], number)

    def of(self, key: str) -> int | None:
        return self._first.get(key.rsplit(".", 1)[-1])
