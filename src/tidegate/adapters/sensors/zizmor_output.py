"""What zizmor prints (`json-v1` on stdout, `completed` lines on stderr), read as strictly as it is documented."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache

from tidegate.errors import UnavailableError
from tidegate.ports import Sensed

MAX_MESSAGE = 300
WHOLE = 3
_COMPLETED = re.compile(r"^ *INFO audit: zizmor: \S+ completed (\S+)$", re.MULTILINE)
_IDENT = re.compile(r"[a-z][a-z0-9-]{0,63}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
# Only these passages are names rather than text, so only they may be shown; anything else could be a secret.
_NAMED = frozenset(
    {
        "archived-uses",
        "forbidden-uses",
        "impostor-commit",
        "known-vulnerable-actions",
        "ref-confusion",
        "ref-version-mismatch",
        "stale-action-refs",
        "typosquat-uses",
        "unpinned-uses",
        "template-injection",
        "excessive-permissions",
        "undocumented-permissions",
        "dangerous-triggers",
    }
)
_NAME = re.compile(r"[A-Za-z0-9_./@\[\]'*: -]{1,160}", re.ASCII)


class _Odd(Exception):
    """The output is not what the format promises."""


def completed(stderr: bytes) -> set[str]:
    """The paths whose audit ran to its end."""
    return set(_COMPLETED.findall(stderr.decode("utf-8", "replace")))


def reason(stderr: bytes, written: Mapping[str, str]) -> str:
    """Why a call failed, in zizmor's words, bounded and with the repository's paths; "" when it says nothing."""
    text = stderr.decode("utf-8", "replace")
    _, fatal, rest = text.partition("fatal: ")
    causes = [line.partition(": ")[2] for line in rest.splitlines() if re.match(r" +\d+: ", line)]
    words = causes[-1] if causes else next((line for line in rest.splitlines()[1:] if line.strip()), "")
    for place, path in written.items():
        words = words.replace(f"file://{place}", path)
    return plain(words) if fatal else ""


def plain(text: str) -> str:
    """One bounded line without control characters."""
    return _UNPRINTABLE.sub(" ", text).strip()[:MAX_MESSAGE]


def renamed(each: Sensed, path: str) -> Sensed:
    return dataclasses.replace(each, path=path)


def parse(stdout: bytes, texts: Mapping[str, bytes]) -> list[Sensed]:
    """Findings with their places turned 1-based. Raises UnavailableError when the output is odd."""
    try:
        items = json.loads(stdout)
        return [_finding(item, texts) for item in _list(items)]
    except (_Odd, ValueError, RecursionError) as error:
        what = str(error) if isinstance(error, _Odd) else "not JSON"
        raise UnavailableError(
            f"zizmor's answer is not what `json-v1` promises: {what}", hint="install the zizmor release tidegate names"
        ) from None


def _finding(item: object, texts: Mapping[str, bytes]) -> Sensed:
    ident = _str(_get(item, "ident"))
    if not _IDENT.fullmatch(ident):
        raise _Odd("a finding's name")
    determinations = _get(item, "determinations")
    locations = _list(_get(item, "locations"))
    primary = [each for each in locations if _get(_get(each, "symbolic"), "kind") == "Primary"]
    if not primary:
        raise _Odd("a finding without a place")
    symbolic = _get(primary[0], "symbolic")
    path = _str(_get(_get(_get(symbolic, "key"), "Local"), "verbatim_path"))
    if path not in texts:
        raise _Odd("a finding about a file that was not given")
    location = _get(_get(primary[0], "concrete"), "location")
    start, end = _point(_get(location, "start_point")), _point(_get(location, "end_point"))
    ignored = _get(item, "ignored")
    if not isinstance(ignored, bool):
        raise _Odd("`ignored`")
    return Sensed(
        ident=ident,
        severity=_str(_get(determinations, "severity")).lower(),
        confidence=_str(_get(determinations, "confidence")).lower(),
        message=plain(f"{_str(_get(item, 'desc'))}: {_str(_get(symbolic, 'annotation'))}"),
        path=path,
        line=start[0] + 1,
        column=_column(texts[path], start),
        job=_job(_get(symbolic, "route")),
        ignored=ignored,
        url=plain(_str(_get(item, "url"))),
        subject=_subject(ident, texts[path], start, end),
        persona=_str(_get(determinations, "persona")).lower(),
    )


def _job(route: object) -> str:
    steps = _list(_get(route, "route"))
    keys = [step.get("Key") if isinstance(step, dict) else None for step in steps[:2]]
    return keys[1] if len(keys) == 2 and keys[0] == "jobs" and isinstance(keys[1], str) else ""


def _subject(ident: str, raw: bytes, start: tuple[int, int], end: tuple[int, int]) -> str:
    """The passage between two places when it is a name, else its short digest.

    A passage of many lines is a whole step, job or file; its first line names it and survives edits below.
    """
    lines = list(_lines(raw)[start[0] : end[0] + 1])
    if len(lines) == end[0] - start[0] + 1:
        lines[-1] = lines[-1][: end[1]]
        lines[0] = lines[0][start[1] :]
    passage = b"\n".join(lines if len(lines) <= WHOLE else lines[:1])
    text = passage.decode("utf-8", "replace").strip()
    if ident in _NAMED and _NAME.fullmatch(text):
        return text
    return hashlib.sha256(passage).hexdigest()[:12]


def _column(raw: bytes, start: tuple[int, int]) -> int:
    """zizmor counts bytes, people count characters."""
    lines = _lines(raw)
    line = lines[start[0]] if start[0] < len(lines) else b""
    return len(line[: start[1]].decode("utf-8", "replace")) + 1


@lru_cache(maxsize=8)
def _lines(raw: bytes) -> tuple[bytes, ...]:
    return tuple(raw.split(b"\n"))


def _point(value: object) -> tuple[int, int]:
    row, column = _get(value, "row"), _get(value, "column")
    if type(row) is not int or type(column) is not int or row < 0 or column < 0:
        raise _Odd("a place")
    return row, column


def _get(owner: object, key: str) -> object:
    if not isinstance(owner, dict) or key not in owner:
        raise _Odd(f"`{key}` is missing")
    return owner[key]


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _Odd("a list is missing")
    return value


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise _Odd("a string is missing")
    return value
