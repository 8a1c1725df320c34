"""A value given to a name that says secret: is it one, or a placeholder, a piece of code or a word?"""

import itertools
import re

from tidegate.domain.secrets.checks import shannon
from tidegate.domain.secrets.detector import Span
from tidegate.domain.secrets.placeholders import is_common_password, is_placeholder

_PASSWORD = re.compile(r"(?i)pass|pwd|\bpw\b")
_NAME = re.compile(r"[\w.-]{1,60}\Z")
_GAP = re.compile(
    r"\\?[\"'`]?\]?\s{0,8}(?P<op>=>|:=|={1,3}|:|,|\(|>|\svalue\s{0,4}=|(?<=\s))\s{0,8}\\?[rbuf]?@?(?P<quote>[\"'`]?)\Z"
)
_LINE = re.compile(r"[\s\-+#/*]*(?:export\s+|set\s+|ENV\s+|ARG\s+|define\s*\(\s*)?[\"']?[\w.-]{1,80}\Z")
_COMMAND = re.compile(r"(?:^|\n)\s{0,20}(?:ENV|ARG|setx)\s{1,4}\Z")
_ENV = re.compile(r"[A-Z][A-Z0-9_]{3,60}=\S")
_ENDS = {"", " ", "\t", "\r", "\n", ";", ",", "&", '"', "'", "\\", "`"}
_PARTS = {";", "&", "?"}
_CODE = re.compile(
    r"""[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+  # an attribute, a module, a message's key, a file's name
    |[A-Za-z_$][\w.$]*[(\[].*  # a call, an index
    |[./~]{0,3}/[\w./-]*|[A-Za-z]:\\.*|[a-z][a-z0-9+.-]+://.*  # a path, an address
    |(?:sha\d{1,3}|md5|arn|urn|env|vault|ssm|file|op|keyring|secretKeyRef|ref)[:/].*  # a digest, a reference
    |ENC[\[(].*|\{?cipher.*|!.*|&.*|\*.*|@.*|\#.*|\\.*|-{1,2}[a-z].*  # encrypted, a tag, an option
    |.*<[^<>]{1,40}>.*|.*\[[^\]]*-[^\]]*\].*|.*\][{+*].*|.*\{\d+(?:,\d*)?\}.*|[=(].*  # a template, a pattern
    |[a-z]{2,12}:[\^~]?\d[\d.]*  # a version of something
    |[\w-]+/[\w./+-]+|[\d.,:/+-]+[smhdkMG]?|0x[0-9a-fA-F]{1,8}|\d{4}-\d\d-\d\d.*|v?\d+(?:\.\d+)+.*  # a type, numbers
    |\w*(?:Error|Exception|Token|Secret|Password|Key)s?|.*[=<>]{2}.*|.*\|\|.*|.*:$""",
    re.VERBOSE,
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SAYS = re.compile(
    r"(?i)pass|secret|token|\bkey|api|auth|cred|your|enter|here|none|null|true|false|undefined|default|todo|fake|mock"
    r"|dummy|sample|demo|test|foo|bar|invalid|wrong|string|value|hidden|input|field|label|required|missing|empty|encrypted"
)
_WEAK = frozenset(
    re.findall(
        r"\w+",
        "admin administrator root toor guest postgres mysql oracle rabbitmq qwerty letmein welcome iloveyou d"
        "ragon monkey sunshine princess football baseball superman master shadow changeit",
    )
)
_PAIRS = frozenset(
    re.findall(
        r"..",
        "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneearacelichllbemasiomur"
        "caeltalansdifohopeecprnoctusacotiltrlyncetutsssorsunlowageiewheewiemadolrtpowenaulnitsmoowpaimmiaish"
        "irsuidosiviaamficivipligtuevldrympfeblabghtyopwosaayexkefrooavagifapgrodbosprddoucbueiovbyrmepttocfa"
        "efcurnscgidayocrcldugaquueffbaeylsvaumppuauplugohtruugdsltpircrregauckewmubrbiptakpuuirgibtlnykirkys"
        "obmmfuphogmsyeudmbipuboirlgudrhrcctwftwnnuafhunneovorvnfxpgnsmflizoknlmyglawjuoaeqsyslpsjolfnvjenkkn"
        "gsdyhyzeksxtbsikddptrpskxioeoywslvdlrfeudgwrxayinmeb",
    )
)
"""Pairs of letters that English text is made of; two random letters are one of these in a third of cases."""


def credible(text: str, span: Span) -> bool:
    """Is the value at the span, given to the name before it, a password or key somebody uses?"""
    value = text[span[0] : span[1]]
    gap = _GAP.search(text, max(0, span[0] - 30), span[0])
    if gap is None:
        return False
    name = _NAME.search(text, max(0, gap.start() - 60), gap.start())
    if name is None:
        return False
    if not gap["op"] and not (name[0].startswith("--") or _COMMAND.search(text, 0, name.start())):
        return False
    inside = gap["op"] == ">" and text.startswith("</", span[1])
    quoted = bool(gap["quote"]) or inside
    if not quoted and not _is_setting(text, name.start(), gap["op"], span[1]):
        return False
    if is_common_password(value) or is_placeholder(value) or _CODE.fullmatch(value) or _repeats(name[0], value):
        return False
    if _PASSWORD.search(name[0]):
        return _is_password(value, quoted)
    return _is_key(value, quoted)


def _is_setting(text: str, name: int, op: str, end: int) -> bool:
    """Unquoted values stand in settings: the name begins the line and the value ends it, or it is `NAME=value` of an
    environment, or a part of a connection string or of a query."""
    if not op:
        return text[end : end + 1] in _ENDS
    if op not in {"=", ":"}:
        return False
    if op == "=" and text[end : end + 1] in _ENDS and (text[name - 1 : name] in _PARTS or _ENV.match(text, name)):
        return True
    line = text.rfind("\n", 0, name) + 1
    rest = text[end : end + 2]
    return _LINE.fullmatch(text[line : name + 1]) is not None and (not rest.strip() or rest[0] in ",;\\ \t\r")


def _is_password(value: str, quoted: bool) -> bool:
    """Passwords are short, and words are not among them unless everyone knows them as passwords."""
    if value.lower() in _WEAK:
        return True
    letters, digits = sum(c.isalpha() for c in value), sum(c.isdigit() for c in value)
    marks = sum(not c.isalnum() and c not in "_-. " for c in value)
    if " " in value or len(set(value)) < 4 or (len(value) > 40 and shannon(value) < 3.5):
        return False
    if _is_only_words(value):
        return False
    if letters and (digits or marks):
        return quoted or len(value) >= 6
    if quoted and letters and any(c.isupper() for c in value[1:]) and any(c.islower() for c in value):
        return wordiness(value) < 0.6
    return quoted and digits >= 6 and not letters


def _is_key(value: str, quoted: bool) -> bool:
    """Keys and tokens are long and random."""
    if " " in value or len(value) < (10 if quoted else 12) or not any(c.isdigit() for c in value):
        return bool(len(value) >= 20 and value.isalnum() and _is_mixed(value) and wordiness(value) < 0.5)
    if not any(c.isalpha() for c in value) or _is_only_words(value):
        return False
    if shannon(value) < (2.8 if len(value) < 20 else 3.0):
        return False
    digits = sum(char.isdigit() for char in value)
    return digits * 8 >= len(value) or wordiness(value) < 0.62


def _is_mixed(value: str) -> bool:
    return any(c.isupper() for c in value[1:]) and any(c.islower() for c in value)


def _is_only_words(value: str) -> bool:
    """An identifier: words, in any spelling, with at most a number at the end; or what says that it is none."""
    numbered = _SAYS.search(value) is not None and sum(char.isdigit() for char in value) < 3
    body = value.rstrip("0123456789") if numbered else value
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", body) if part]
    if not parts:
        return True
    if any(char.isdigit() for part in parts for char in part):
        return False
    if _SAYS.search(value):
        return all(_WORD.sub("", part) == "" for part in parts) and wordiness(body) >= 0.45
    plain = all(part.isalpha() for part in parts) and re.fullmatch(r"[A-Za-z0-9_.\- ]+", value) is not None
    return plain and wordiness(value) >= 0.5


def _repeats(name: str, value: str) -> bool:
    """`password = password`, `token: my-token`, `api_key: API_KEY_2`."""
    if sum(char.isdigit() for char in value) >= 3:
        return False
    said = [re.sub(r"[^a-z]", "", text.lower()) for text in (name, value)]
    return not said[1] or said[1] in said[0] or (said[0] in said[1] and len(said[1]) - len(said[0]) < 12)


def wordiness(value: str) -> float:
    """The share of neighbouring letters that English has side by side; 1 for text, about 0.4 for random letters."""
    pairs = [a + b for run in re.findall(r"[A-Za-z]{2,}", value) for a, b in itertools.pairwise(run.lower())]
    return sum(pair in _PAIRS for pair in pairs) / len(pairs) if pairs else 0.0
