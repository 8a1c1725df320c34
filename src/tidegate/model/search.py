"""What a search for credentials is about: the question of `tidegate secrets`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look. Without any of `staged`, `range` and `history`: the working tree.

    `paths` are files and folders relative to the repository (or to the plain folder), all of it when empty; they
    narrow whatever is searched. `staged`: what the index holds of changed paths. `range`: `A..B`, or `A` for `A..HEAD`.
    `history`: every ref's.
    """

    paths: tuple[str, ...] = ()
    staged: bool = False
    range: str = ""
    history: bool = False
