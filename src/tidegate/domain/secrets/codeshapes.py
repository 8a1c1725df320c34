"""What stands where a value could stand and is code, a template, a reference or a name of something: no secret."""

import re
from functools import cache

from tidegate.domain.secrets.wordiness import wordiness

_TEMPLATE = r"""^\$[A-Za-z_]\w*(?:$|[/.:-])|[$\#%@]?\{\{?[^{}]*\}|\$\(|<%|%\(|%~|%[sdvrqiuxf](?![A-Za-z0-9])
    |<[^<>]{1,60}>|\[\[|\]\]|^%\w+%$|^@[\w.]+@$|^__\w+__$|^\[[^\]]*\]$|^\{.*\}$|^:[a-z_]+$|\\[dwsnt]|\{\d{1,3}(?:,\d{0,3})?\}|^\(|^="""
_ATTRIBUTE = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+[!?]?")
"""An attribute, a module, a message's key, a file; or a token of parts."""
_CODE = r"""[A-Za-z_$][\w.$:]*(?:\(|\[["'\w]).*  # a call, an index
    |(?:sha\d{1,3}|md5|arn|urn|env|vault|ssm|file|op|keyring|secretKeyRef|secrets?|ref|kv|data|projects?)[:/].*
    |ENC[\[(].*|\{?cipher.*|!.*[a-z]/.*|-{1,2}[a-z][a-z-]{2,}.*  # encrypted, an option
    |[a-z]{2,12}:[\^~]?\d[\d.]*|v?\d+(?:\.\d+)+[\w.+-]*  # a version
    |[\d.,:/+-]*\d(?:ms|[smhdkMG]|px|em|rem|pt|%)|\d+[.,:/+-][\d.,:/+-]*|0x[0-9a-fA-F]{1,16}U?L{0,2}|\#[0-9a-fA-F]{3,8}
    |\d{4}-\d\d-\d\d.*  # numbers, a date
    |\w*(?:Error|Exception|Token|Secret|Password|Key|Credential|Field|Input)s?|.*(?:=>|==.|<=|>=|<<|&&|\|\||::).*|.*:
    |[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}  # a mail address
    |[\w./-]{1,60}\.(?:pem|key|crt|cer|p12|pfx|jks|txt|json|ya?ml|env|conf|cfg|ini|xml|html?|png|svg|jpe?g|css|[jt]sx?|py
    |php|rb|go|java|sh|md|pub|asc|gpg|lock|log|csv|sql)  # a file
    |(?:sha|md|aes|rsa|ecdsa|ed|hmac|hs|rs|es|ps|utf|base|oauth|http|ipv|iso|latin|win|p|x|v|h|s|ec2|s3|k8s|i18n)
    [_-]?\d{1,5}(?:[_-]?(?:sha|md|aes|gcm|cbc|bit|bits|hmac|key|len|url|le|be|secp|with|rsa|hex)[_-]?\d{0,4}){0,3}"""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://|(?:data|mailto|tel|javascript|urn|jdbc):")
_HASH = re.compile(
    r"\$(?:2[abxy]?|1|5|6|y|7|apr1|argon2(?:id?|d)|pbkdf2[\w-]*|scrypt|P|H|S)\$|\{(?:SSHA|SHA|CRYPT|SSHA512|MD5)\}"
    r"|(?:pbkdf2(?:_sha\d+)?|bcrypt(?:_sha\d+)?|argon2|scrypt|sha1|SCRAM-SHA-\d+)[$:]|\*[0-9A-F]{40}\Z|{bcrypt}"
)
_SLUG = re.compile(r"(?:[A-Za-z]+\d*[A-Za-z]*|\d{1,8})(?:[-._+](?:[A-Za-z]+\d*[A-Za-z]*|\d{1,8}[a-z]?)){0,9}")
_SPLIT = re.compile(r"[^A-Za-z0-9]+")
_SHORT = re.compile(r"[A-Za-z]{1,3}|\d{1,2}")
_PART = re.compile(r"[A-Za-z]{0,20}\d{0,3}[A-Za-z]?|\d{4}")


@cache
def _template() -> re.Pattern[str]:
    return re.compile(_TEMPLATE, re.VERBOSE)


@cache
def _code() -> re.Pattern[str]:
    return re.compile(_CODE, re.VERBOSE | re.IGNORECASE)


def is_code(value: str) -> bool:
    """A template, a call, an attribute, a reference, an address, a file, a version, the name of an algorithm."""
    return (
        _template().search(value) is not None
        or _code().fullmatch(value) is not None
        or (_ATTRIBUTE.fullmatch(value) is not None and (len(value) < 20 or wordiness(value) >= 0.5))
        or _URL.match(value) is not None
        or _is_path(value)
    )


def is_hash(value: str) -> bool:
    """A password's hash: what is kept so that the password need not be."""
    return _HASH.match(value) is not None


def is_identifier(value: str) -> bool:
    """Words and short numbers with marks between: `bert-base-uncased-v2`, `db_password_2`, `us-east-1`."""
    parts = [part for part in _SPLIT.split(value) if part]
    if len(parts) < 2 or re.search(r"[^\w.\-:/ ]", value):
        return False
    if not all(_PART.fullmatch(part) for part in parts):
        return False
    return wordiness(value) >= 0.6 or (len(parts) > 2 and all(_SHORT.fullmatch(part) for part in parts))


def is_slug(value: str) -> bool:
    """Words, abbreviations and versions with marks between, as licences are named."""
    return _SLUG.fullmatch(value) is not None


def _is_path(value: str) -> bool:
    """Words with slashes between; base64 has slashes, too, but no words."""
    if "/" not in value and "\\" not in value:
        return False
    if re.match(r"(?:\.{0,2}|~|[A-Za-z]:)[/\\]", value) and len(value) < 30:
        return True
    letters, digits = sum(char.isalpha() for char in value), sum(char.isdigit() for char in value)
    return (wordiness(value) >= 0.6 and digits < 4) or letters < 2
