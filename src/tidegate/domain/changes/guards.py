"""When a changed setting of a package manager is a weaker safeguard than before."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tidegate.errors import FormatError
from tidegate.formats import urls
from tidegate.formats.text import shown

Values = Sequence[str]
Allowed = Callable[[str], bool]
"""May packages come from this host, by the policy's own list?"""
Public = Callable[[str], bool]
"""Is this host the public registry?"""
Weaker = Callable[["Hosts", Values, Values], str]
"""What is weaker now, in words; "" when nothing is."""

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


@dataclass(frozen=True, slots=True)
class Hosts:
    """How addresses are told apart."""

    allowed: Allowed
    public: Public


def address(hosts: Hosts, before: Values, after: Values) -> str:
    """A registry: another one than before is weaker, unless the policy names its host; none any more, too."""
    for value in after:
        if value in before:
            continue
        unsafe = _unsafe(value)
        if unsafe:
            return f"`{plain(value)}` {unsafe}"
        host = urls.parse(value).host
        if not hosts.allowed(host) and (before or not hosts.public(host)):
            return f"packages come from `{plain(value)}` now" + (
                f", before from `{plain(before[0])}`" if before else ""
            )
    return (
        f"packages came from `{plain(before[0])}`, and come from the default registry now"
        if before and not after
        else ""
    )


def further(_hosts: Hosts, before: Values, after: Values) -> str:
    """A list of further places or of what is let off: every new entry is weaker."""
    new = [value for value in after if value not in before]
    return f"{', '.join(f'`{plain(value)}`' for value in new[:5])} is new in it" if new else ""


def fewer(_hosts: Hosts, before: Values, after: Values) -> str:
    """A list of what is held back: every lost entry is weaker."""
    lost = [value for value in before if value not in after]
    return f"{', '.join(f'`{plain(value)}`' for value in lost[:5])} is no longer in it" if lost else ""


def on(_hosts: Hosts, before: Values, after: Values) -> str:
    """Off by default, safer on: turned off, or said to be off where the user's own setting would have counted."""
    if _are(before, _TRUE) and not _are(after, _TRUE):
        return "it was on, and is not any more"
    return "it is turned off" if _any(after, _FALSE) and not _any(before, _FALSE) else ""


def by_default(_hosts: Hosts, before: Values, after: Values) -> str:
    """On by default: anything but true is weaker."""
    return "it is turned off" if after and not _are(after, _TRUE) and (not before or _are(before, _TRUE)) else ""


def off(_hosts: Hosts, before: Values, after: Values) -> str:
    """Off by default, safer off: anything but false is weaker."""
    return "it is turned on" if after and not _are(after, _FALSE) and (not before or _are(before, _FALSE)) else ""


def kept_off(_hosts: Hosts, before: Values, after: Values) -> str:
    """On by default, safer off: no longer off, or said to be on where the user's own setting would have counted."""
    if _are(before, _FALSE) and not _are(after, _FALSE):
        return "it was off, and is not any more"
    return "it is turned on" if _any(after, _TRUE) and not _any(before, _TRUE) else ""


def age(_hosts: Hosts, before: Values, after: Values) -> str:
    """A cooldown: removed or shortened. A date that moves forward is how a fixed one is kept up."""
    if not before:
        return ""
    if not after:
        return f"it was `{plain(before[0])}`, and is gone"
    old, new = _span(before[-1]), _span(after[-1])
    if old is not None and new is not None and old[0] == new[0]:
        kept = new[1] >= old[1]
    else:
        kept = before[-1] == after[-1] or (_is_date(before[-1]) and _is_date(after[-1]))
    return "" if kept else f"`{plain(before[-1])}` became `{plain(after[-1])}`"


def word(default: str, *good: str) -> Weaker:
    """A choice: from a good word to one that is none."""

    def weaker(_hosts: Hosts, before: Values, after: Values) -> str:
        old, new = (before[-1] if before else default), (after[-1] if after else default)
        return f"`{plain(old)}` became `{plain(new)}`" if old in good and new not in good else ""

    return weaker


def _are(values: Values, words: frozenset[str]) -> bool:
    return bool(values) and all(value.strip().lower() in words for value in values)


def _any(values: Values, words: frozenset[str]) -> bool:
    return any(value.strip().lower() in words for value in values)


def _unsafe(value: str) -> str:
    try:
        reasons = urls.faults(urls.parse(value))
    except FormatError as error:
        return f"is no address that can be trusted: {error.message}"
    return " and ".join(reasons)


def plain(value: str) -> str:
    """A value for a message, without a user name or password."""
    return shown(re.sub(r"(?<=//)[^/@\s]*@", "***@", value), 160)


_UNITS = {
    word: timedelta(**{unit: 1})
    for unit, words in (
        ("seconds", "s sec secs second seconds"),
        ("minutes", "m min mins minute minutes"),
        ("hours", "h hr hrs hour hours"),
        ("days", "d day days"),
        ("weeks", "w wk wks week weeks"),
    )
    for word in words.split()
}
_SPAN = re.compile(r"(P(?:T(?=.*[HMS]$)|(?=.*[DW]$)))?([0-9]{1,9})\s*([a-z]*)(?:\s+ago)?", re.IGNORECASE)


def _span(text: str) -> tuple[bool, timedelta] | None:
    """`7d`, `7 days`, `P7D`, and `1440` without a unit, which only another such can be compared with; else None: a
    month is no minute."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        return None
    word = match[3].lower()
    unit = _UNITS.get(word) if word else timedelta(seconds=1)
    try:
        return (bool(word), int(match[2]) * unit) if unit is not None else None
    except OverflowError:
        return None


def _is_date(text: str) -> bool:
    return re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None
