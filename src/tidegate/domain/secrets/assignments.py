"""A value given to a name that says secret: is it one, or a placeholder, a piece of code or a word?"""

import re

from tidegate.domain.secrets.codeshapes import is_code, is_hash, is_slug
from tidegate.domain.secrets.guesses import STRONG, is_key, is_password, is_strong
from tidegate.domain.secrets.placeholders import is_stand_in
from tidegate.domain.secrets.wordiness import pieces

_PASSWORD = re.compile(
    r"(?i)pass|pwd|(?:\b|_|root|bind|user|admin|db|ldap|smtp|mail|ftp|ssh|my)pw\Z|masterauth|psw|pswd|senha|kennwort|contrase|wachtwoord|mdp"
)
_NO_SECRET = {
    "token": frozenset(
        re.findall(
            r"\w+",
            "next page paging pagination cont continuation start starting change lock client request idempotency "
            "sync resume upload list end eos bos pad unk sep cls mask stop special csrf xsrf forgery authenticity "
            "delimiter operator keyword type lexer class design theme color text string punctuation current last "
            "first prev previous position marker copy product import export scroll cursor delta field symbol "
            "cancel cancellation state per max min",
        )
    ),
    "key": frozenset(
        re.findall(
            r"\w+",
            "public publishable primary foreign partition sort site cache route routing",
        )
    ),
    "password": frozenset(
        re.findall(
            r"\w+",
            "no without forgot forgotten reset lost show hide toggle incorrect invalid wrong min max has is",
        )
    ),
}
"""What a name says before its last word that is no secret then."""
_OF_ONE = frozenset({"hash", "hashed", "digest", "checksum", "fingerprint", "encrypted", "masked", "redacted"})
"""What is made of a secret so that the secret need not be kept."""
_GETS = re.compile(
    r"(?i)(?:^|[._$>-])(?:get|find|load|read|fetch|is|has|lookup|resolve|delete|remove|expect|parse|require|import|need|ask"
    r"|prompt|match|peek|skip|accept|consume|emit|push|add|next|lex)[a-z_]*\Z"
)
_LINE = re.compile(
    r"[\s\-+#/*;>|]*(?:(?:export|set|setx|setenv|declare|local|readonly|ENV|ARG|define|const|let|var)\s{1,4})?[\"'`*]{0,2}"
    r"[$@]?[\w.:/\[\]$-]{0,80}\Z"
)
_COMMAND = re.compile(r"(?:^|\n)\s{0,20}(?:ENV|ARG|setx)\s{1,4}\Z")
_ALONE = re.compile(r"(?:^|\n)\s{0,40}(?:set\s|\(|#\s?define\s{1,4})?\Z")
_OPTION = re.compile(r"(?:^|\s)(?:-e|--env|-D|--build-arg|--set(?:-string)?)[\s=]?\Z")
_SQL = re.compile(r"(?:^|[^\w])(?:PASSWORD|password)\Z")
_ENV = re.compile(r"[A-Z][A-Z0-9_]{3,60}=\S")
_ENDS = {"", " ", "\t", "\r", "\n", ";", ",", "&", '"', "'", "\\", "`"}
_PARTS = {";", "&", "?"}
_CLOSED = re.compile(r"\\?[\"'`]\s{0,4}\)")
_CELL = re.compile(r"`?\s{0,80}\|")
_FLAG = re.compile(r"(?:String(?:Var)?P?|SetDefault|fill|type)\([^()\n]{0,60}\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def credible(match: re.Match[str]) -> bool:
    """Is the value a password or key somebody uses? The match has the groups `name`, `op`, `quote` and `value`."""
    text, value, op = match.string, match["value"], match["op"].strip()
    start = _head(text, match.start("name"))
    name = text[start : match.end("name")]
    inside = op == ">" and text.startswith("</", match.end("value"))
    quoted = bool(match["quote"]) or inside
    if _is_no_secret(name) or text[max(0, start - 2) : start] == "::":
        return False
    if not _is_given(match, start, name, op, quoted):
        return False
    if is_stand_in(value) or is_code(value) or is_hash(value) or _repeats(name, value):
        return False
    if _PASSWORD.search(name):
        if not quoted and name in {"PWD", "OLDPWD", "$PWD"} and text[start - 1 : start] != ";":
            return False  # the working directory
        if not quoted and name.lower() == "pass" and (value.isdigit() or (name == "PASS" and op == ":")):
            return False  # of a test's result
        plain = not quoted or (name.isupper() and match["op"] == "=")
        return is_password(value, not plain) and (
            quoted or text[start - 1 : start] in _PARTS or _is_no_variable(match, value, op)
        )
    if "licen" in name.lower() and is_slug(value):
        return False
    if match["name"].lower().startswith("key"):  # of whatever: only what looks like nothing else
        return quoted and is_strong(value)
    return is_key(value, quoted)


def _head(text: str, end: int) -> int:
    """Where the word begins that ends there: the name may be the last part of one."""
    start = end
    while start > max(0, end - 60) and (text[start - 1].isalnum() or text[start - 1] in "_.$-"):
        start -= 1
    return start


def credible_below(match: re.Match[str]) -> bool:
    """The same for a value on the line below its name, or in the element behind it."""
    value, quoted = match["value"], match["quote"] != ""
    if is_stand_in(value) or is_code(value) or is_hash(value) or _repeats(match["name"], value):
        return False
    if _PASSWORD.search(match["name"]):
        return is_password(value, True) and (quoted or not value.isdigit() or len(value) > 4)
    return is_key(value, quoted)


def _is_no_secret(name: str) -> bool:
    words = [piece.lower() for piece in pieces(name)]
    before, last = ("", "", *words)[-2:]
    if not last.startswith("key") and not _OF_ONE.isdisjoint(words):
        return True
    kind = next((kind for kind in _NO_SECRET if last.startswith(kind)), "")
    return bool(kind) and before in _NO_SECRET[kind]


def _is_given(match: re.Match[str], start: int, name: str, op: str, quoted: bool) -> bool:
    """Is it an assignment at all, of what stands here to the name?"""
    text, end = match.string, match.end("value")
    if op == ",":
        return quoted and _is_argument(text, start, end)
    if op == "(":
        if match["name"] == "PASS":  # a macro of compilers
            return False
        called = name[: len(name) - len(match["name"])]
        return quoted and not _GETS.search(called) and text[match.start("op") - 1] not in "\"'"
    if op:
        option = op == "=" and name.startswith("-") and text[end : end + 1] in _ENDS
        return quoted or option or _is_setting(text, start, op, end)
    if name.startswith("-"):
        return text[end : end + 1] in _ENDS and (quoted or not match["value"].isalpha())
    if _COMMAND.search(text, 0, start):
        return text[end : end + 1] in _ENDS
    if quoted and _SQL.search(text, 0, match.end("name")):
        return True
    if not _ALONE.search(text, 0, start):
        return False
    # The two words of a settings file: what is no word, and nothing behind it.
    value = match["value"]
    return quoted or (not text[end : end + 2].strip() and len(value) > 5 and any(char.isdigit() for char in value))


def _is_argument(text: str, start: int, end: int) -> bool:
    """`put("password", "…")`: the name is whole, in quotes, and the value is the last of the arguments, or the default
    of a flag."""
    before = text[max(0, start - 2) : start]
    if before[-1:] == "#":
        before = text[max(0, start - 3) : start - 1]
    whole = before[-1:] in {'"', "'", "`"} and before[:1] in {"(", " ", ","}
    return whole and bool(_CLOSED.match(text, end) or _FLAG.search(text, 0, start))


def _is_setting(text: str, name: int, op: str, end: int) -> bool:
    """Unquoted values stand in settings: the name begins the line and the value ends it, or it is `NAME=value` of an
    environment, or a part of a connection string or of a query."""
    if op not in {"=", ":", ":=", "?=", "::=", ":-", "|"}:
        return False
    after = text[end : end + 1]
    if after == "}":
        return text[max(0, name - 2) : name] == "${"
    if op == ":-":
        return False
    if op == "|":
        return _CELL.match(text, end) is not None
    before = text[name - 1 : name] if name else ""
    if op == "=" and after in _ENDS and (before in _PARTS or _ENV.match(text, name) or _OPTION.search(text, 0, name)):
        return True
    if op in {":", "="} and before in {'"', "'"} and after == before:  # a header, a form's field
        return True
    line = text.rfind("\n", 0, name) + 1
    rest = text[end : end + 2]
    return _LINE.fullmatch(text[line:name]) is not None and (not rest.strip() or rest[0] in ",;\\ \t\r*`|")


def _is_no_variable(match: re.Match[str], value: str, op: str) -> bool:
    """In code an unquoted value is the name of something, unless nothing is called so."""
    if not _IDENTIFIER.fullmatch(value) or sum(char.isdigit() for char in value) > 1:
        return True
    text, at = match.string, match.end("value")
    if text[at : at + 1] in {",", ";"}:
        return False
    return op != "=" or match["op"] == "="


def _repeats(name: str, value: str) -> bool:
    """`password = password`, `token: my-token`, `api_key: API_KEY_2`."""
    if sum(char.isdigit() for char in value) >= 3 or any(char in STRONG for char in value):
        return False
    said = [re.sub(r"[^a-z]", "", text.lower()) for text in (name, value)]
    return (not said[1] and not any(c.isdigit() for c in value)) or (
        bool(said[1])
        and len(said[1]) > 3
        and (said[1] in said[0] or (said[0] in said[1] and len(said[1]) - len(said[0]) < 12))
    )
