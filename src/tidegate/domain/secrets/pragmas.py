"""`tidegate:allow RULE reason=… owner=… expires=…`: a comment that asks to accept one finding beside it, until a day.

    password = "changeme"  # tidegate:allow secret-suspected reason="sample of the docs" owner=ann expires=2027-02-01

`RULE` is a rule of the gate (`secret-suspected`) or the detector's id. A value is a word, text in single or double
quotes (without that quote in it), or plain text, which ends where the next of the three names begins or the comment
does. The names may stand in any order, each once. What a comment may accept, and whether it counts, is not said here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tidegate.errors import FormatError

MAX_LENGTH = 400
MIN_REASON = 10
PIECE = 10
"""So many characters of a value in a comment are its repetition."""
WITHHELD = "tidegate:allow (withheld)"
"""Stands for a comment that repeats a value of its line, so that nobody shows it."""

_COMMENT = re.compile(r"tidegate:allow[ \t][^\r\n]{0,2000}")
_HEAD = re.compile(r"tidegate:allow[ \t]+([a-z0-9]+(?:-[a-z0-9]+)*)(?=[ \t]|$)")
_NAMES = ("reason", "owner", "expires")
_PAIR = re.compile(
    r"[ \t]+(reason|owner|expires)=(?:"
    r'"([^"]*)"(?=[ \t]|$)'
    r"|'([^']*)'(?=[ \t]|$)"
    r"|((?:(?![ \t]+(?:reason|owner|expires)=).)*))"
)
_END = re.compile(r"[ \t]*(?:\*/|-->|--\]\]|\*\)|#}|%>|\]\]>|-}|--}}|}}|$).*")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ \t].*)?")


@dataclass(frozen=True, slots=True)
class Pragma:
    """What a comment asks: accept findings of `rule` here, for this reason, until this day, and who answers for it."""

    rule: str
    reason: str
    owner: str
    expires: date


def comment(text: str, values: Iterable[str]) -> str:
    """The comment in a line of text, at most `MAX_LENGTH` characters, "" without one.

    `values` are the credentials of the line: a comment that repeats a part of one becomes `WITHHELD`.
    """
    found = _COMMENT.search(text)
    if found is None:
        return ""
    said = _END.sub("", found[0], count=1)
    head = _HEAD.match(said)
    free = said[head.end() :] if head else said
    if any(_repeats(free, value) for value in values):
        return WITHHELD
    return said[:MAX_LENGTH]


def parse(text: str) -> Pragma:
    """What a comment asks. Raises FormatError with what is wrong with it; its text is never quoted there."""
    if text == WITHHELD:
        raise FormatError("it repeats a part of the value", hint="word the reason without the value")
    text = _END.sub("", text, count=1)
    head = _HEAD.match(text)
    if head is None or len(text) > MAX_LENGTH:
        raise FormatError("it names no rule", hint="write `tidegate:allow RULE reason=… owner=… expires=…`")
    given: dict[str, str] = {}
    at = head.end()
    while found := _PAIR.match(text, at):
        name, *forms = found.groups()
        if name in given:
            raise FormatError(f"it says `{name}=` twice", hint="say it once")
        given[name] = next(form for form in forms if form is not None).strip()
        at = found.end()
    missing = [name for name in _NAMES if not given.get(name)]
    if missing:
        told = " and ".join(f"`{name}=`" for name in missing)
        raise FormatError(f"it lacks {told}", hint="write `tidegate:allow RULE reason=… owner=… expires=…`")
    return Pragma(head[1], _reason(given["reason"]), _plain("owner", given["owner"], 100), _day(given["expires"]))


def _reason(text: str) -> str:
    if len(text) < MIN_REASON:
        raise FormatError(f"its reason is shorter than {MIN_REASON} characters", hint="say why it is none")
    return _plain("reason", text, MAX_LENGTH)


def _plain(name: str, text: str, most: int) -> str:
    if len(text) > most or not text.isprintable():
        raise FormatError(f"its {name} is too long or holds characters that are not printable", hint="write plain text")
    return text


def _day(text: str) -> date:
    found = _DAY.fullmatch(text)
    try:
        return date.fromisoformat(found[1] if found else "")
    except ValueError:
        raise FormatError("its `expires=` is no date such as 2027-02-01", hint="write the last day it counts") from None


def _repeats(text: str, value: str) -> bool:
    """Does the text hold `PIECE` characters of the value in a row, or all of a shorter one?"""
    if len(value) <= PIECE:
        return bool(value) and value in text
    pieces = {text[at : at + PIECE] for at in range(len(text) - PIECE + 1)}
    return any(value[at : at + PIECE] in pieces for at in range(min(len(value), 4096) - PIECE + 1))
