"""Which write scopes a call of GitHub's REST API needs, as "Permissions required for fine-grained access tokens" lists.

Read from `gh api`, from `curl` of an API address, and from the script of `actions/github-script`.
"""

import re
from collections.abc import Iterator

from tidegate.domain.grants.shell import Command

SOURCE = "https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens"
OIDC = "https://docs.github.com/en/actions/reference/security/oidc"
"""Also what `getIDToken` of @actions/core and `detect_credential` of the Python package `id` rest on."""
MAX_SCRIPT = 200_000

_TALK = frozenset({"issues", "pull-requests"})
_BY_PATH = {
    "actions": frozenset({"actions"}),
    "attestations": frozenset({"attestations"}),
    "check-runs": frozenset({"checks"}),
    "check-suites": frozenset({"checks"}),
    "code-scanning": frozenset({"security-events"}),
    "contents": frozenset({"contents"}),
    "dependency-graph": frozenset({"contents"}),
    "deployments": frozenset({"deployments"}),
    "discussions": frozenset({"discussions"}),
    "dispatches": frozenset({"contents"}),
    "git": frozenset({"contents"}),
    "issues": _TALK,
    "labels": _TALK,
    "merges": frozenset({"contents"}),
    "milestones": _TALK,
    "packages": frozenset({"packages"}),
    "pages": frozenset({"pages"}),
    "pulls": frozenset({"pull-requests", "contents"}),
    "releases": frozenset({"contents"}),
    "statuses": frozenset({"statuses"}),
}
_BY_NAMESPACE = {
    "actions": frozenset({"actions"}),
    "checks": frozenset({"checks"}),
    "codeScanning": frozenset({"security-events"}),
    "dependencyGraph": frozenset({"contents"}),
    "git": frozenset({"contents"}),
    "issues": _TALK,
    "packages": frozenset({"packages"}),
    "pulls": frozenset({"pull-requests", "contents"}),
    "reactions": _TALK,
}
_OF_REPOSITORY = {
    "Status": frozenset({"statuses"}),
    "Deployment": frozenset({"deployments", "pages"}),
    "Release": frozenset({"contents"}),
    "File": frozenset({"contents"}),
    "Dispatch": frozenset({"contents"}),
    "Pages": frozenset({"pages"}),
    "merge": frozenset({"contents"}),
}
_OF_GRAPH = {
    "createCommitOnBranch": frozenset({"contents"}),
    "PullRequest": frozenset({"pull-requests", "contents"}),
    "Comment": _TALK,
    "Issue": frozenset({"issues"}),
    "Discussion": frozenset({"discussions"}),
    "Label": _TALK,
}
_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FIELDS = frozenset({"-f", "-F", "--field", "--raw-field", "--input", "-d", "--data", "--data-raw", "--data-binary"})
_CALL = re.compile(r"\b(?:github|octokit)\.(?:rest\.)?([A-Za-z]{1,40})\.([A-Za-z]{1,60})\b")
# Where GitHub's API is; `$` stands for an expression, as in `${{ github.api_url }}`.
_API = re.compile(r"https://(?:api|uploads)\.github\.com/|\$\{?GITHUB_API_URL\b|\$/")
_REMARK = re.compile(r"(?:^|(?<=[\s;{}()]))//[^\n]*|/\*.*?(?:\*/|\Z)", re.MULTILINE | re.DOTALL)
_STRING = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")
_REQUEST = re.compile(r"\b(?:POST|PUT|PATCH|DELETE) (/[!-~]{1,300})")
_TOKEN = re.compile(r"\bgetIDToken\b|\bdetect_credential\b|\bACTIONS_ID_TOKEN_REQUEST_(?:URL|TOKEN)\b")
_READS = ("get", "list", "check", "download", "compare")


def of_command(command: Command) -> frozenset[str]:
    """Scopes that a `gh api` or `curl` call needs; empty when it only reads or calls something else."""
    if command[:2] == ("gh", "api"):
        words = command[2:]
    elif command[0] == "curl" and any(map(_API.match, command[1:])):
        words = tuple(word for word in command[1:] if "://" not in word or _API.match(word))
    else:
        return frozenset()
    if not _writes(words):
        return frozenset()
    if "graphql" in words:
        return _graph(" ".join(words))
    return frozenset().union(*(_path(word) for word in words if "/" in word))


def of_script(script: str) -> frozenset[str]:
    """Scopes that the writing calls in a JavaScript text need."""
    text = _REMARK.sub(" ", script[:MAX_SCRIPT])
    found: set[str] = set()
    for namespace, method in _CALL.findall(_STRING.sub("''", text)):
        if not method.startswith(_READS):
            found |= _method(namespace, method)
    for match in _REQUEST.finditer(text):
        found |= _path(match[1])
    if "graphql" in text and "mutation" in text:
        found |= _graph(text)
    return frozenset(found)


def bare(script: str) -> str:
    """A JavaScript text without its remarks and strings."""
    return _STRING.sub("''", _REMARK.sub(" ", script[:MAX_SCRIPT]))


def asks_for_identity(text: str) -> bool:
    """Does a script fetch the job's OIDC token itself?"""
    return _TOKEN.search(text, 0, MAX_SCRIPT) is not None


def _method(namespace: str, method: str) -> frozenset[str]:
    if namespace != "repos":
        return _BY_NAMESPACE.get(namespace, frozenset())
    return frozenset().union(*(scopes for part, scopes in _OF_REPOSITORY.items() if part in method))


def _writes(words: Command) -> bool:
    for word, following in zip(words, (*words[1:], ""), strict=True):
        if word in ("-X", "--method", "--request"):
            return following.upper() in _METHODS
        name, _, value = word.partition("=")
        if name in ("--method", "--request"):
            return value.upper() in _METHODS
        if word.startswith("-X") and word[2:].upper() in _METHODS:
            return True
    return any(word.partition("=")[0] in _FIELDS for word in words)


def _path(path: str) -> frozenset[str]:
    """By the first part of the path that names a resource; what stands before it is the repository."""
    return next(_resources(path), frozenset())


def _resources(path: str) -> Iterator[frozenset[str]]:
    parts = [part for part in path.partition("?")[0].split("/") if part]
    start = parts.index("repos") + 3 if "repos" in parts else 0
    for part in parts[start:]:
        if part in _BY_PATH:
            yield _BY_PATH[part]


def _graph(text: str) -> frozenset[str]:
    if "mutation" not in text:
        return frozenset()
    return frozenset().union(*(scopes for part, scopes in _OF_GRAPH.items() if part in text))
