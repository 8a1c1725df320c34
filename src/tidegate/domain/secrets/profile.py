"""What `detect-secrets scan` finds in a file, keywords and entropy too, without asking every plugin of every line.

Its plugins, transformers and filters decide; a line reaches them only when it could hold a finding. A line with a
character outside ASCII always does, since the plugins match text and what looks for lines matches bytes.
"""

import hashlib
import io
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

MAX_LINE = 4096
"""The keyword plugin takes a time quadratic in the keywords of a line: a longer line with many is named, not judged."""
MAX_KEYWORDS = 32

_ASSIGNED = rb"""(?i:key|pwd|pw|password|pass|token)["']?\]? *[=:> ]+["']?[0-9A-Za-z_-]{24}"""
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
"""What each plugin needs in an ASCII line."""
_BASE64, _HEX = rb"[0-9A-Za-z+/\\_=-]{23}", rb"[0-9A-Fa-f]{9}"
_QUOTED = {"Base64HighEntropyString": rb"""["']""" + _BASE64, "HexHighEntropyString": rb"""["']""" + _HEX}
"""An entropy of more than 4.5 bits needs 23 different characters, one of more than 3 bits needs 9."""
_INDIRECT = re.compile(r"[:=!]\s*[\w.-]+[\[(][^\v]*[\])]")
_WORDS = re.compile(_KEYWORD.decode())


@dataclass(frozen=True, slots=True)
class Audited:
    """One finding as detect-secrets tells it. `hashed` is its own: SHA-1 of the value, never to be published."""

    type: str
    line: int
    hashed: str


def names() -> tuple[str, ...]:
    """The plugins asked: those this file knows how to look for."""
    return (*_ANY, *_QUOTED)


def scan(path: str, data: bytes) -> list[Audited]:
    """The findings of `detect-secrets scan -n --all-files` in one file, sorted; nothing is asked of the network."""
    from detect_secrets.filters import heuristic

    if heuristic.is_non_text_file(path) or heuristic.is_lock_file(path) or heuristic.is_swagger_file(path):
        return []
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return []
    # A transformer quotes values, and can only undo escapes: without a run as long there is nothing to find.
    if data.isascii() and b"\\" not in data and not _could_hold(data):
        return []
    found: set[Audited] = set()
    for lines in _versions(path, text):
        found |= set(_lines(path, lines))
        if found:
            break
    return sorted(found, key=lambda each: (each.line, each.type, each.hashed))


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


class _Named(io.StringIO):
    def __init__(self, text: str, name: str) -> None:
        super().__init__(text, newline=None)
        self.name = name


def _versions(path: str, text: str) -> Iterator[list[str]]:
    """The lines of a file as the library reads them, and, should they hold nothing, as it reads them then."""
    from detect_secrets.transformers import get_transformed_file

    file: Any = _Named(text, path)
    yield get_transformed_file(file) or file.readlines()
    file.seek(0)
    eager = get_transformed_file(file, use_eager_transformers=True)
    if eager:
        yield eager


@cache
def _finders() -> tuple[tuple[str, re.Pattern[bytes]], ...]:
    return tuple((name, re.compile(need)) for name, need in (*_ANY.items(), *_QUOTED.items()))


def _candidates(lines: Sequence[str]) -> dict[int, list[str]]:
    """The number of each line that could hold a finding, and the plugins to ask of it, in their order."""
    asked: dict[int, set[str]] = {}
    starts, encoded, at = [], [], 0
    for number, line in enumerate(lines):
        raw = line.rstrip("\n").encode("utf-8", "surrogatepass")
        if not line.isascii():
            asked[number] = set(names())
        starts.append(at)
        encoded.append(raw)
        at += len(raw) + 1
    data = b"\n".join(encoded)
    for name, place in _places(data):
        asked.setdefault(bisect_right(starts, place) - 1, set()).add(name)
    return {number: [name for name in names() if name in asked[number]] for number in sorted(asked)}


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
    from detect_secrets.filters import allowlist
    from detect_secrets.util.code_snippet import get_code_snippet

    plugins = _plugins()
    for at, asked in _candidates(lines).items():
        line = lines[at].rstrip()
        if len(line) > MAX_LINE and len(_WORDS.findall(line)) > MAX_KEYWORDS and "KeywordDetector" in asked:
            yield Audited("Secret Keyword", at + 1, hashlib.sha1(line.encode(), usedforsecurity=False).hexdigest())
            asked.remove("KeywordDetector")
        secrets = [
            (plugins[name], secret)
            for name in asked
            for secret in plugins[name].analyze_line(filename=path, line=line, line_number=at + 1) or ()
        ]
        if not secrets or (len(line) <= 1000 and _INDIRECT.search(line)):
            continue
        if allowlist.is_line_allowlisted(path, line, get_code_snippet(lines, at + 1)):
            continue
        for plugin, secret in secrets:
            if not _is_filtered(secret.secret_value, line, plugin):
                yield Audited(secret.type, at + 1, secret.secret_hash)


def _is_filtered(value: str, line: str, plugin: Any) -> bool:
    from detect_secrets.filters import heuristic

    return (
        heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_likely_id_string(value, line, plugin)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
    )
