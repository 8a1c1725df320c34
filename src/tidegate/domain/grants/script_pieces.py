"""What a script's shape is made of: commands and their place, constants, and the substitutions in a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.domain.grants.shell import Command

_INNER = re.compile(r"\$\(|`")
_ENDS = re.compile(r"[()`]")
_SAME, _OTHER = frozenset({"=", "==", "-eq"}), frozenset({"!=", "-ne"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A command and the operators round it. `asked` says that its exit code is a condition, `quoted` that it stands in
    a substitution, `dead` that it certainly never runs; `function` is the function whose body it is part of."""

    words: Command
    before: str = ""
    after: str = ""
    inside: int = 0
    asked: bool = False
    quoted: bool = False
    dead: bool = False
    function: str = ""


def constant(words: Command) -> bool | None:
    """What a command always answers, None when it depends."""
    if words[0] in ("true", ":"):
        return True
    if words[0] == "false":
        return False
    if words[0] not in ("test", "[", "[["):
        return None
    asked = [word for word in words[1:] if word not in ("]", "]]")]
    if any("$" in word or "*" in word for word in asked):
        return None
    if len(asked) < 2:
        return bool(asked and asked[0])
    if len(asked) == 3 and asked[1] in _SAME | _OTHER:
        return (asked[0] == asked[2]) == (asked[1] in _SAME)
    return None


def opposite(status: bool | None) -> bool | None:
    """The answer of `!`."""
    return None if status is None else not status


def inside(text: str) -> Iterator[str]:
    """The scripts of the substitutions in a string."""
    position = 0
    while (match := _INNER.search(text, position)) is not None:
        escaped = text[: match.start()][-1:] == "\\"
        end = -1 if escaped else end_of(text, match.end(), match[0])
        if end < 0 and not escaped:
            return
        if not escaped:
            yield text[match.end() : end]
        position = match.end() if escaped else end + 1


def end_of(script: str, start: int, opener: str) -> int:
    """Where a substitution ends, -1 when it does not."""
    depth = 1
    for match in _ENDS.finditer(script, start):
        if opener == "`":
            if match[0] == "`":
                return match.start()
        elif match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return match.start()
    return -1
