"""One web address for a remote, however it was written; never a user name, a password or a local path."""

import re
from urllib.parse import urlsplit

_SCP = re.compile(r"(?:[^@/:\s]+@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?!//)(.+)")
_SSH = frozenset({"ssh", "git+ssh", "ssh+git", "git"})
_WEB = frozenset({"http", "https"})


def web_address(url: str) -> str:
    """`https://host/owner/name` for ssh, scp and web forms; "" for local folders and what is no address."""
    url = url.strip()
    if any(ord(char) < 33 or ord(char) == 127 for char in url):
        return ""
    scheme, mark, _ = url.partition("://")
    if not mark:
        match = _SCP.fullmatch(url)
        return _join("https", match[1], match[2]) if match and not url.startswith(("/", ".")) else ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not host or scheme.lower() not in _SSH | _WEB:
        return ""
    if ":" in host:
        host = f"[{host}]"
    if scheme.lower() in _SSH:
        return _join("https", host, parts.path)
    return _join(scheme.lower(), host + (f":{port}" if port else ""), parts.path)


def _join(scheme: str, host: str, path: str) -> str:
    path = path.partition("?")[0].partition("#")[0].strip("/").removesuffix(".git").rstrip("/")
    return f"{scheme}://{host.lower()}/{path}"
