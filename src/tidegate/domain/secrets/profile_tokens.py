"""What every other plugin of detect-secrets takes for a secret in a line, in a time linear in its length."""

import re
from collections.abc import Callable, Iterator
from typing import Any

_JWT_RUN = re.compile(r"[A-Za-z0-9_=-]+")
_OPENAI_RUN = re.compile(r"[A-Za-z0-9_-]+")
_OPENAI = re.compile(r"(?=[A-Za-z0-9]{20}T3BlbkFJ([A-Za-z0-9]{20}))")
_NPM = re.compile(r"/:_authToken=\s*(?:npm_.|[A-Fa-f0-9-]{36})")
_AWS_SECRET = re.compile(r"['\"](?=[0-9a-zA-Z/+]{40}['\"])")
_AWS_REACH = 3 + 20 + len("password") + 20
_SPACES = re.compile(" {4,}")
_TOKEN = 48


def values(name: str, plugin: Any, line: str) -> set[str]:
    """What the plugin of that class name finds in a line."""
    if name in _ENTROPY:
        found = set(plugin.analyze_string(line))
        return {value for value in found if plugin.calculate_shannon_entropy(value) > plugin.entropy_limit}
    own = _OWN.get(name)
    return set(own(plugin, line) if own else plugin.analyze_string(line))


_ENTROPY = frozenset({"Base64HighEntropyString", "HexHighEntropyString"})


def _jwt(plugin: Any, line: str) -> Iterator[str]:
    at = line.find("eyJ")
    while at >= 0:
        end = at + 3
        head = _JWT_RUN.match(line, end)
        if head is not None:
            end = head.end()
            body = _JWT_RUN.match(line, end + 1) if line.startswith(".", end) else None
            if body is not None:
                end = body.end() + line.startswith(".", body.end())
                if _is_formal(plugin, line[at:end]):
                    yield line[at:end]
        at = line.find("eyJ", end)


def _is_formal(plugin: Any, token: str) -> bool:
    try:
        return bool(plugin.is_formally_valid(token))
    except RecursionError:
        return False


def _openai(_plugin: Any, line: str) -> Iterator[str]:
    if "T3BlbkFJ" not in line:
        return
    for run in _OPENAI_RUN.finditer(line):
        marks = [match.start() for match in _OPENAI.finditer(line, run.start(), run.end())]
        at = line.find("sk-", run.start(), run.end())
        # The longest token from the first `sk-`; what it leaves of the run holds no more than its own rest.
        if marks and at >= 0 and at + 3 <= marks[-1]:
            yield line[at : marks[-1] + _TOKEN]


def _npm(plugin: Any, line: str) -> Iterator[str]:
    last = max((match.start() for match in _NPM.finditer(line)), default=-1)
    first = line.find("//")
    if 0 <= first < last - 2 or "\n" in line[:last]:
        yield from plugin.analyze_string(line)


def _aws(plugin: Any, line: str) -> Iterator[str]:
    ids, secrets = plugin.denylist
    yield from ids.findall(line)
    begin = end = 0
    for match in _AWS_SECRET.finditer(line):
        if match.start() - _AWS_REACH > end:
            yield from secrets.findall(line, begin, end)
            begin = match.start() - _AWS_REACH
        end = match.end() + 41
    if end:
        yield from secrets.findall(line, begin, end)


def _assigned(plugin: Any, line: str) -> Iterator[str]:
    """Blanks between a name and its value may be many; the pattern, which splits them in every way, needs three."""
    yield from plugin.analyze_string(_SPACES.sub("   ", line))


_OWN: dict[str, Callable[[Any, str], Iterator[str]]] = {
    "AWSKeyDetector": _aws,
    "CloudantDetector": _assigned,
    "IbmCloudIamDetector": _assigned,
    "IbmCosHmacDetector": _assigned,
    "JwtTokenDetector": _jwt,
    "NpmDetector": _npm,
    "OpenAIDetector": _openai,
    "SoftlayerDetector": _assigned,
}
