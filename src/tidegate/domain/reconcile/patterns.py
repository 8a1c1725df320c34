"""Patterns of the policy, all matched at once, in time that hangs on the length of a path and on nothing else in it."""

from collections.abc import Sequence

MAX_PATH = 4096

_ONE, _ANY, _FORK = "*", "**", "**/"


class Patterns:
    """`*` stands for anything but `/`, `**` for anything, and `**/` for nothing as well; the rest is exact.

    The patterns run side by side as bits of one number (Baeza-Yates and Gonnet, "shift-and"): a backtracking matcher
    would let whoever names a member decide how long it takes.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._letters: dict[str, int] = {}
        self._ones = self._anys = self._forks = self._starts = 0
        self._ends: list[int] = []
        bit = 0
        for pattern in patterns:
            bit = self._add(_elements(pattern), bit)

    def matching(self, path: str) -> tuple[int, ...]:
        """Numbers of the patterns that match a whole path."""
        if not self._ends or len(path) > MAX_PATH:
            return ()
        states = self._closed(self._starts)
        for letter in path:
            stays = states & (self._anys if letter == "/" else self._ones | self._anys)
            states = self._closed(((states & self._letters.get(letter, 0)) << 1) | stays)
            if not states:
                return ()
        return tuple(number for number, end in enumerate(self._ends) if states >> end & 1)

    def _add(self, elements: Sequence[str], bit: int) -> int:
        """Lay one pattern's states out from `bit` on; gives the first free one."""
        self._starts |= 1 << bit
        for number, element in enumerate(elements):
            here = 1 << (bit + number)
            if element == _ONE:
                self._ones |= here
            elif element == _ANY:
                self._anys |= here
            elif element == _FORK:
                self._forks |= here
            else:
                self._letters[element] = self._letters.get(element, 0) | here
        self._ends.append(bit + len(elements))
        return bit + len(elements) + 1

    def _closed(self, states: int) -> int:
        """With every state that is reached without another letter."""
        free = self._ones | self._anys | self._forks
        while True:
            more = states | ((states & free) << 1) | ((states & self._forks) << 3)
            if more == states:
                return states
            states = more


def _elements(pattern: str) -> list[str]:
    """Letters and stars; stars side by side are one. Before `**/` at the start of a part stands a fork around it."""
    elements: list[str] = []
    for letter in pattern:
        if letter != "*":
            elements.append(letter)
        elif elements and elements[-1] in (_ONE, _ANY):
            elements[-1] = _ANY
        else:
            elements.append(_ONE)
    forked: list[str] = []
    for number, element in enumerate(elements):
        begins = number == 0 or elements[number - 1] == "/"
        if element == _ANY and begins and elements[number + 1 : number + 2] == ["/"]:
            forked.append(_FORK)
        forked.append(element)
    return forked
