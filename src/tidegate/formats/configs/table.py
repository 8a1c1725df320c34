"""Which reader a configuration file has."""

from tidegate.errors import FormatError
from tidegate.formats.all_configs import READERS
from tidegate.formats.configs.settings import LIMIT, Setting


def kind_of(path: str) -> str | None:
    """The kind of configuration a repository path is, None for any other file."""
    return next((kind for name, kind, _ in READERS if path == name or path.endswith(f"/{name}")), None)


def read(path: str, raw: bytes) -> tuple[Setting, ...]:
    """Its settings. Raises FormatError, also for a path that is no configuration."""
    for name, _, reader in READERS:
        if path == name or path.endswith(f"/{name}"):
            return reader(raw)
    raise FormatError("not a configuration tidegate knows")


__all__ = ["LIMIT", "Setting", "kind_of", "read"]
