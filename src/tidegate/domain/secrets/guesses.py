"""Is a value that was given to a name for secrets one that somebody uses, or a word that stands for it?"""

import itertools
import re

from tidegate.domain.secrets.checks import shannon
from tidegate.domain.secrets.codeshapes import is_identifier
from tidegate.domain.secrets.wordiness import odds, pieces, wordiness

_SAYS = re.compile(
    r"(?i)pass|pwd|secret|token|key|api|auth|cred|your|enter|here|none|null|true|false|undefined|default|todo|fake|mock"
    r"|dummy|sample|demo|test|foo|bar|invalid|wrong|string|value|hidden|input|field|label|required|missing|empty|some"
    r"|encrypted|user|account|random|unknown|insert|replace|change|placeholder|example|abc|xyz|asdf|valid|correct|new|old"
)
_WEAK = frozenset(
    re.findall(
        r"\w+",
        "admin administrator root toor guest postgres mysql oracle rabbitmq qwerty letmein welcome iloveyou d"
        "ragon monkey sunshine princess football baseball superman master shadow changeit qwertyuiop trustno1 zaq12wsx"
        " passw0rd p4ssw0rd hunter2 abc123 admin123 admin1234 root123 qwerty123 1q2w3e4r welcome1 minioadmin",
    )
)
_SANDBOX = re.compile(r"(?i)(?:^|[_-])(?:sandbox|sbx?|mock|fake)[_-]")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MARKS = frozenset("!@#$%^&*?+=~|")
STRONG = "!@#$%^&*"


def is_password(value: str, quoted: bool) -> bool:
    """Passwords are short, and words are not among them unless everyone knows them as passwords. Unquoted, it is what
    stands after a name of a settings file."""
    if value.lower() in _WEAK:
        return True
    if not value.isascii() or " " in value or "\t" in value or len(value) > 100 or _is_filled(value):
        return False
    letters, digits = sum(c.isalpha() for c in value), sum(c.isdigit() for c in value)
    marks = sum(c in _MARKS for c in value)
    if not letters:
        return digits >= (4 if quoted else 5) and (digits == len(value) or marks > 0)
    if not digits:
        return len(value) >= 5 and _is_random(value, marks)
    if turns(value) < 4 and wordiness(value) >= (0.5 if digits < 2 else 0.6):
        if is_identifier(value):
            return False
        if _SAYS.search(value):
            return digits >= 3 and (marks > 0 or not quoted)
        return digits >= 2 or marks > 0
    return len(value) >= 5 and (digits + marks > 1 or quoted or len(value) > 6) and not is_identifier(value)


def is_key(value: str, quoted: bool) -> bool:
    """Keys and tokens are long and random."""
    if not value.isascii() or " " in value or len(value) < (8 if quoted else 10) or is_sequence(value):
        return False
    if _SANDBOX.search(value) or _is_filled(value):
        return False
    letters, digits = sum(c.isalpha() for c in value), sum(c.isdigit() for c in value)
    if not letters or (turns(value) < 6 and is_identifier(value)):
        return False
    share = wordiness(value)
    if not digits:
        return len(value) >= 12 and _is_random(value, 0)
    if shannon(value) < (2.6 if len(value) < 20 else 3.0):
        return False
    if _UUID.fullmatch(value):
        return True
    if share >= 0.6 and turns(value) < 5:
        return digits >= 4 and digits * 3 >= len(value) and not _SAYS.search(value)
    return len(value) >= 16 or digits >= 2


def is_sequence(value: str) -> bool:
    """Typed along the alphabet or the digits."""
    steps = [ord(b) - ord(a) for a, b in itertools.pairwise(value.lower())]
    return any(all(step == 1 for step in steps[at : at + 5]) for at in range(len(steps) - 4)) or bool(
        re.search(r"(?i)abc123|123abc|abc.?def.?ghi|123.456.789", value)
    )


def _is_filled(value: str) -> bool:
    return re.search(r"([^0-9])\1{4}|(\d)\2{7}", value) is not None or len(set(value)) < 3


def turns(value: str) -> int:
    """How often letters and digits take turns: words have a number at the end, if any."""
    return len(re.findall(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])", value))


def _is_random(value: str, marks: int) -> bool:
    """Letters no word is made of."""
    found = pieces(value)
    likely = sum(odds(piece) for piece in found if len(piece) > 1)
    letters = sum(map(len, found))
    if wordiness(value) >= 0.75 or letters + marks < len(value) * 0.7:
        return False
    if marks:
        return len(value) >= 6 and likely < 0 and not re.search(r"[a-z]{2,}[|=][a-z]", value)
    if value.isalpha() and any(char.isupper() for char in value[1:]) and any(char.islower() for char in value):
        return letters >= 8 and likely < 0 and len(found) * 3 >= letters
    return likely < (-2.0 if letters < 8 else -1.0)
