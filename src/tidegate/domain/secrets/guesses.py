"""Is a value that was given to a name for secrets one that somebody uses, or a word that stands for it?"""

import itertools
import re

from tidegate.domain.secrets.checks import shannon
from tidegate.domain.secrets.codeshapes import is_code, is_hash, is_identifier
from tidegate.domain.secrets.detector import Span
from tidegate.domain.secrets.placeholders import is_stand_in
from tidegate.domain.secrets.wordiness import odds, pieces, wordiness

_SAYS = re.compile(
    r"(?i)pass|pwd|psw|secret|token|cred|placeholder|example|dummy|sample|random|unknown|invalid|required|undefined|encrypted"
    r"|default|string|hidden|missing|insert|replace|change|correct|value|account|label|input|field"
)
_SAYS_ALONE = frozenset(
    re.findall(
        r"\w+",
        "key api auth your enter here none null true false todo fake mock demo test tests testing foo bar "
        "wrong empty some user valid new old my",
    )
)
_WEAK = frozenset(
    re.findall(
        r"\w+",
        "admin administrator root toor guest postgres mysql oracle rabbitmq qwerty letmein welcome iloveyou d"
        "ragon monkey sunshine princess football baseball superman master shadow changeit qwertyuiop trustno1 zaq12wsx"
        " hunter2 abc123 admin123 admin1234 root123 qwerty123 1q2w3e4r welcome1 minioadmin",
    )
)
_SANDBOX = re.compile(r"(?i)(?:^|[_-])(?:sandbox|sbx?|mock|fake)[_-]")
_GROUPS = re.compile(r"[a-z]{4}(?: [a-z]{4}){3}")
_PHRASE = re.compile(r"(?:[A-Z][a-z]+[-_. ]?){2,4}\d{1,4}[!@#$%^&*?]?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_KEY = re.compile(r"[0-9A-Za-z+/=_-]+")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_TECH = re.compile(r"(?i)(?<![a-z])(?:oauth|utf|https?|md|base|sha|ipv|aes|rsa|win|log|i18|k8|v|x|h|p)\d")
_LEET = str.maketrans("013457@$!", "oieastasi")
_MARKS = frozenset("!@#$%^&*?+=~|")
STRONG = "!@#$%^&*"


def is_password(value: str, quoted: bool) -> bool:
    """Passwords are short, and words are not among them unless everyone knows them as passwords. Unquoted, it is what
    stands after a name of a settings file."""
    if value.lower() in _WEAK:
        return True
    if _GROUPS.fullmatch(value):  # as a mail provider writes them for one application
        return sum(map(odds, value.split())) < 0
    if not value.isascii() or " " in value or "\t" in value or len(value) > 100 or _is_filled(value):
        return False
    if quoted and longest_run(value) * 2 >= max(len(value), 12):
        return False
    letters, digits = sum(c.isalpha() for c in value), sum(c.isdigit() for c in value)
    marks = sum(c in _MARKS for c in value)
    if not letters:
        typed = quoted and (is_sequence(value + value[-1]) or len(set(value)) < 2 or value in "1234567890")
        return digits >= 4 and (digits == len(value) or marks > 0) and not typed
    if not digits:
        return len(value) >= (4 if quoted else 5) and not _says(value) and _is_random(value, marks)
    if turns(value) < 4 and wordiness(value) >= (0.5 if digits < 2 else 0.6):
        if _PHRASE.fullmatch(value) and not _says(value):
            return True
        if is_identifier(value):
            return False
        if _says(value):
            return (digits > 1 or marks > 0) if not quoted else _ends_with_a_number(value)
        return digits >= 2 or marks > 0 or (turns(value) > 1 and not _TECH.search(value))
    if quoted and _says(value.translate(_LEET)) and not _ends_with_a_number(value):
        return False
    return len(value) >= 5 and (digits + marks > 1 or quoted or len(value) > 6) and not is_identifier(value)


def given(text: str, span: Span) -> bool:
    """A check of rules whose surroundings say that this is a password."""
    value = text[span[0] : span[1]]
    return not is_stand_in(value) and not is_code(value) and not is_hash(value) and is_password(value, True)


def not_all_digits(text: str, span: Span) -> bool:
    """On a command line a number is a port or a count."""
    return not text[span[0] : span[1]].isdigit()


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
        return digits >= 4 and digits * 3 >= len(value) and not _says(value)
    return len(value) >= 16 or digits >= 2 or (len(value) >= 12 and not value.islower())


def is_strong(value: str) -> bool:
    """As long and as varied as a generated key: hexadecimal of 128 bits or more, or 20 characters of every kind."""
    if not is_key(value, True) or shannon(value) < 3.0 or not _KEY.fullmatch(value):
        return False
    if _HEX.fullmatch(value):
        return len(value) >= 32 and len(value) % 2 == 0
    return len(value) >= 20 and all(re.search(kind, value) for kind in ("[A-Z]", "[a-z]", "[0-9]"))


def longest_run(value: str) -> int:
    """How many characters stand in the order of the alphabet or of the digits."""
    longest = run = 1
    for before, after in itertools.pairwise(value.lower()):
        run = run + 1 if ord(after) - ord(before) == 1 else 1
        longest = max(longest, run)
    return longest


def is_sequence(value: str) -> bool:
    """Typed along the alphabet or the digits."""
    if value[::2] == value[1::2]:
        return is_sequence(value[::2]) if len(value) > 1 else False
    return longest_run(value) > 5 or bool(re.search(r"(?i)abc123|123abc|abc.?def.?ghi|123.456.789", value))


def _is_filled(value: str) -> bool:
    return re.search(r"([^0-9])\1{4}|(\d)\2{7}|(.{2,8})\3{2}", value) is not None or len(set(value)) < (
        2 if value.isdigit() else 3
    )


def says(value: str) -> bool:
    """Does it say what it stands for, without a number?"""
    return _says(value) and not any(char.isdigit() for char in value)


def _says(value: str) -> bool:
    return _SAYS.search(value) is not None or any(piece.lower() in _SAYS_ALONE for piece in pieces(value))


def _ends_with_a_number(value: str) -> bool:
    """One that somebody chose: not 123, not a year's last digits alone."""
    number = re.search(r"\d{3,}(?=[!@#$%^&*?]?\Z)", value)
    return number is not None and number[0] not in "12345678901" and len(set(number[0])) > 1


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
        short = len(found) * (4 if likely < 0 else 3) >= letters
        return letters >= (8 if likely < 0 else 16) and short
    return letters > 3 and likely < {4: -3.0, 5: -2.0, 6: -1.0, 7: -1.0}.get(letters, -0.5)
