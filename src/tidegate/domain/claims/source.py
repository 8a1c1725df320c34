"""Repositories and refs are compared as what they are: URLs whose host and, on GitHub, path ignore case."""

import re
from urllib.parse import urlsplit

_SCP = re.compile(r"(?:[^@/\s]+@)?([A-Za-z0-9.-]+):(?!//)([^\s]+)")
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
_CASE_BLIND = frozenset({"github.com"})


def repository(remote: str) -> str:
    """A git remote as `https://host/path`, without credentials, port or `.git`; "" when it is no network address."""
    text = remote.strip().removeprefix("git+")
    match = _SCP.fullmatch(text)
    if match is not None and "://" not in text:
        text = f"ssh://{match[1]}/{match[2].lstrip('/')}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
        port = f":{parts.port}" if parts.port and parts.scheme in {"https", "http"} else ""
    except ValueError:
        return ""
    path = parts.path.strip("/").removesuffix(".git")
    if parts.scheme not in {"https", "http", "ssh", "git"} or not host or not path or parts.query or parts.fragment:
        return ""
    return f"https://{host}{port}/{path}"


def same(left: str, right: str) -> bool:
    """Do two addresses name one repository? Two that cannot be read do not."""
    return bool(left) and _folded(left) == _folded(right) != ""


def absolute(value: str, issuer: str = GITHUB_ISSUER) -> str:
    """`owner/repo` (or a workflow's path in it) on the server the issuer speaks for; a full URL stands as it is."""
    return value if value.startswith("https://") else f"{server(issuer)}/{value}"


def server(issuer: str) -> str:
    """The web address of the CI system behind an issuer: GitHub's issuer has a host of its own."""
    if issuer == GITHUB_ISSUER or issuer.startswith(GITHUB_ISSUER + "/"):
        return "https://github.com"
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}"


def signer_ref(uri: str, workflow: str) -> str | None:
    """The ref in `<workflow>@<ref>`, when `uri` is that workflow; None for any other."""
    ref = uri[len(workflow) + 1 :]
    if not _same_workflow(uri[: len(workflow)], workflow) or uri[len(workflow) : len(workflow) + 1] != "@":
        return None
    return ref if ref.startswith("refs/") or re.fullmatch(r"[0-9a-f]{40}", ref) else None


def inside(uri: str, repository: str) -> bool:
    """Does a workflow's address lie in this repository?"""
    ours, theirs = _folded(repository), uri
    if not ours:
        return False
    if ours.removeprefix("https://").partition("/")[0] in _CASE_BLIND:
        theirs = uri.lower()
    return theirs.startswith(ours + "/")


def is_commit(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) is not None


def _same_workflow(left: str, right: str) -> bool:
    """Equal, where GitHub's owner and repository names ignore case and the path in the repository does not."""
    host = right.removeprefix("https://").partition("/")[0]
    if host not in _CASE_BLIND:
        return left == right
    ours, theirs = left.split("/", 5), right.split("/", 5)
    return [part.lower() for part in ours[:5]] == [part.lower() for part in theirs[:5]] and ours[5:] == theirs[5:]


def _folded(url: str) -> str:
    plain = repository(url)
    host = plain.removeprefix("https://").partition("/")[0]
    return plain.lower() if host in _CASE_BLIND else plain


def path(url: str) -> str:
    """The path of a repository's address: `owner/repo`."""
    return url.removeprefix("https://").partition("/")[2]


def server_of(url: str) -> str:
    return "https://" + url.removeprefix("https://").partition("/")[0]
