"""A list of repositories, one a line, and the shards it is parted into."""

import hashlib
import re
from collections.abc import Sequence
from typing import TypeVar

from tidegate.errors import FormatError
from tidegate.formats.text import utf8
from tidegate.model.fleet import Listed

MAX_BYTES = 16 << 20
MAX_LISTED = 100_000
_URL = re.compile(r"(?:https|file)://[^\s]{1,2000}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://|:)|[^/\s]+@[^/\s]+:")
_REF = re.compile(r"(?![-.])[A-Za-z0-9._/+@-]{1,200}")
_NAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,200}")

_Key = TypeVar("_Key", str, tuple[str, str])


def parse(raw: bytes) -> tuple[Listed, ...]:
    """`path-or-url [ref] [name]` a line; `#` begins a comment, `-` stands for no ref.

    FormatError with the line of the first fault: a word too many, an address of another kind or with a password in it,
    a repository or a name that was there already, or nothing listed at all.
    """
    listed: list[Listed] = []
    places: dict[tuple[str, str], int] = {}
    names: dict[str, int] = {}
    for number, line in enumerate(utf8(raw, limit=MAX_BYTES, what="the list").splitlines(), start=1):
        words = re.sub(r"(?:^|\s)#.*", "", line).split()
        if not words:
            continue
        each = _listed(words, number)
        _once(places, (each.address.rstrip("/").removesuffix(".git"), each.ref), number, f"`{each.address}`")
        _once(names, each.name, number, f"the name `{each.name}`")
        listed.append(each)
        if len(listed) > MAX_LISTED:
            raise FormatError(f"the list holds more than {MAX_LISTED} repositories", line=number)
    if not listed:
        raise FormatError("the list names no repository", hint="write one path or address a line")
    return tuple(listed)


def _listed(words: Sequence[str], line: int) -> Listed:
    if len(words) > 3:
        raise FormatError("a line is `path-or-url [ref] [name]`", line=line, hint="take out the words after that")
    address, ref, name = (*words, "", "")[:3]
    if _SCHEME.match(address):
        if not _URL.fullmatch(address):
            raise FormatError("an address begins with `https://`", line=line, hint="or clone it, and name the folder")
        if "@" in address.partition("://")[2].partition("/")[0]:
            raise FormatError("an address holds a user name or a password", line=line, hint="take it out")
    ref = "" if ref == "-" else ref
    if address.startswith("-") or (ref and (not _REF.fullmatch(ref) or ".." in ref or "@{" in ref)):
        raise FormatError("a ref is the name of a branch or a tag, or a commit", line=line, hint="`-` is none")
    name = name or address.rstrip("/").removesuffix(".git").rpartition("/")[2] or address
    if not _NAME.fullmatch(name):
        raise FormatError("a name is at most 200 printable characters", line=line, hint="give it another name")
    return Listed(address, ref, name)


def _once(seen: dict[_Key, int], key: _Key, line: int, what: str) -> None:
    if key in seen:
        hint = "take one of them out, or give it a name of its own as the third word"
        raise FormatError(f"{what} is listed in line {seen[key]} already", line=line, hint=hint)
    seen[key] = line


def shard(listed: Sequence[Listed], number: int, count: int) -> tuple[Listed, ...]:
    """Part `number` of `count`, from 1 on. Each repository is in exactly one part, whatever else is listed."""
    return tuple(each for each in listed if _place(each.name, count) == number - 1)


def _place(name: str, count: int) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "backslashreplace")).digest()[:8], "big") % count


def file_name(name: str) -> str:
    """The name of a repository's result: readable, plain, and of this name alone."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:60] or "repository"
    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}.json"
