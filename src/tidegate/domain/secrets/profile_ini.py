"""The lines detect-secrets makes of a file that reads as INI, in a time linear in its length.

Every key with a value becomes `key = "value"` on the line where the key stands; all else is blank. The standard
library's parser decides what is INI; its pattern of an option and its interpolation are given bounds here.
"""

import configparser
import re
from collections.abc import Iterator, Mapping

from tidegate.domain.secrets.profile_filters import allows_next
from tidegate.errors import FormatError

MAX_GROWTH = 1 << 20
"""Characters that interpolation may make of a file's values."""
MAX_PAIRS = 1_000_000
"""Options of a file, those of `DEFAULT` counted once a section."""
PRAGMAS = (("#", ""), (";", ""))
_OPTION = re.compile(r"(?P<option>(?:[^=:\s]++|\s++(?![=:]))*+)\s*+(?P<vi>[=:])\s*+(?P<value>.*)$")
_REFERENCE = re.compile(r"%(?:%|\(([^)]+)\)s)?")
_OPERATOR = " :="
_COMMENTS = ("#", ";")


def lines(text: str, headless: bool) -> list[str]:
    """The lines made of `text`; `headless` puts a section's header before it. Raises FormatError: it is no INI."""
    parser = _Parser(interpolation=_Bounded())
    try:
        parser.read_string("[global]\n" + text if headless else text)
        if not parser.sections():
            raise FormatError("there is no section")
        if len(parser.defaults()) * len(parser.sections()) > MAX_PAIRS:
            raise FormatError("there are too many options")
        return _quoted(_Values(text).all(parser))
    except (configparser.Error, RecursionError) as error:
        raise FormatError("this is no INI file") from error


def _quoted(found: Iterator[tuple[str, str, int]]) -> list[str]:
    made: list[str] = []
    for key, value, number in found:
        made += [""] * (number - 1 - len(made))
        if allows_next(value, PRAGMAS):
            made.append(value)
            continue
        if value[0] in "'\"" and value[-1] == value[0]:
            value = value[1:-1]
        escaped = value.replace('"', '\\"')
        made.append(f'{key} = "{escaped}"')
    return made


class _Option:
    """The parser's pattern of an option, in a linear form; the first line that is none ends the reading."""

    @staticmethod
    def match(line: str) -> re.Match[str]:
        found = _OPTION.match(line)
        if found is None:
            raise configparser.Error("this line is no option")
        return found


class _Parser(configparser.ConfigParser):
    OPTCRE = _Option  # type: ignore[assignment]

    def optionxform(self, optionstr: str) -> str:
        return optionstr


class _Bounded(configparser.BasicInterpolation):
    """References to other values, which could multiply, are followed only as far as there is room."""

    def __init__(self) -> None:
        self._left = MAX_GROWTH

    def before_get(self, parser: object, section: str, option: str, value: str, defaults: Mapping[str, str]) -> str:
        if "%" not in value:
            return value
        parts: list[str] = []
        self._follow(value, defaults, parts, 1)
        return "".join(parts)

    def _follow(self, value: str, values: Mapping[str, str], parts: list[str], depth: int) -> None:
        """Raises configparser.Error: there is no such option, the depth or the room is exceeded."""
        if depth > configparser.MAX_INTERPOLATION_DEPTH:
            raise configparser.Error("the references are nested too deeply")
        at = 0
        for match in _REFERENCE.finditer(value):
            parts.append(value[at : match.start()])
            at = match.end()
            if match[0] == "%%":
                parts.append("%")
                continue
            said = values.get(match[1]) if match[1] else None
            self._left -= len(said or "") + 1
            if said is None or self._left < 0:
                raise configparser.Error("a reference cannot be followed")
            if "%" in said:
                self._follow(said, values, parts, depth + 1)
            else:
                parts.append(said)
        parts.append(value[at:])


class _Values:
    """Looks for the lines of the values, in the order in which the parser has them."""

    def __init__(self, text: str) -> None:
        self._lines = [line.strip() for line in text.split("\n")]
        self._at = 0

    def all(self, parser: configparser.ConfigParser) -> Iterator[tuple[str, str, int]]:
        """(key, value, line). Of a value of several lines each is one."""
        for section in parser:
            for key, values in parser.items(section):
                for value, number in self._of(key, values):
                    if value:
                        yield key, value, number

    def _of(self, key: str, values: str) -> list[tuple[str, int]]:
        wanted = values.splitlines()
        wanted = [*wanted[:1], *filter(None, wanted[1:])]
        found: list[tuple[str, int]] = []
        if not wanted:
            return found
        seen = 0
        for at in range(self._at, len(self._lines)):
            line = self._lines[at]
            if line.startswith(_COMMENTS):
                if allows_next(line, PRAGMAS):
                    found.append((line, at + 1))
            elif not line:
                continue
            elif seen == 0:
                if _begins(line, key, wanted[0]):
                    found.append((wanted[0], at + 1))
                    seen = 1
            elif seen == len(wanted):
                self._at = at
                return found
            else:
                found.append((wanted[seen], at + 1))
                seen += 1
        self._at = len(self._lines)
        return found


def _begins(line: str, key: str, value: str) -> bool:
    """Is this the key, then one or more of blanks, colons and equals signs, then the value?"""
    if not line.startswith(key):
        return False
    begin = end = len(key)
    while end < len(line) and line[end] in _OPERATOR:
        end += 1
    lead = len(value) - len(value.lstrip(_OPERATOR))
    if lead == len(value):
        return begin < end and line.find(value, begin + 1, end) >= 0
    return end - lead > begin and line.startswith(value, end - lead)
