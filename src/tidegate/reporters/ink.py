"""How text is put on a terminal: colour only adds, and every line is safe to print."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.reporters.escape import LIMIT, terminal, unarmed

RED, GREEN, YELLOW, CYAN, BOLD, DIM = "1;31", "32", "1;33", "36", "1", "2"


@dataclass(frozen=True, slots=True)
class Ink:
    """`width` in columns; `ascii_only` spells out everything beyond ASCII."""

    width: int = 100
    colour: bool = False
    ascii_only: bool = False

    def say(self, text: str, limit: int = LIMIT) -> str:
        """Foreign text, safe on one line."""
        return terminal(text, limit, ascii_only=self.ascii_only)

    def paint(self, text: str, style: str) -> str:
        """Safe text in a style, or as it is without colour."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour and text else text

    def page(self, lines: Iterable[str]) -> str:
        """Lines as one text; wrapping cannot have brought a CI command to the start of one."""
        return "\n".join(unarmed(line).rstrip() for line in lines) + "\n"


def columns(text: str) -> int:
    """Terminal columns a safe text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
