"""CI variables are foreign text: a value is taken only when it is short and printable."""

import os
import stat
from collections.abc import Mapping

from tidegate.domain.claims import source
from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.model.inventory import Source
from tidegate.ports import Fact

MAX_VALUE = 1000
MAX_EVENT = 32 * 1024 * 1024


def value(environment: Mapping[str, str], name: str) -> str:
    """A variable, "" when it is unset or not a short printable text."""
    text = environment.get(name, "")
    return text if len(text) <= MAX_VALUE and text.isprintable() else ""


def repository(environment: Mapping[str, str], name: str) -> str:
    """A variable that holds a repository's address, as `https://host/path` without credentials; "" for another."""
    return source.repository(value(environment, name))


def numbered(environment: Mapping[str, str], name: str) -> str:
    """The number of a change; "" for a word such as `false`."""
    text = value(environment, name)
    return text if text.isascii() and text.isdigit() else ""


def env_facts(named: Mapping[str, str]) -> tuple[Fact, ...]:
    """Facts the environment states; whoever can set a variable can state them."""
    return tuple(Fact(name, text, "env", False) for name, text in named.items() if text)


def git_facts(origin: Source) -> tuple[Fact, ...]:
    """What git itself proves about the checkout."""
    return (Fact("commit", origin.commit, "git", True),) if origin.commit else ()


def event(path: str) -> Mapping[str, object] | None:
    """The event that started a GitHub job; None when its file is missing, too large or unreadable."""
    if not path:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(descriptor, "rb") as file:
            raw = file.read(MAX_EVENT + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
        plain = strict_json.loads(raw, limit=MAX_EVENT, what="the event")
    except (OSError, ValueError, FormatError):
        return None
    return plain if isinstance(plain, dict) else None
