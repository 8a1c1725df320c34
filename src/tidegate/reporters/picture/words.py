"""Foreign text as HTML shows it and does nothing else with it, and numbers as people read them."""

from html import escape

from tidegate.reporters.escape import terminal

NAME = 120


def text(raw: str, limit: int = NAME) -> str:
    """For between tags and in quoted attributes; text that could run the other way is kept to itself."""
    shown = escape(terminal(raw, limit))
    return shown if shown.isascii() else f"<bdi>{shown}</bdi>"


def attribute(raw: str, limit: int = NAME) -> str:
    return escape(terminal(raw, limit))


def plural(count: int, one: str, many: str = "") -> str:
    """`1 file`, `2,046 files`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size(count: int) -> str:
    """Bytes in decimal units, three figures."""
    if count < 1000:
        return plural(count, "byte")
    amount, units = float(count), ["kB", "MB", "GB", "TB", "PB"]
    while amount >= 999.5 and units:
        amount, unit = amount / 1000, units.pop(0)
    return f"{amount:.3g} {unit}" if amount < 999.5 else f"{amount:.0f} {unit}"


def share(part: int, whole: int) -> str:
    """Never 0 % of what is there, never 100 % of what is not whole."""
    if not whole:
        return "0 %"
    percent = part * 100 / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f} %" if percent % 1 and (percent < 10 or percent > 99) else f"{percent:.0f} %"
