"""Foreign text is shown without becoming a command, markup, an order to the terminal, or invisible.

Every string of a run is foreign: paths, messages and subjects come from what was examined, and a stored run may have
been written by anyone.
"""

import re
import unicodedata

LIMIT = 1000
"""Characters of one foreign text, unless the caller knows better."""

SUBJECT = 2000
"""Characters of an exception's subject; the policy accepts no longer one."""

MARKS = 3
"""Combining marks in a row before they are spelled out: a stack of them paints over the lines around it."""

_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_TYPEWRITER = str.maketrans({"…": "...", "–": "-", "—": "-", "→": "->", "‘": "'", "’": "'", "“": '"', "”": '"'})
# Invisible although Unicode calls them printable: joiners, fillers, blanks and variation selectors.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# CI runners obey `##[command]`, `##vso[…]` and `##teamcity[…]` anywhere in a line, `::command` at its start.
_RUNNER = re.compile(r"##(?=\w{0,40}\[)")
_COLONS = re.compile(r"\s*::")
_MARKDOWN = re.compile(r"[@#]+|(?i:www\.)|[\\`*_\[\](){}!~|<>&:$^\"]|^ *[-+=]|^ *[0-9]+[.)]")
_ENTITY = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "`": "&#96;"}
_PLAIN = re.compile(r"\.?[A-Za-z][A-Za-z0-9._/@+%#!~=-]*(?::[A-Za-z0-9._/@+%#!~=-]+)*")
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", ".inf", ".nan"})


def terminal(text: str, limit: int = LIMIT, *, ascii_only: bool = False) -> str:
    """One line of at most `limit` characters that a terminal only prints.

    Controls, escape sequences, bidirectional overrides, invisible and unassigned characters, line separators and lone
    surrogates become visible escapes (`\\x1b`, `\\u202e`), as do the openings of CI runner commands.
    """
    if ascii_only:
        text = text[: limit + 1].translate(_TYPEWRITER)
    shown = unarmed(_visible(text, limit, ascii_only=ascii_only))
    if len(shown) <= limit:
        return shown
    dots = "..." if ascii_only else "…"
    cut = re.sub(r"\\(?:x.?|u.{0,3}|U.{0,7})?$", "", shown[: max(limit - len(dots), 0)])
    return cut + dots


def unarmed(line: str) -> str:
    """A line no CI runner takes for a command."""
    line = _RUNNER.sub(r"#\\x23", line)
    colons = _COLONS.match(line)
    return line if colons is None else line[: colons.end() - 2] + r"\x3a" + line[colons.end() - 1 :]


def yaml_scalar(text: str, *, ascii_only: bool = False) -> str:
    """The text as a YAML 1.1 scalar that reads back exactly, safe to print and to paste."""
    if _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _RUNNER.sub(r"#\\x23", _visible(quoted, len(quoted), ascii_only=ascii_only)) + '"'


def workflow_command(text: str) -> str:
    """The data of a GitHub workflow command: line ends and percent signs encoded, everything else harmless."""
    kept = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return _RUNNER.sub(r"#\\x23", _visible(kept, len(kept)))


def workflow_property(text: str) -> str:
    """The value of a property of a GitHub workflow command."""
    return workflow_command(text).replace(":", "%3A").replace(",", "%2C")


def markdown(text: str, limit: int = LIMIT) -> str:
    """Text that GitHub-flavoured Markdown shows as it is, in prose and in table cells.

    No markup, HTML, mention, issue reference, link or autolink; `@` and `#` stand in code spans because a mention is
    found after Markdown's own escapes are gone.
    """
    shown = _MARKDOWN.sub(_marked, terminal(text, limit))
    # An indented line is a code block; a space written as an entity indents nothing.
    indent = len(shown) - len(shown.lstrip(" "))
    return "&#32;" * indent + shown[indent:] if indent > 1 else shown


def markdown_prose(text: str, limit: int = LIMIT, *, cell: bool = False) -> str:
    """`markdown`, with what stands between a pair of backticks as a code span; `cell` as in `markdown_code`."""
    parts = terminal(text, limit).split("`")
    if len(parts) % 2 == 0 or not all(parts[1::2]):
        return markdown(text, limit)
    spans = [markdown_code(part, limit, cell=cell) if n % 2 else markdown(part, limit) for n, part in enumerate(parts)]
    return "".join(spans)


def _marked(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] in "@#":
        return f"`{found}`"
    return _ENTITY.get(found) or f"{found[:-1]}\\{found[-1]}"


def markdown_code(text: str, limit: int = LIMIT, *, cell: bool = False) -> str:
    """A code span; its fence is longer than any run of backticks inside. `cell` says that it stands in a table."""
    shown = terminal(text, limit) or " "
    if cell:
        shown = shown.replace("|", r"\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _visible(text: str, limit: int, *, ascii_only: bool = False) -> str:
    text = text[: limit + 1]
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = MARKS
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        hidden = not char.isprintable() or _INVISIBLE.match(char) or marks > MARKS
        shown.append(_spelled(char) if hidden or (ascii_only and not char.isascii()) else char)
    return "".join(shown)


def _spelled(char: str) -> str:
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
