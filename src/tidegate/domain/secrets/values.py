"""What makes a match of a pattern a credential: its structure, its surroundings, and that it is not made up."""

import json
import re
from urllib.parse import unquote

from tidegate.domain.secrets import checks
from tidegate.domain.secrets.codeshapes import is_code
from tidegate.domain.secrets.detector import Span
from tidegate.domain.secrets.guesses import is_key, is_password, says
from tidegate.domain.secrets.placeholders import is_common_password, is_nowhere, is_placeholder, is_published
from tidegate.domain.secrets.rule import Check
from tidegate.domain.secrets.structures import decoded

KEY_HEADS = (b"-----BEGIN ", b"---- BEGIN ", b"PuTTY-User-Key-File-")
"""How the files that hold a private key begin."""

_MATERIAL = re.compile(r"[A-Za-z0-9+/=]{40,}")
_NARROW = re.compile(r"(?:^[ \t\"'#>*]{0,16}[A-Za-z0-9+/]{4,39}={0,2}[ \t\"',+\\]{0,8}\r?\n){4,}", re.MULTILINE)
"""Key material in short lines, which readers of keys take as well."""
_LONG = 2048
"""What is further from its head is no part of a key."""
_FEW = 64
"""So many characters the shortest key has."""
_HEADERS = re.compile(
    r"[^\n]{0,80}\n[^\n:]{1,80}:(?:(?!\n-----END)[^\n]|\n(?!-----END)(?=[^\r\n]))*\r?\n[ \t\r]*\n"
    r"|[^\n]{0,80}\n(?:[A-Za-z][\w-]{0,60}: ?[^\n]*\n)+"
)
"""What stands between a key's head and its material: all up to an empty line (RFC 1421), or lines that have names."""
_RUNS = re.compile(r"[A-Za-z0-9+/=]{16,}")
_BREAKS = re.compile(r"\\+[nrt]|\\(?=\r?\n)|%0[AaDd]|&#1[03];")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}={0,2}\.eyJ[A-Za-z0-9_-]{4,}={0,2}\.[A-Za-z0-9_-]{16,}")
_ANYBODY = frozenset({"user", "username", "name", "me", "you", "foo", "x", "a", "bob", "alice", "john", "jane", "jdoe"})
_SAMPLES: tuple[object, ...] = ({"some": "payload"}, {"foo": "bar"}, {"hello": "world"}, {})
_SLACK = re.compile(r"(?i)xox[a-z]-(?:\d{6,16}-)+[0-9a-z]{10,}")
_WORD = re.compile(r"[A-Za-z0-9_-]+")


def token(match: re.Match[str]) -> Span | None:
    """The whole match, unless it is made up, or a stretch of a digest (`sha256=…` of a wheel's RECORD)."""
    return match.span() if all(check(match.string, match.span()) for check in checks.TOKEN) else None


def published(match: re.Match[str]) -> Span | None:
    """The longest group, unless it is published; for keys whose random part may repeat a character."""
    group = _longest(match)
    return None if is_published(match[group].rpartition("AccountKey=")[2]) else match.span(group)


def mixed(match: re.Match[str]) -> Span | None:
    """The longest group, if it is as varied as a random one: capitals, small letters and digits."""
    return _checked(match, checks.mixed)


def varied(match: re.Match[str]) -> Span | None:
    """The longest group, if it holds eight different characters."""
    return _checked(match, checks.varied)


def slack(match: re.Match[str]) -> Span | None:
    """A webhook, or a token whose workspace's number and last part are as long as Slack makes them."""
    token = match[0].lower().startswith("xox")
    return None if token and not _SLACK.fullmatch(match[0]) else varied(match)


def bare(match: re.Match[str]) -> Span | None:
    """Like `token`, for patterns too loose to match inside a longer word: it must stand alone."""
    return token(match) if checks.alone(match.string, match.span()) else None


def aws_id(match: re.Match[str]) -> Span | None:
    """20 characters that do not go on, and are no word of capitals."""
    start, end = match.span()
    text, value = match.string, match[0]
    before, after = text[start - 1 : start], text[end : end + 1]
    if after.isascii() and (after.isalnum() or after in {"/", "+"}) and not after.islower():
        return None
    if not any(char.isdigit() for char in value) and (before.isalpha() or before == "_" or after == "_"):
        return None
    return token(match)


def npm_line(match: re.Match[str]) -> Span | None:
    """The token at the end of an `_authToken` line, without what follows it."""
    word = _WORD.match(match[1])
    if word is None or len(word[0]) < 20 or is_placeholder(word[0]):
        return None
    return match.start(1), match.start(1) + word.end()


def discord(match: re.Match[str]) -> Span | None:
    """The first part is the account's number in base64."""
    return bare(match) if decoded(match[0].partition(".")[0]).isdigit() else None


def telegram(match: re.Match[str]) -> Span | None:
    """The part after the colon begins with an A."""
    return bare(match) if match[0].partition(":")[2].startswith("A") else None


def twilio(match: re.Match[str]) -> Span | None:
    """Hexadecimal, and standing alone."""
    return bare(match) if re.fullmatch(r"SK[0-9a-f]{32}", match[0]) else None


def artifactory(match: re.Match[str]) -> Span | None:
    """A long token with digits, without the delimiters the pattern takes along."""
    start = match.start() + match[0].index("AK")
    value = match.string[start : match.end()].rstrip('" \t\r\n')
    if len(value) < 24 or not any(char.isdigit() for char in value) or is_placeholder(value):
        return None
    return start, start + len(value)


def jwt(match: re.Match[str]) -> Span | None:
    """A signed token (RFC 7519, 7515): its header names an algorithm, and it has a signature."""
    whole = _JWT.match(match.string, match.start())
    if whole is None:
        return None
    header, payload, _ = whole[0].split(".", 2)
    head, body = _json(header), _json(payload)
    if not isinstance(head, dict) or not isinstance(head.get("alg"), str) or head["alg"].lower() == "none":
        return None
    # The subject of the example everyone copies, and what the libraries' documentation signs.
    if body is None or (isinstance(body, dict) and (body.get("sub") == "1234567890" or body in _SAMPLES)):
        return None
    return whole.span()


def private_key(match: re.Match[str]) -> Span | None:
    """A header with key material behind it; a header alone is text about keys."""
    body = _body(match.string, match.end())
    if any(len(set(run)) >= 12 and not _plain(run) for run in _MATERIAL.findall(body)):
        return match.span()
    return match.span() if any(map(_is_material, _NARROW.findall(body))) else None


def _is_material(lines: str) -> bool:
    run = "".join(re.findall(r"[A-Za-z0-9+/]+", lines))
    return len(run) >= _FEW and len(set(run)) >= 20 and any(map(str.isdigit, run))


def key_material(text: str, header: Span) -> str:
    """The base64 behind a private key's header without line breaks, so that one key has one fingerprint."""
    return "".join(_RUNS.findall(_body(text, header[1])))


def address(match: re.Match[str]) -> Span | None:
    """`scheme://user:password@host` of a host that may be one, with a password that may be in use."""
    password = match["password"]
    if is_nowhere(match["host"]) or is_common_password(password) or password.lower() == match["user"].lower():
        return None
    return match.span() if _in_use(password) else None


def doubtful_address(match: re.Match[str]) -> Span | None:
    """The same with words for a password, or on the machine itself or a host of examples with a password in use."""
    password = match["password"]
    same = password.lower() == match["user"].lower()
    if is_common_password(password) or says(password) or (match["user"].lower() in _ANYBODY and _is_word(password)):
        return None
    used = not same and password.isascii() and _in_use(password)
    return match.span() if used or not is_nowhere(match["host"]) else None


def _is_word(password: str) -> bool:
    return password.isalpha() and password.islower() and len(password) < 9


def _in_use(password: str) -> bool:
    plain = unquote(password)
    return not plain.isascii() or (not is_code(plain) and (is_password(plain, True) or is_key(plain, True)))


def _checked(match: re.Match[str], check: Check) -> Span | None:
    span = match.span(_longest(match))
    return span if check(match.string, span) and checks.real(match.string, span) else None


def _longest(match: re.Match[str]) -> int:
    groups = match.groups()
    best = max(range(len(groups)), key=lambda at: len(groups[at] or ""), default=-1)
    # A group shorter than a credential holds a prefix, not the value.
    return best + 1 if best >= 0 and len(groups[best] or "") >= 16 else 0


def _json(part: str) -> object:
    try:
        value: object = json.loads(decoded(part))
    except (ValueError, RecursionError):
        return None
    return value


def _body(text: str, start: int) -> str:
    """What lies between a key's header and the next line of dashes."""
    body = _BREAKS.sub("\n", text[start:].lstrip(" -"))
    headers = _HEADERS.match(body)
    begin = headers.end() if headers else 0
    return body[begin : begin + _LONG].partition("----")[0]


def _plain(run: str) -> bool:
    return run.isalpha() and (run.islower() or run.isupper())
