"""Who needs whom inside one lock, walked without recursion."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from tidegate.errors import FormatError

MAX_FOUND = 4_000_000

State = tuple[int, str]
"""A package's number and the extra of it that is followed ("" for none)."""


def header_lines(raw: bytes, header: bytes, count: int) -> list[int | None]:
    """The 1-based lines of a repeated TOML header; unknown when the text does not hold exactly `count` of them."""
    lines: list[int | None] = [n for n, line in enumerate(raw.split(b"\n"), 1) if line.strip() == header]
    return lines if len(lines) == count else [None] * count


class Places:
    """Finds packages of a lock by name and version."""

    def __init__(self, packages: Sequence[tuple[str, str]]) -> None:
        self._packages = packages
        self._found = 0
        self._by_name: dict[str, list[int]] = {}
        for number, (name, _) in enumerate(packages):
            self._by_name.setdefault(name, []).append(number)

    def find(self, name: str, version: str = "") -> list[int]:
        """Numbers of the packages of that name, only those of that version where one is given and known.

        Raises FormatError for a lock whose packages need each other in more ways than can be followed.
        """
        numbers = self._by_name.get(name, [])
        exact = [number for number in numbers if self._packages[number][1] == version] if version else []
        self._found += len(numbers)
        if self._found > MAX_FOUND:
            raise FormatError("its packages need each other in too many ways")
        return exact or numbers

    def label(self, number: int) -> str:
        """The name, with `@version` where the lock holds several of it."""
        name, version = self._packages[number]
        return f"{name}@{version}" if len(self._by_name[name]) > 1 and version else name


def reach(
    roots: Mapping[str, Iterable[State]], follow: Callable[[State], Iterable[State]]
) -> tuple[set[int], dict[int, tuple[str, ...]]]:
    """The numbers the roots name themselves, and the groups of everything group "" does not reach."""
    direct = {number for states in roots.values() for number, _ in states}
    production = _walk(roots.get("", ()), follow)
    groups: dict[int, list[str]] = {}
    for group, states in roots.items():
        if not group:
            continue
        for number in sorted(_walk(states, follow) - production):
            groups.setdefault(number, []).append(group)
    return direct, {number: tuple(sorted(names)) for number, names in groups.items()}


def _walk(starts: Iterable[State], follow: Callable[[State], Iterable[State]]) -> set[int]:
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for state in follow(waiting.pop()):
            if state not in seen:
                seen.add(state)
                waiting.append(state)
    return {number for number, _ in seen}
