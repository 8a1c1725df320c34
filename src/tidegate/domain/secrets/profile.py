"""What `detect-secrets scan` lists of a file, keywords and entropy too, without asking every plugin of every line.

Its plugins and transformers decide, where one could be hung by a line or a file in a form that finds the same. A line
reaches them only when it could hold a finding: plugins match text and what looks for lines matches bytes, so every
character that a pattern takes for an ASCII one is that one there.
"""

import hashlib
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import Any

from tidegate.domain.secrets import profile_filters, profile_ini, profile_keywords, profile_tokens, profile_yaml
from tidegate.errors import FormatError

_ASSIGNED = rb"""(?i:key|pwd|pw|password|pass|token)["']?\]?[=:> ]+["']?[0-9A-Za-z_-]{24}"""
_KEYWORD = (
    rb"(?i:api_?key|auth_?key|service_?key|account_?key|db_?key|database_?key|priv_?key|private_?key|client_?key|db_?pass"
    rb"|database_?pass|key_?pass|password|passwd|pwd|secret|contrasena)"
)
_ANY = {
    "ArtifactoryDetector": rb"AKC[a-zA-Z0-9]{10}|AP[0-9A-F][a-zA-Z0-9]{8}",
    "AWSKeyDetector": rb"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}|(?i:aws)",
    "AzureStorageKeyDetector": rb"AccountKey=",
    "BasicAuthDetector": rb"://[^\s:/@]+:[^\s:/@]+@",
    "CloudantDetector": _ASSIGNED + rb"|(?i:cloudant\.com)",
    "DiscordBotTokenDetector": rb"\.[a-zA-Z0-9_-]{6}\.[a-zA-Z0-9_-]{27}",
    "GitHubTokenDetector": rb"gh[pousr]_",
    "GitLabTokenDetector": rb"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-|GR1348941",
    "IbmCloudIamDetector": _ASSIGNED,
    "IbmCosHmacDetector": _ASSIGNED,
    "IPPublicDetector": rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
    "JwtTokenDetector": rb"eyJ",
    "KeywordDetector": _KEYWORD,
    "MailchimpDetector": rb"[0-9a-z]{32}-us[0-9]",
    "NpmDetector": rb":_authToken=",
    "OpenAIDetector": rb"T3BlbkFJ",
    "PrivateKeyDetector": rb"BEGIN|PuTTY-User-Key-File-2",
    "PypiTokenDetector": rb"pypi-AgE",
    "SendGridDetector": rb"SG\.[a-zA-Z0-9_-]{22}\.",
    "SlackDetector": rb"(?i:xox[abpors]-|hooks\.slack\.com)",
    "SoftlayerDetector": _ASSIGNED + rb"|(?i:softlayer.com)",
    "SquareOAuthDetector": rb"sq0csp-",
    "StripeDetector": rb"[rs]k_live_",
    "TelegramBotTokenDetector": rb"[0-9]{8}:[0-9A-Za-z_-]{35}",
    "TwilioKeyDetector": rb"(?:AC|SK)[a-z0-9]{32}",
}
"""What each plugin needs in a line."""
_BASE64, _HEX = rb"[0-9A-Za-z+/\\_=-]{23}", rb"[0-9A-Fa-f]{9}"
_QUOTED = {"Base64HighEntropyString": rb"""["']""" + _BASE64, "HexHighEntropyString": rb"""["']""" + _HEX}
"""An entropy of more than 4.5 bits needs 23 different characters, one of more than 3 bits needs 9."""
_MADE = (b"\\", b"%(", b"!")
"""With one of these a transformer can make a value whose characters lie nowhere together."""
_REGEX_BASED = frozenset(_ANY) - {"KeywordDetector"}


@dataclass(frozen=True, slots=True)
class Audited:
    """One finding as detect-secrets lists it. `hashed` is its own: SHA-1 of the value.

    Neither that nor the value, of which our own fingerprint is made, is ever to be published.
    """

    type: str
    line: int
    hashed: str
    value: str = field(repr=False)


def names() -> tuple[str, ...]:
    """The plugins asked: those this file knows how to look for."""
    return (*_ANY, *_QUOTED)


def scan(path: str, data: bytes) -> list[Audited]:
    """What `detect-secrets scan -n` lists of one file, sorted; nothing is asked of the network.

    The same value found by one plugin again is listed once, where it is first.
    """
    if profile_filters.is_unread(path):
        return []
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return []
    # A transformer quotes values, and can only undo escapes: without a run as long there is nothing to find.
    if data.isascii() and not any(mark in data for mark in _MADE) and not _could_hold(data):
        return []
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: dict[tuple[str, str], Audited] = {}
    for lines in _versions(path, text):
        for each in _lines(path, lines):
            found.setdefault((each.type, each.hashed), each)
        if found:
            break
    return sorted(found.values(), key=lambda each: (each.line, each.type, each.hashed))


def _could_hold(data: bytes) -> bool:
    vector = _vector(loose=True)
    if vector is None:
        return _loose().search(data) is not None
    found: list[int] = []
    vector.scan(data, match_event_handler=lambda number, *_: found.append(number))
    return bool(found)


@cache
def _loose() -> re.Pattern[bytes]:
    return re.compile(b"|".join(b"(?:" + each + b")" for each in (*_ANY.values(), _BASE64, _HEX)))


@cache
def _plugins() -> dict[str, Any]:
    from detect_secrets.core.plugins.initialize import from_plugin_classname
    from detect_secrets.settings import default_settings

    with default_settings():
        return {name: from_plugin_classname(name) for name in names()}


def _versions(path: str, text: str) -> Iterator[list[str]]:
    """The lines of a file as the library reads them, and, should they hold nothing, as it reads them then."""
    from detect_secrets.util.filetype import FileType, determine_file_type

    kind = determine_file_type(path)
    yield (_ini(text) if kind is not FileType.YAML else _ini_or_yaml(text)) or text.split("\n")
    if kind is FileType.OTHER:
        eager = _ini(text, headless=True)
        if eager:
            yield eager


def _ini(text: str, headless: bool = False) -> list[str]:
    try:
        return profile_ini.lines(text, headless)
    except FormatError:
        return []


def _ini_or_yaml(text: str) -> list[str]:
    try:
        return profile_ini.lines(text, False)
    except FormatError:
        pass
    try:
        return profile_yaml.lines(text)
    except FormatError:
        return []


@cache
def _finders() -> tuple[tuple[str, re.Pattern[bytes]], ...]:
    return tuple((name, re.compile(need)) for name, need in (*_ANY.items(), *_QUOTED.items()))


@cache
def _folded() -> dict[int, str]:
    """What each character outside ASCII is to a pattern that takes it for an ASCII one."""
    fold = dict(zip(map(ord, "\u017f\u212a\u0130\u0131\u00f1\u00d1"), "skiinn", strict=True))
    for number in range(128, sys.maxunicode + 1):
        each = chr(number)
        if each.isdecimal():
            fold[number] = "0"
        elif each.isspace():
            fold[number] = " "
    return fold


def _candidates(lines: Sequence[str]) -> dict[int, set[str]]:
    """The number of each line that could hold a finding, and the plugins to ask of it."""
    asked: dict[int, set[str]] = {}
    data = "\n".join(lines)
    starts: list[int]
    if data.isascii():
        raw = data.encode()
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    else:
        each = [(line if line.isascii() else line.translate(_folded())).encode("utf-8", "replace") for line in lines]
        raw = b"\n".join(each)
        starts = list(accumulate((len(line) + 1 for line in each), initial=0))
    for name, place in _places(raw):
        asked.setdefault(bisect_right(starts, place) - 1, set()).add(name)
    return asked


def _places(data: bytes) -> Iterator[tuple[str, int]]:
    """(plugin, where what it needs ends)."""
    vector = _vector()
    if vector is None:
        for name, pattern in _finders():
            for match in pattern.finditer(data):
                yield name, match.end() - 1
        return
    found: list[tuple[int, int]] = []

    def on(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
        found.append((number, end - 1))

    vector.scan(data, match_event_handler=on)
    every = names()
    for number, place in found:
        yield every[number], place


@cache
def _vector(loose: bool = False) -> Any:
    try:
        import hyperscan
    except (ImportError, OSError):
        return None
    database = hyperscan.Database()
    expressions = [*_ANY.values(), *((_BASE64, _HEX) if loose else _QUOTED.values())]
    flags = hyperscan.HS_FLAG_SINGLEMATCH if loose else 0
    try:
        database.compile(expressions=expressions, elements=len(expressions), flags=flags)
    except hyperscan.error:
        return None
    return database


def _lines(path: str, lines: list[str]) -> Iterator[Audited]:
    plugins = _plugins()
    for at, asked in sorted(_candidates(lines).items()):
        line = lines[at].rstrip()
        found = [(name, value) for name in asked for value in _values(path, name, plugins[name], line)]
        if not found or profile_filters.is_indirect(line):
            continue
        if profile_filters.is_allowed(path, line, lines[at - 1] if at else ""):
            continue
        ids = profile_filters.Ids(line)
        for name, value in found:
            if not profile_filters.is_dropped(value) and (name in _REGEX_BASED or not ids.has(value)):
                yield Audited(plugins[name].secret_type, at + 1, _hashed(value), value)


def _values(path: str, name: str, plugin: Any, line: str) -> set[str]:
    if name == "KeywordDetector":
        return profile_keywords.values(path, line)
    return profile_tokens.values(name, plugin, line)


def _hashed(value: str) -> str:
    return hashlib.sha1(value.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
